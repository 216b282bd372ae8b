import { type Problem, problem } from '../nodes/problem.ts';
import type { FileKind } from './recognise-file.ts';

const CONVERT =
  'Take the .safetensors version of the same model, or convert it once where it cannot harm you: python -c "import sys,torch,' +
  "safetensors.torch as s; d=torch.load(sys.argv[1],map_location='cpu',weights_only=True); d=d.get('state_dict',d); " +
  's.save_file({k:v.clone() for k,v in d.items() if torch.is_tensor(v)},sys.argv[2])" model.ckpt model.safetensors';

/** Says what a file is that was opened as a safetensors file and is none, and what to do about it. */
export function explainWrongFile(path: string, kind: FileKind): Problem {
  switch (kind) {
    case 'torchZip':
    case 'pickle':
      return problem(
        'model.unsafe',
        `${path} is a PyTorch pickle. Pickles can run code while they load, so they are never opened. ${CONVERT}`,
      );
    case 'zip':
    case 'archive':
      return problem('model.unsupported', `${path} is a packed archive, not a safetensors file. Unpack it and open what is inside.`);
    case 'gguf':
      return problem(
        'model.unsupported',
        `${path} is a GGUF file (quantised, for stable-diffusion.cpp or llama.cpp). Take the .safetensors version of the same model.`,
      );
    case 'hdf5':
      return problem('model.unsupported', `${path} is an HDF5 file (Keras). Take the .safetensors version of the same model.`);
    case 'onnx':
      return problem(
        'model.unsupported',
        `${path} is an ONNX model, but a safetensors file is wanted here. Choose the .safetensors file; of a pipeline in ONNX the folder above unet, and put a picture through a single network with Run ONNX Model.`,
      );
    case 'picture':
      return problem('model.unsupported', `${path} is a picture, but a safetensors file is wanted here. Choose the model instead.`);
    case 'html':
      return problem(
        'file.damaged',
        `${path} is a web page, not a model: the download was answered with a page (often a login or licence page). Sign in and download it again.`,
      );
    case 'gitLfsPointer':
      return problem(
        'file.damaged',
        `${path} is a Git LFS pointer, not the model itself. Run "git lfs pull" in that folder, or download the file on its own.`,
      );
    case 'json':
      return problem(
        'file.damaged',
        `${path} is JSON text, not a model. If it came from a download, the server answered with an error: open it in an editor to read it, then download again.`,
      );
    case 'empty':
      return problem('file.damaged', `${path} is empty. Download or copy it again.`);
    case 'zeros':
      return problem(
        'file.damaged',
        `${path} begins with zeros only: the download reserved the space and never finished. Download it again.`,
      );
    case 'safetensors':
    case 'unknown':
      return problem(
        'file.damaged',
        `${path} does not begin like a safetensors file. Download or export it again, and check its size against the source.`,
      );
    default: {
      const never: never = kind;
      throw new Error(`unknown file kind ${String(never)}`);
    }
  }
}
