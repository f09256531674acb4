/** Single-character edits (insert, drop, replace, swap neighbours) between two short words. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, before[j - 2]! + 1);
      next.push(best);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}

const canonical = (word: string): string => word.toLowerCase().replace(/[_\-.]/g, "");

const considered = 2000;

/** The known name that was probably meant, if one is near enough. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const most = name.length <= 2 ? 1 : Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  let least = most + 1;
  let count = 0;
  for (const candidate of known) {
    if (++count > considered || name.length > 40) break;
    if (Math.abs(candidate.length - name.length) >= least + 2) continue;
    const edits =
      canonical(candidate) === canonical(name) && candidate !== name
        ? 0.5
        : distance(name, candidate);
    if (edits < least && edits < name.length) [best, least] = [candidate, edits];
  }
  return best;
}

/** `'a', 'b' and 'c'`; long lists cut. */
export function enumerate(names: readonly string[], most = 12): string {
  const shown = names.slice(0, most).map((name) => `'${name}'`);
  if (names.length > most) return `${shown.join(", ")} and ${names.length - most} more`;
  if (shown.length < 2) return shown.join("");
  return `${shown.slice(0, -1).join(", ")} and ${shown[shown.length - 1]}`;
}
