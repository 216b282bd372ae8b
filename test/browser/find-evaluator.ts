import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The process that computes, as a child of the host's. */
export async function findEvaluator(host: number | undefined): Promise<number> {
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(host), '-f', 'evaluator']);
  return Number(stdout.trim());
}
