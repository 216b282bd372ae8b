import { COMFY_WORKFLOW } from '../graphs/explain-foreign.ts';
import { recognisePicture } from './picture-header.ts';
import { pngChunks } from './png-chunks.ts';

/** How ComfyUI's text chunks begin, plain (tEXt) or with an empty language and no compression (iTXt). */
const COMFY_TEXT = /^(?:workflow|prompt)\0(?:\0\0\0\0)?\s*\{/;

/** Says why a picture that was opened for its graph has none, as far as the file tells. */
export function explainBarePicture(name: string, bytes: Uint8Array): string {
  const isPng = recognisePicture(bytes) === 'png';
  const chunks = isPng ? [...pngChunks(bytes)] : [];
  if (chunks.some((chunk) => (chunk.name === 'tEXt' || chunk.name === 'iTXt') && COMFY_TEXT.test(latin1(chunk.data.subarray(0, 40))))) {
    return `${name} is a picture that carries ${COMFY_WORKFLOW}.`;
  }
  const what = `${name} is a picture without a graph in it`;
  if (isPng && chunks.at(-1)?.name !== 'IEND') return `${what}: the file ends before the picture does. Copy or download it again.`;
  return `${what}. Pictures that Emulsion saves carry theirs, unless a program has removed it since.`;
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}
