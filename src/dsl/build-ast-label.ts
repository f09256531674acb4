import type { CstNode, IToken } from "chevrotain";
import type { Expression, Identifier, Label, StringLiteral } from "./ast.js";
import type { BuildContext } from "./build-ast-context.js";
import { spanOfToken, token } from "./cst.js";
import { decodeEscapes } from "./text-escapes.js";
import { isTerminated } from "./token-patterns.js";

/** A token as a name. */
export function buildIdentifier(context: BuildContext, at: IToken): Identifier {
  return { text: at.image, span: spanOfToken(context.file, at) };
}

/** A string with its escapes decoded; bad ones are reported where they stand. */
export function buildString(context: BuildContext, at: IToken): StringLiteral {
  const span = spanOfToken(context.file, at);
  const [start, end] = innerRange(at);
  const value = decodeEscapes(context, at.image.slice(start, end), span.start + start);
  return { kind: "string", value, span };
}

/** A label: a word, or a string cut at its `{expr}` parts. A brace that is meant as such is `\u007b`. */
export function buildLabel(context: BuildContext, at: CstNode): Label | undefined {
  const word = token(at, "Word");
  if (word) {
    return { parts: [word.image], quoted: false, span: spanOfToken(context.file, word) };
  }
  const text = token(at, "Text");
  if (!text) return undefined;
  return { parts: splitLabel(context, text), quoted: true, span: spanOfToken(context.file, text) };
}

function splitLabel(context: BuildContext, at: IToken): (string | Expression)[] {
  const [first, end] = innerRange(at);
  const parts: (string | Expression)[] = [];
  const literal = (from: number, to: number) => {
    if (from < to) {
      parts.push(decodeEscapes(context, at.image.slice(from, to), at.startOffset + from));
    }
  };
  let from = first;
  for (
    let open = nextBrace(at.image, from, end);
    open < end;
    open = nextBrace(at.image, from, end)
  ) {
    literal(from, open);
    const close = closingBrace(at.image, open, end);
    from = close + 1;
    if (at.image[open] === "}" || close >= end) {
      reportBrace(context, at, open);
      continue;
    }
    const start = at.startOffset + open + 1;
    const inner = context.parseInterpolation({
      file: context.file,
      start,
      end: at.startOffset + close,
    });
    if (inner) parts.push(inner);
  }
  literal(Math.min(from, end), end);
  return parts.length > 0 ? parts : [""];
}

function reportBrace(context: BuildContext, at: IToken, offset: number): void {
  const start = at.startOffset + offset;
  const brace = at.image[offset] === "}" ? "}" : "{";
  const span = { file: context.file, start, end: start + 1 };
  context.report.add("unmatched-brace-in-label", { brace }, { span });
}

/** Where the text between the quotes begins and ends; the closing quote may be missing. */
function innerRange(at: IToken): [number, number] {
  return [1, isTerminated(at.image) ? at.image.length - 1 : at.image.length];
}

function nextBrace(text: string, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "{" || text[at] === "}") return at;
  }
  return end;
}

function closingBrace(text: string, open: number, end: number): number {
  if (text[open] === "}") return open;
  let depth = 0;
  for (let at = open; at < end; at++) {
    if (text[at] === "{") depth++;
    if (text[at] === "}" && --depth === 0) return at;
  }
  return end;
}
