import { type IToken, Lexer, tokenMatcher } from "chevrotain";
import type { Report } from "../diagnostics/report.js";
import { spanOfToken } from "./cst.js";
import { maxTokens } from "./limits.js";
import { isTerminated } from "./token-patterns.js";
import * as t from "./tokens.js";

/** A file's tokens; those that are wrong in themselves were reported, and read as what was meant. */
export interface TokenStream {
  readonly tokens: IToken[];
  readonly comments: readonly IToken[];
}

let lexer: Lexer | undefined;

/** Cuts a text into tokens. */
export function tokenize(text: string): ReturnType<Lexer["tokenize"]> {
  lexer ??= new Lexer(t.vocabulary, { ensureOptimizations: true, skipValidations: true });
  return lexer.tokenize(text);
}

/** A text, or a part of it that begins at an offset. */
export interface TextPart {
  readonly file: string;
  readonly text: string;
  readonly offset: number;
}

/** Cuts a text into tokens with places in the whole text, and reports what is wrong in single ones. */
export function readTokens(part: TextPart, report: Report): TokenStream | undefined {
  const { tokens, groups, errors } = tokenize(part.text);
  const comments: IToken[] = groups.comments ?? [];
  for (const token of [tokens, comments].flat()) shift(token, part.offset);
  if (tokens.length > maxTokens) {
    const span = spanOfToken(part.file, tokens[maxTokens]!);
    report.add("too-many-tokens", { limit: maxTokens }, { span });
    return undefined;
  }
  for (const { offset, length } of errors) reportCharacters(part, offset, length, report);
  for (const token of tokens) checkToken(part.file, token, report);
  for (const comment of comments) checkComment(part.file, comment, report);
  return { tokens, comments };
}

function shift(token: IToken, offset: number): void {
  token.startOffset += offset;
  if (token.endOffset !== undefined) token.endOffset += offset;
}

const characterHints: readonly (readonly [RegExp, string])[] = [
  [/^['`‘’“”]/, 'strings stand in double quotes: "…"'],
  [/^#/, "a comment begins with //"],
  [/^[\u00a0\u2000-\u200b\u202f\u3000]/, "it looks like a space; write a plain one"],
  [/^\ufeff/, "a byte-order mark may stand at the start of a file only"],
  [/^[–—−]/, "write a plain '-'"],
  [/^\|/, "write 'or' for a choice of truths, '->' to pass a value on"],
  [/^&/, "write 'and'"],
];

function reportCharacters(part: TextPart, at: number, length: number, report: Report): void {
  const written = part.text.slice(at, at + length);
  const hint = characterHints.find(([pattern]) => pattern.test(written))?.[1];
  const first = String.fromCodePoint(written.codePointAt(0)!);
  const character = describeCharacter(first);
  const start = part.offset + at;
  const span = { file: part.file, start, end: start + length };
  report.add("unexpected-character", { character, hint }, { span });
}

/** A character as a message shows it: those that cannot be seen by their number. */
function describeCharacter(character: string): string {
  const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  if (/[\p{C}\p{Z}]/u.test(character)) return `character U+${code}`;
  return character > "~" ? `character '${character}' (U+${code})` : `character '${character}'`;
}

function checkToken(file: string, token: IToken, report: Report): void {
  const span = spanOfToken(file, token);
  if (token.tokenType === t.Text && !isTerminated(token.image)) {
    report.add("unterminated-string", {}, { span });
  } else if (token.tokenType === t.BadNumber) {
    report.add("bad-number", { text: clip(token.image), hint: numberHint(token.image) }, { span });
  } else {
    const foreign = t.foreignTokens.find(({ type }) => type === token.tokenType);
    if (foreign) {
      report.add("foreign-operator", { found: token.image, instead: foreign.instead }, { span });
    }
  }
}

function numberHint(text: string): string | undefined {
  if (/^\d+(x\d+){2,}$/.test(text))
    return "a size is height x width; write deeper shapes as a list";
  if (/^\d+X\d+$/.test(text)) return `write ${text.toLowerCase()}`;
  if (/^[\d_]+$/.test(text)) return "an underscore stands between two digits";
  const unit = /^[\d.]+(px|f|d|u|n|L)$/.exec(text)?.[1];
  return unit && `leave out '${unit}'`;
}

function checkComment(file: string, token: IToken, report: Report): void {
  const isOpen =
    token.image.startsWith("/*") && (token.image.length < 4 || !token.image.endsWith("*/"));
  if (!isOpen) return;
  const { start } = spanOfToken(file, token);
  report.add("unterminated-comment", {}, { span: { file, start, end: start + 2 } });
}

/** What a token is called in a message. */
export function describeToken(token: IToken): string {
  if (token.image === "") return "the end of the file";
  if (tokenMatcher(token, t.Text)) return `the string ${clip(token.image)}`;
  return `'${clip(token.image)}'`;
}

/** A text that is short enough for a message. */
function clip(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 37)}…`;
}
