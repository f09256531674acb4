/** How many names are compared with one: a suggestion is not worth more time. */
const mostCompared = 500;

/**
 * The candidate that a name was probably meant to be; undefined when none is near. Names that end in
 * the same component (`.weight`) are nearer than others.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const most = Math.max(2, Math.floor(name.length / 3));
  let best: string | undefined;
  let least = most + 1;
  const near = candidates.filter((other) => Math.abs(other.length - name.length) <= most);
  for (const other of near.slice(0, mostCompared)) {
    if (bare(other) === bare(name)) return other;
    const edits = distance(name, other) + (lastPart(other) === lastPart(name) ? 0 : 1);
    if (edits < least) [best, least] = [other, edits];
  }
  return best;
}

/** A name without what is easily mistaken. */
const bare = (name: string): string => name.toLowerCase().replace(/[-_.]/g, "");

const lastPart = (path: string): string => path.slice(path.lastIndexOf(".") + 1);

/** Characters to insert, drop or replace to turn one text into the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = row[j]! + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
