/**
 * What can go wrong and is expected to. The part before the dot says whose fault it is, and with it the exit code of the
 * command line: graph 1, file and model 2, node and run 3.
 */
export type ProblemCode =
  // the graph document
  | 'graph.damaged'
  | 'graph.newerVersion'
  | 'graph.unknownNode'
  | 'graph.unknownSocket'
  | 'graph.unknownParam'
  | 'graph.invalidParam'
  | 'graph.danglingEdge'
  | 'graph.duplicateInput'
  | 'graph.cycle'
  | 'graph.missingInput'
  | 'graph.typeMismatch'
  | 'graph.noSuchNode'
  | 'graph.commandRefused'
  // files
  | 'file.missing'
  | 'file.unreadable'
  | 'file.damaged'
  | 'file.unsupported'
  | 'file.outside'
  | 'file.writeFailed'
  | 'file.diskFull'
  | 'file.changed'
  | 'file.exists'
  // models
  | 'model.missing'
  | 'model.damaged'
  | 'model.unsafe'
  | 'model.unsupported'
  | 'model.wrongFamily'
  | 'model.missingTensor'
  | 'model.wrongShape'
  | 'model.config'
  | 'model.tokenizer'
  // parameters with rules of their own
  | 'scheduler.unknown'
  | 'scheduler.option'
  | 'seed.invalid'
  // while running
  | 'node.failed'
  | 'node.threw'
  | 'node.invalidInput'
  | 'run.evaluatorDied'
  | 'run.outOfMemory'
  | 'run.busy'
  | 'run.unknown'
  | 'device.unavailable'
  // the contract between processes
  | 'contract.invalid'
  | 'contract.unknownCall'
  | 'contract.closed'
  | 'contract.refused';

/** Expected trouble as data: crosses processes unchanged and is shown to people as it is. */
export interface Problem {
  readonly code: ProblemCode;
  /** `error`: certainly wrong. `warning`: worth knowing, nothing stops. */
  readonly severity: 'error' | 'warning';
  /** One or two sentences: what was wanted, what came, what to do. */
  readonly message: string;
  readonly nodeId?: string;
  /** Name of the input, output or parameter it is about. */
  readonly socket?: string;
  /** Where in a document or config, e.g. `nodes.sampler.params.steps`. */
  readonly path?: string;
}

/** A value, or the problem that kept it from being. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

/** Makes a problem of severity `error`. */
export function problem(code: ProblemCode, message: string, where: Omit<Problem, 'code' | 'message' | 'severity'> = {}): Problem {
  return { code, severity: 'error', message, ...where };
}

/** Makes a problem of severity `warning`. */
export function warning(code: ProblemCode, message: string, where: Omit<Problem, 'code' | 'message' | 'severity'> = {}): Problem {
  return { code, severity: 'warning', message, ...where };
}

/** Wraps a value as a success. */
export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** Wraps an expected failure; takes a problem, or a code and a sentence. */
export function fail<T = never>(what: Problem): Result<T>;
export function fail<T = never>(code: ProblemCode, message: string, where?: Omit<Problem, 'code' | 'message' | 'severity'>): Result<T>;
export function fail<T = never>(
  what: Problem | ProblemCode,
  message = '',
  where: Omit<Problem, 'code' | 'message' | 'severity'> = {},
): Result<T> {
  return { ok: false, problem: typeof what === 'string' ? problem(what, message, where) : what };
}
