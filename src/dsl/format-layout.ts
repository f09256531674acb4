/**
 * Text with the places where lines may break, and the printer that decides which of them do: a
 * group stays on its line when it fits there, else all breaks directly in it are taken.
 */
export type Layout =
  | string
  | {
      readonly kind: "line";
      readonly flat: string;
      readonly hard: boolean;
      readonly blank: boolean;
    }
  | { readonly kind: "suffix"; readonly text: string }
  | { readonly kind: "comment"; readonly text: string; readonly ownLine: boolean }
  | { readonly kind: "broken"; readonly text: string }
  | Composite;

interface Composite {
  readonly kind: "concat" | "indent" | "group" | "tall";
  readonly parts: readonly Layout[];
  /** Whether a comment in it takes a line, so that the groups around it must break. */
  readonly breaks: boolean;
  /** Whether a comment in it moves to the end of its line. */
  readonly hasSuffix: boolean;
  /** Whether it takes several lines in any case. */
  readonly isTall: boolean;
  /** Whether a group's breaks are taken in any case. */
  readonly isBroken?: true;
}

const lineWidth = 100;

export const line: Layout = { kind: "line", flat: " ", hard: false, blank: false };
export const softLine: Layout = { kind: "line", flat: "", hard: false, blank: false };
export const hardLine: Layout = { kind: "line", flat: "", hard: true, blank: false };
export const blankLine: Layout = { kind: "line", flat: "", hard: true, blank: true };

/** A break that is this text when it is not taken. */
export const lineOr = (flat: string): Layout => ({ kind: "line", flat, hard: false, blank: false });

/** Text that moves to the end of its line: a comment that ends there. */
export const suffix = (text: string): Layout => ({ kind: "suffix", text });

/** Text that stands only when the group around it breaks. */
export const ifBroken = (text: string): Layout => ({ kind: "broken", text });

export const concat = (...parts: readonly Layout[]): Layout => compose("concat", parts);
export const indent = (...parts: readonly Layout[]): Layout => compose("indent", parts);
export const group = (...parts: readonly Layout[]): Layout => compose("group", parts);

/** Lines that are broken whatever stands around them, and that do not break what does. */
export const tall = (...parts: readonly Layout[]): Layout => ({
  kind: "tall",
  parts,
  breaks: false,
  hasSuffix: false,
  isTall: true,
});

/** A group whose breaks are taken in any case. */
export const brokenGroup = (...parts: readonly Layout[]): Layout => ({
  kind: "group",
  parts,
  breaks: false,
  hasSuffix: parts.some(hasSuffix),
  isTall: true,
  isBroken: true,
});

/** A comment between tokens; the caller breaks before and after one that has its own line. */
export const commentAt = (text: string, ownLine: boolean): Layout => ({
  kind: "comment",
  text,
  ownLine,
});

export function isTall(layout: Layout): boolean {
  if (typeof layout === "string") return false;
  return layout.kind === "comment" ? layout.ownLine : "isTall" in layout && layout.isTall;
}

export function breaks(layout: Layout): boolean {
  if (typeof layout === "string") return false;
  return layout.kind === "comment" ? layout.ownLine : "breaks" in layout && layout.breaks;
}

export function hasSuffix(layout: Layout): boolean {
  if (typeof layout === "string") return false;
  return layout.kind === "suffix" || ("hasSuffix" in layout && layout.hasSuffix);
}

function compose(kind: Composite["kind"], parts: readonly Layout[]): Layout {
  const ownBreak = parts.some(breaks);
  const hard = parts.some((part) => typeof part !== "string" && part.kind === "line" && part.hard);
  return {
    kind,
    parts,
    breaks: ownBreak,
    hasSuffix: parts.some(hasSuffix),
    isTall: hard || ownBreak || parts.some(isTall),
  };
}

const staysBroken = (layout: Composite): boolean => layout.breaks || layout.isBroken === true;

interface Command {
  readonly depth: number;
  readonly flat: boolean;
  readonly layout: Layout;
}

/** The layout as text, ending in a line break. */
export function render(layout: Layout, width = lineWidth): string {
  return new Printer(width).print(layout);
}

class Printer {
  readonly #lines: string[] = [];
  #text = "";
  #column = 0;
  #suffixes = "";
  readonly #waiting: Command[] = [];

  constructor(readonly width: number) {}

  print(layout: Layout): string {
    this.#waiting.push({ depth: 0, flat: false, layout });
    for (let next = this.#waiting.pop(); next; next = this.#waiting.pop()) this.#step(next);
    this.#newLine(0, false);
    return `${this.#lines.join("\n")}\n`;
  }

  #step({ depth, flat, layout }: Command): void {
    if (typeof layout === "string") this.#write(layout);
    else if (layout.kind === "suffix" || layout.kind === "comment") this.#comment(depth, layout);
    else if (layout.kind === "broken") this.#write(flat ? "" : layout.text);
    else if (layout.kind === "line") {
      if (flat && !layout.hard) this.#write(layout.flat);
      else this.#newLine(depth, layout.blank);
    } else {
      const isIndented = layout.kind === "indent" && !flat;
      this.#push(isIndented ? depth + 1 : depth, this.#isFlat(layout, flat), layout);
    }
  }

  /** Comments keep their order: one that would pass another at the end of the line begins a new line. */
  #comment(depth: number, { kind, text }: { kind: "suffix" | "comment"; text: string }): void {
    if (this.#suffixes.includes("//")) this.#newLine(depth, false);
    if (kind === "suffix") this.#suffixes += text;
    else this.#write(text);
  }

  /** Whether the breaks directly in a part stay untaken. */
  #isFlat(layout: Composite, flat: boolean): boolean {
    if (layout.kind === "tall") return false;
    if (layout.kind !== "group") return flat;
    return !staysBroken(layout) && (flat || this.#fits(layout.parts));
  }

  #push(depth: number, flat: boolean, { parts }: Composite): void {
    for (let i = parts.length - 1; i >= 0; i--) {
      this.#waiting.push({ depth, flat, layout: parts[i]! });
    }
  }

  #write(text: string): void {
    this.#text += text;
    this.#column += text.length;
  }

  #newLine(depth: number, blank: boolean): void {
    this.#lines.push(`${this.#text.trimEnd()}${this.#suffixes}`);
    if (blank) this.#lines.push("");
    this.#text = "  ".repeat(depth);
    this.#suffixes = "";
    this.#column = depth * 2;
  }

  /** Whether parts fit on the current line, with what follows up to the next possible break. */
  #fits(parts: readonly Layout[]): boolean {
    let room = this.width - this.#column;
    const inner: { flat: boolean; layout: Layout }[] = [];
    const push = (flat: boolean, all: readonly Layout[]) => {
      for (let i = all.length - 1; i >= 0; i--) inner.push({ flat, layout: all[i]! });
    };
    push(true, parts);
    for (let rest = this.#waiting.length; room >= 0; ) {
      const next = inner.pop() ?? this.#waiting[--rest];
      if (!next) return true;
      const { layout, flat } = next;
      if (typeof layout === "string") room -= layout.length;
      else if (layout.kind === "comment") room -= layout.text.length;
      else if (layout.kind === "line") {
        if (!flat || layout.hard) return true;
        room -= layout.flat.length;
      } else if (layout.kind === "broken") room -= flat ? 0 : layout.text.length;
      else if (layout.kind === "group") push(!staysBroken(layout) && flat, layout.parts);
      else if (layout.kind === "tall") push(false, layout.parts);
      else if (layout.kind !== "suffix") push(flat, layout.parts);
    }
    return false;
  }
}
