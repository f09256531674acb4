/** Gives names that nothing else has: a wish, or the wish with a number behind, from 2. */
export class FreeNames {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  take(wish: string): string {
    let name = wish;
    for (let n = 2; this.#taken.has(name); n++) {
      name = /[0-9]$/.test(wish) ? `${wish}_${n}` : `${wish}${n}`;
    }
    this.#taken.add(name);
    return name;
  }

  /** The wish with the first number that is free, from 1. */
  takeNumbered(wish: string): string {
    let n = 1;
    while (this.#taken.has(`${wish}${n}`)) n++;
    this.#taken.add(`${wish}${n}`);
    return `${wish}${n}`;
  }
}

/** What is left of a text as a name: letters, digits and underscores, no digit in front. */
export function asWord(text: string, fallback: string): string {
  const word = text.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^_+|_+$/g, "");
  if (word === "") return fallback;
  return /^[0-9]/.test(word) ? `${fallback}${word}` : word;
}

/** What is left of a text as a path of words: `layer1.0.conv1`; undefined where nothing is. */
export function asPath(text: string): string | undefined {
  const parts = text
    .split(/[./:]+/)
    .map((part) => part.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^_+|_+$/g, ""))
    .filter((part) => part !== "");
  if (parts.length === 0) return undefined;
  const path = parts.join(".");
  return /^[0-9]+$/.test(path) ? `stage${path}` : path;
}
