import type { IParserErrorMessageProvider, TokenType } from "chevrotain";

const readable: Readonly<Record<string, string>> = {
  Identifier: "a name",
  Word: "a name",
  Integer: "a number",
  Text: "a string",
  EOF: "the end of the file",
};

/** A token type as a message names it. */
function describeTokenType(type: TokenType): string {
  const named = readable[type.name];
  if (named) return named;
  return typeof type.PATTERN === "string" ? `'${type.PATTERN}'` : type.name.toLowerCase();
}

/** The parser's own messages say only what was expected; parse.ts makes the sentence. */
export const expectations: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => describeTokenType(expected),
  buildNotAllInputParsedMessage: () => "the end of the file",
  buildNoViableAltMessage: ({ customUserDescription }) => customUserDescription ?? "something else",
  buildEarlyExitMessage: ({ customUserDescription }) => customUserDescription ?? "something else",
};
