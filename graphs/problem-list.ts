import { type Problem, warning } from '../nodes/problem.ts';

/** Problems in the order they were met; a file with a million mistakes does not make a million sentences. */
export interface ProblemList {
  add(problem: Problem): void;
  /** What was added, and one sentence more if some were too many to be told. */
  finish(): Problem[];
}

/** A list that tells at most `most` problems. */
export function createProblemList(most: number): ProblemList {
  const told: Problem[] = [];
  let untold = 0;
  return {
    add(problem) {
      if (told.length < most) told.push(problem);
      else untold++;
    },
    finish() {
      if (untold === 0) return told;
      return [...told, warning('graph.damaged', `There are ${untold} more problems of this kind; mend these first.`)];
    },
  };
}
