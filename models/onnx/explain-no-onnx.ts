import { type Problem, problem } from '../../nodes/problem.ts';
import { explainWrongFile } from '../explain-wrong-file.ts';
import type { FileKind } from '../recognise-file.ts';

/** Says what a file is that was opened as an ONNX model and is none, and what to do about it. */
export function explainNoOnnx(path: string, kind: Exclude<FileKind, 'onnx'>): Problem {
  switch (kind) {
    case 'safetensors':
      return problem('model.unsupported', `${path} is a safetensors file, but an ONNX model is wanted here. Choose the .onnx file.`);
    case 'torchZip':
    case 'pickle':
      return problem(
        'model.unsafe',
        `${path} is a PyTorch pickle. Pickles can run code while they load, so they are never opened. Take the .onnx version of the same model.`,
      );
    case 'unknown':
      return problem(
        'file.damaged',
        `${path} does not begin like an ONNX model. Download or export it again, and check its size against the source.`,
      );
    case 'picture':
      return problem('model.unsupported', `${path} is a picture, but an ONNX model is wanted here. Choose the model instead.`);
    default: {
      // What remains says nothing of safetensors but its remedies.
      const { code, message } = explainWrongFile(path, kind);
      return problem(code, message.replaceAll('a safetensors file', 'an ONNX model').replaceAll('.safetensors version', '.onnx version'));
    }
  }
}
