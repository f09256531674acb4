/** How many candidates are compared, and how long a name may be: more would cost seconds. */
const mostCompared = 2000;
const longestName = 80;

/** Two names that differ in case and punctuation only are nearer than any other two. */
const spelling = (name: string): string => name.toLowerCase().replace(/[_\-.]/g, "");

const lastPart = (path: string): string => path.slice(path.lastIndexOf(".") + 1);

/**
 * The candidate that a name was most likely meant to be, if one is near enough. Of paths, those that
 * end in the same component (`.weight`) are nearer than others.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > longestName) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  let count = 0;
  for (const candidate of candidates) {
    if (++count > mostCompared) break;
    if (candidate === name || Math.abs(candidate.length - name.length) >= least + 2) continue;
    const edits = distance(name, candidate);
    if (edits < least && edits < name.length) [best, least] = [candidate, edits];
  }
  return best;
}

/** Edits between two names: less than one when only spelling differs, a half more for another end. */
function distance(name: string, candidate: string): number {
  if (spelling(candidate) === spelling(name)) return 0.25;
  const isPath = name.includes(".") && candidate.includes(".");
  const endsElse = isPath && lastPart(candidate) !== lastPart(name);
  return editDistance(name, candidate) + (endsElse ? 0.5 : 0);
}

/**
 * How many characters must be inserted, removed, replaced or swapped with their neighbour to make
 * one text the other (Damerau-Levenshtein, each place edited once).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, replaced);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) least = Math.min(least, beforeLast[j - 2]! + 1);
      row.push(least);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
