import type { IToken } from "chevrotain";
import type { Comment } from "./ast.js";
import { commentAt, concat, hardLine, hasSuffix, type Layout, suffix } from "./format-layout.js";
import { tokenize } from "./read-tokens.js";

/** A comment, and how it stood in the source. */
interface PlacedComment {
  readonly text: string;
  /** Whether only white space stood before it on its line. */
  readonly ownLine: boolean;
  /** Whether only white space stood after it on its line. */
  readonly endsLine: boolean;
  readonly blankBefore: boolean;
}

/** What stood between two tokens. */
interface Gap {
  readonly comments: readonly PlacedComment[];
  /** Whether an empty line stood right before the token that ends the gap. */
  readonly blankBefore: boolean;
}

/**
 * The source's tokens and the comments between them. The formatter writes the same tokens again,
 * in the same order, and takes the comments of each gap along; commas and semicolons, which it adds
 * and drops itself, are skipped.
 */
export class Gaps {
  readonly #images: readonly string[];
  readonly #gaps: readonly Gap[];
  #next = 0;
  /** Comments that were met and not yet written. */
  #waiting: PlacedComment[] = [];
  #blankBefore = false;

  constructor(text: string, comments: readonly Comment[]) {
    const tokens = tokenize(text).tokens;
    this.#images = tokens.map(({ image }) => image);
    this.#gaps = readGaps(text, tokens, comments);
    this.#load();
  }

  /** The next token, with the comments before it and those after it on its line. */
  token(image: string): Layout {
    const skipped = this.skipped(image);
    const leading = this.#leading(/^[,.:)\]}]$/.test(image));
    this.#advance();
    return concat(skipped, leading, image, this.#trailing());
  }

  /** A separator that may be missing in the source. */
  separator(image: string): Layout {
    const isWritten = this.#images[this.#next] === image;
    return isWritten ? this.token(image) : image;
  }

  /** Passes over commas and semicolons that are not written again; the comments after them. */
  skipped(image = ""): Layout {
    const trailing: Layout[] = [];
    for (let next = this.#images[this.#next]; next === "," || next === ";"; ) {
      if (next === image) break;
      this.#advance();
      trailing.push(this.#trailing());
      next = this.#images[this.#next];
    }
    return concat(...trailing);
  }

  /** The comments before a closing bracket, which the formatter wants inside of it. */
  beforeCloser(): readonly Layout[] {
    const skipped = this.skipped();
    const parts = hasSuffix(skipped) ? [skipped] : [];
    for (const comment of this.#waiting) {
      if (isInline(comment)) parts.push(concat(" ", commentAt(comment.text, false)));
      else parts.push(concat(hardLine, comment.blankBefore ? hardLine : "", lineOf(comment)));
    }
    this.#waiting = [];
    return parts;
  }

  /** Comments before a token: those with a line of their own are ended by a break. */
  #leading(closes: boolean): Layout {
    const parts = this.#waiting.map((comment, i) => {
      const next = this.#waiting[i + 1];
      const blank = next ? next.blankBefore : this.#blankBefore;
      if (isInline(comment))
        return closes
          ? concat(" ", commentAt(comment.text, false))
          : concat(commentAt(comment.text, false), " ");
      return concat(lineOf(comment), hardLine, blank ? hardLine : "");
    });
    this.#waiting = [];
    return concat(...parts);
  }

  /** Whether an empty line stood before what comes next. */
  get blankBefore(): boolean {
    return this.#waiting[0]?.blankBefore ?? this.#blankBefore;
  }

  /** Whether comments wait to be written. */
  get hasComments(): boolean {
    return this.#waiting.length > 0;
  }

  #advance(): void {
    this.#next++;
    this.#load();
  }

  #load(): void {
    const gap = this.#gaps[this.#next];
    if (!gap) return;
    this.#waiting.push(...gap.comments);
    this.#blankBefore = gap.blankBefore;
  }

  /** Comments that stand on the line of the token just written. */
  #trailing(): Layout {
    const parts: Layout[] = [];
    for (let first = this.#waiting[0]; first && !first.ownLine && first.endsLine; ) {
      parts.push(suffix(` ${first.text.trimEnd()}`));
      this.#waiting.shift();
      first = this.#waiting[0];
    }
    return concat(...parts);
  }
}

/** A block comment with something beside it. */
const isInline = ({ text, ownLine, endsLine }: PlacedComment): boolean =>
  !text.startsWith("//") && !(ownLine && endsLine);

const lineOf = ({ text }: PlacedComment): Layout => commentAt(text.trimEnd(), true);

function readGaps(text: string, tokens: readonly IToken[], comments: readonly Comment[]): Gap[] {
  const gaps: Gap[] = [];
  let [comment, end] = [0, 0];
  for (let i = 0; i <= tokens.length; i++) {
    const start = tokens[i]?.startOffset ?? text.length;
    const placed: PlacedComment[] = [];
    for (
      let next = comments[comment];
      next && next.span.start < start;
      next = comments[++comment]
    ) {
      placed.push(place(text, next, end));
      end = next.span.end;
    }
    gaps.push({ comments: placed, blankBefore: isBlank(text.slice(end, start)) });
    end = start + (tokens[i]?.image.length ?? 0);
  }
  return gaps;
}

function place(text: string, { span, text: written }: Comment, end: number): PlacedComment {
  const before = text.slice(end, span.start);
  return {
    text: written,
    ownLine: end === 0 || /[\r\n]/.test(before),
    endsLine: /^[ \t]*(?:[\r\n]|$)/.test(text.slice(span.end, span.end + 1000)),
    blankBefore: end > 0 && isBlank(before),
  };
}

/** Whether white space holds an empty line. */
function isBlank(space: string): boolean {
  return (space.match(/\r\n|\n|\r/g)?.length ?? 0) > 1;
}
