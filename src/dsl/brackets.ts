import { createTokenInstance, type IToken, type TokenType } from "chevrotain";
import type { Span } from "../diagnostics/diagnostic.js";
import type { Report } from "../diagnostics/report.js";
import { spanOfToken } from "./cst.js";
import { maxOpenBrackets } from "./limits.js";
import { describeToken } from "./read-tokens.js";
import * as t from "./tokens.js";

/** Tokens whose brackets all have partners, and where partners had to be made up. */
interface BalancedTokens {
  readonly tokens: IToken[];
  /** Ranges in which the parser's complaints are only consequences. */
  readonly doubtful: readonly { readonly start: number; readonly end: number }[];
}

const closerOf = new Map<TokenType, TokenType>([
  [t.OpenBrace, t.CloseBrace],
  [t.OpenParen, t.CloseParen],
  [t.OpenBracket, t.CloseBracket],
]);

const closers: ReadonlySet<TokenType> = new Set(closerOf.values());

/**
 * Gives every bracket its partner, so that one forgotten bracket is one error and the parser finds
 * its way: missing closers are added, closers without an opener dropped, both reported. Undefined
 * when brackets are nested deeper than the limit.
 */
export function balanceBrackets(
  file: string,
  tokens: readonly IToken[],
  end: number,
  report: Report,
): BalancedTokens | undefined {
  const balance = new Balance(file, report);
  for (const [i, token] of tokens.entries()) {
    if (closerOf.has(token.tokenType)) balance.open(token);
    else if (closers.has(token.tokenType)) balance.close(token);
    else {
      if (beginsDefinition(token, tokens[i + 1])) balance.closeAll(token, token.startOffset);
      balance.kept.push(token);
    }
    if (balance.depth > maxOpenBrackets) {
      const span = spanOfToken(file, token);
      report.add("too-many-open-brackets", { limit: maxOpenBrackets }, { span });
      return undefined;
    }
  }
  balance.closeAll(undefined, end);
  return { tokens: balance.kept, doubtful: balance.doubtful };
}

/** `block Name` and `model Name` stand outside of all brackets; with a colon they are labels. */
function beginsDefinition(token: IToken, next: IToken | undefined): boolean {
  const isDefinition = token.tokenType === t.Block || token.tokenType === t.Model;
  return isDefinition && next?.tokenType === t.Identifier;
}

class Balance {
  readonly kept: IToken[] = [];
  readonly doubtful: { start: number; end: number }[] = [];
  readonly #open: { token: IToken; at: number }[] = [];

  constructor(
    readonly file: string,
    readonly report: Report,
  ) {}

  get depth(): number {
    return this.#open.length;
  }

  open(token: IToken): void {
    this.#open.push({ token, at: this.kept.length });
    this.kept.push(token);
  }

  /** Closes what the token closes; what was opened since then and left open is reported. */
  close(token: IToken): void {
    const partner = this.#open.findLastIndex(
      (open) => closerOf.get(open.token.tokenType) === token.tokenType,
    );
    if (partner < 0) {
      const span = spanOfToken(this.file, token);
      this.report.add("unopened-bracket", { bracket: token.image }, { span });
      return;
    }
    while (this.#open.length > partner + 1) this.#closeInner(token, token.startOffset);
    this.#open.pop();
    this.kept.push(token);
  }

  /** Closes everything that is open before a place where nothing can be. */
  closeAll(before: IToken | undefined, offset: number): void {
    while (this.#open.length > 0) this.#closeInner(before, offset);
  }

  #closeInner(before: IToken | undefined, offset: number): void {
    const { token, at } = this.#open.pop()!;
    const type = closerOf.get(token.tokenType)!;
    const place = this.#placeOfCloser(token, at);
    const next = this.kept[place] ?? before;
    const found = next ? describeToken(next) : "the end of the file";
    const where = next
      ? spanOfToken(this.file, next)
      : { file: this.file, start: offset, end: offset };
    this.#report(token, found, where);
    if (type !== t.CloseBrace) this.doubtful.push({ start: token.startOffset, end: where.start });
    this.kept.splice(place, 0, missing(type, where.start));
  }

  #report(opener: IToken, found: string, span: Span): void {
    const bracket = opener.image;
    const notes = [
      { message: `'${bracket}' was opened here`, span: spanOfToken(this.file, opener) },
    ];
    this.report.add("unclosed-bracket", { bracket, found }, { span, notes });
  }

  /** A missing `)` or `]` is most likely meant at the end of its line, a `}` where it was missed. */
  #placeOfCloser(opener: IToken, at: number): number {
    if (opener.tokenType === t.OpenBrace) return this.kept.length;
    let place = at + 1;
    while (this.kept[place]?.startLine === opener.startLine) place++;
    return place === at + 1 ? this.kept.length : place;
  }
}

function missing(type: TokenType, offset: number): IToken {
  return createTokenInstance(type, "", offset, offset - 1, 0, 0, 0, 0);
}
