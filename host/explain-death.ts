import { type Problem, problem } from '../nodes/problem.ts';
import type { EvaluatorDeath } from './evaluator-process.ts';

const HEAP_EXHAUSTED = /JavaScript heap out of memory|Reached heap limit|Allocation failed/;
const NATIVE_EXHAUSTED = /bad_alloc|failed to allocate|cannot allocate memory/i;
/** A frame of a native or JavaScript stack, or the rule above it. */
const STACK_LINE = /^(\d+: |at |-----|Node\.js v\d)/;

/** How a mistake in native code ends a process. */
const CRASHES: readonly string[] = ['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP'];
const ADVICE = 'Make the picture or the batch smaller, close other programs, or load models with less memory (--memory streaming).';
const AFTER = 'Nothing else is lost; the next run starts a new one.';

/** The sentence about an evaluator process that ended by itself. `nodeTitle`: what it was working on. */
export function explainDeath(death: EvaluatorDeath, nodeTitle: string | undefined): Problem {
  const doing = nodeTitle === undefined ? '' : ` while ${nodeTitle} was running`;
  if (HEAP_EXHAUSTED.test(death.stderrTail) || NATIVE_EXHAUSTED.test(death.stderrTail)) {
    return problem('run.outOfMemory', `Memory ran out${doing}, and the process that computes had to end. ${ADVICE}`);
  }
  if (death.oomKilled && death.signal === 'SIGKILL') {
    return problem('run.outOfMemory', `Memory ran out${doing}: the system ended the process that computes. ${ADVICE}`);
  }
  if (death.duringStart) {
    return problem(
      'run.evaluatorDied',
      `The process that computes could not start (${lastWords(death)}). Run npm ci to mend the installation.`,
    );
  }
  if (death.signal === 'SIGKILL') {
    const sentence = `The process that computes was killed from outside${doing}, possibly because the system ran out of memory. ${AFTER}`;
    return problem('run.evaluatorDied', sentence);
  }
  const how = death.signal !== null && CRASHES.includes(death.signal) ? 'crashed' : 'ended unexpectedly';
  return problem('run.evaluatorDied', `The process that computes ${how}${doing} (${lastWords(death)}). ${AFTER}`);
}

/** How it ended, and the line on stderr that looks most like a reason. */
function lastWords(death: EvaluatorDeath): string {
  const how = death.signal === null ? `exit code ${death.exitCode ?? 'unknown'}` : `signal ${death.signal}`;
  const lines = death.stderrTail
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !STACK_LINE.test(line));
  const reason = lines.findLast((line) => /error|terminate called|what\(\)|fault|abort/i.test(line)) ?? lines.at(-1);
  return reason === undefined ? how : `${how}: ${reason.slice(0, 200)}`;
}
