import type { InferenceContext } from '../define-node.ts';

/** Says so where a node that reads a picture has none to read. */
export function refuseNoPicture(context: InferenceContext): void {
  const sentence = `${context.title} has no picture to read. Choose a PNG, JPEG or WebP file in its parameter File.`;
  context.refuse('file', sentence, 'graph.invalidParam');
}
