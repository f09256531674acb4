/** A place in a text as people count: lines and columns from 1, a tab is one column. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A text's lines, found once. */
export class Lines {
  readonly #starts: number[] = [0];

  constructor(readonly text: string) {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const isReturn = code === 0x0d && text.charCodeAt(at + 1) !== 0x0a;
      if (code === 0x0a || isReturn) this.#starts.push(at + 1);
    }
  }

  /** How many lines there are; an empty text has one. */
  get count(): number {
    return this.#starts.length;
  }

  /** The line of an offset, from 1. */
  lineAt(offset: number): number {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** Where a line begins; after a byte-order mark, which takes no column. */
  startOf(line: number): number {
    const start = this.#starts[line - 1] ?? this.text.length;
    return start === 0 && this.text.charCodeAt(0) === 0xfeff ? 1 : start;
  }

  /** A line's text without its end. */
  textOf(line: number): string {
    const end = this.#starts[line] ?? this.text.length;
    return this.text.slice(this.startOf(line), end).replace(/\r?\n$|\r$/, "");
  }

  positionAt(offset: number): Position {
    const line = this.lineAt(offset);
    return { line, column: Math.max(0, offset - this.startOf(line)) + 1 };
  }
}
