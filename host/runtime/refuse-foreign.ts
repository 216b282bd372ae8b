import { fail, type Result } from '../../nodes/problem.ts';

/** The refusal of something that changes a network, for one that somebody else wrote as an ONNX graph. `what`: in the plural. */
export function refuseForeign(name: string, what: string): Result<never> {
  return fail(
    'model.unsupported',
    `${name} comes as ONNX graphs, in which nothing can be changed; ${what} need its weights. Choose the safetensors version of the same model.`,
  );
}
