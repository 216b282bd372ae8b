import { appendTo } from '../../graphs/append-to.ts';
import { quote, shorten } from '../../graphs/node-name.ts';
import type { Problem } from '../../nodes/problem.ts';

/** Each sentence once, however many nodes it is about; one that does not name them itself begins with them. */
export function gatherProblems(problems: readonly Problem[], titleOf: (nodeId: string) => string | undefined): Problem[] {
  const alike = new Map<string, Problem[]>();
  for (const one of problems) appendTo(alike, `${one.severity} ${one.message}`, one);
  return [...alike.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const names = [first, ...more].flatMap(({ nodeId }) => {
      const title = nodeId === undefined ? undefined : titleOf(nodeId);
      return title === undefined || first.message.includes(shorten(title)) ? [] : [`${shorten(title)} ${quote(nodeId ?? '')}`];
    });
    return names.length === 0 ? [first] : [{ ...first, message: `${[...new Set(names)].join(', ')}: ${first.message}` }];
  });
}
