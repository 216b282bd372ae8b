const LONGEST_COMPARED = 64;

/** The few names most like a mistyped one, best first; none when nothing comes near. */
export function nearestNames(wanted: string, names: Iterable<string>, most = 3): string[] {
  const given = wanted.toLowerCase().slice(0, LONGEST_COMPARED);
  const limit = Math.max(2, Math.floor(given.length / 3));
  const near: { name: string; distance: number }[] = [];
  for (const name of names) {
    const lower = name.toLowerCase().slice(0, LONGEST_COMPARED);
    const contained = given.length > 2 && (lower.includes(given) || (lower.length > 2 && given.includes(lower)));
    const distance = lower === given ? 0 : contained ? 1 : editDistance(given, lower, limit);
    if (distance <= limit) near.push({ name, distance });
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  const best = near[0]?.distance ?? 0;
  return near
    .filter((one) => one.distance <= best + 1)
    .slice(0, most)
    .map((one) => one.name);
}

/** The end of a sentence about an unknown name: a suggestion, or what there is. */
export function suggestNames(wanted: string, names: readonly string[], noun: string): string {
  const near = nearestNames(wanted, names);
  if (near.length > 0) return `Did you mean ${near.join(' or ')}?`;
  if (names.length === 0) return `There are no ${noun}.`;
  const shown = names.slice(0, 12).join(', ');
  return `Its ${noun} are ${shown}${names.length > 12 ? ' …' : ''}.`;
}

/** Levenshtein distance (insert, remove, replace); more than `limit` comes back as `limit + 1`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a.charCodeAt(row - 1) === b.charCodeAt(column - 1);
      // Both rows are filled up to here: the loop goes left to right, top to bottom.
      const replaced = (previous[column - 1] ?? 0) + (same ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return Math.min(previous[b.length] ?? 0, limit + 1);
}
