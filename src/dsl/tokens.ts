import { createToken, Lexer, type TokenType } from "chevrotain";
import { matchBlockComment, matchByteOrderMark, matchString } from "./token-patterns.js";

/** Any word that may stand as a label: identifiers, and every keyword but `else`. */
export const Word = createToken({ name: "Word", pattern: Lexer.NA });

export const Identifier = createToken({
  name: "Identifier",
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  categories: [Word],
});

const keyword = (word: string, categories: TokenType[] = [Word]): TokenType =>
  createToken({
    name: word[0]!.toUpperCase() + word.slice(1),
    pattern: word,
    longer_alt: Identifier,
    categories,
  });

export const Import = keyword("import");
export const Const = keyword("const");
export const Block = keyword("block");
export const Model = keyword("model");
export const Input = keyword("input");
export const Output = keyword("output");
export const Weights = keyword("weights");
export const Labels = keyword("labels");
export const Assert = keyword("assert");
export const Optimize = keyword("optimize");
export const Let = keyword("let");
export const If = keyword("if");
export const Else = keyword("else", []);
export const For = keyword("for");
export const In = keyword("in");
export const It = keyword("it");
export const Repeat = keyword("repeat");
export const Residual = keyword("residual");
export const And = keyword("and");
export const Or = keyword("or");
export const Not = keyword("not");
export const True = keyword("true");
export const False = keyword("false");

/** `as` is a word only between an input's label and its alias; elsewhere it is a name. */
export const As = keyword("as", [Identifier]);

const keywords = [
  Import,
  Const,
  Block,
  Model,
  Input,
  Output,
  Weights,
  Labels,
  Assert,
  Optimize,
  Let,
  If,
  Else,
  For,
  In,
  It,
  Repeat,
  Residual,
  And,
  Or,
  Not,
  True,
  False,
];

/** The reserved words, as written. */
export const keywordTexts: ReadonlySet<string> = new Set(
  keywords.map(({ PATTERN }) => `${PATTERN}`),
);

const symbol = (name: string, pattern: string): TokenType => createToken({ name, pattern });

export const Arrow = symbol("Arrow", "->");
export const Range = symbol("Range", "..");
export const Dot = symbol("Dot", ".");
export const Comma = symbol("Comma", ",");
export const Colon = symbol("Colon", ":");
export const Semicolon = symbol("Semicolon", ";");
export const OpenBrace = symbol("OpenBrace", "{");
export const CloseBrace = symbol("CloseBrace", "}");
export const OpenParen = symbol("OpenParen", "(");
export const CloseParen = symbol("CloseParen", ")");
export const OpenBracket = symbol("OpenBracket", "[");
export const CloseBracket = symbol("CloseBracket", "]");
export const Equal = symbol("Equal", "==");
export const NotEqual = symbol("NotEqual", "!=");
export const LessEqual = symbol("LessEqual", "<=");
export const GreaterEqual = symbol("GreaterEqual", ">=");
export const Less = symbol("Less", "<");
export const Greater = symbol("Greater", ">");
export const Assign = symbol("Assign", "=");
export const Plus = symbol("Plus", "+");
export const Minus = symbol("Minus", "-");
export const Star = symbol("Star", "*");
export const Slash = symbol("Slash", "/");
export const Percent = symbol("Percent", "%");

const digits = "[0-9]+(?:_[0-9]+)*";
const ends = "(?![A-Za-z0-9_])";

export const Size = createToken({ name: "Size", pattern: new RegExp(`[0-9]+x[0-9]+${ends}`) });
export const Float = createToken({
  name: "Float",
  pattern: new RegExp(`${digits}(?:\\.${digits}(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)${ends}`),
});
export const Integer = createToken({
  name: "Integer",
  pattern: new RegExp(`${digits}(?![A-Za-z0-9_]|\\.[0-9])`),
});
/** A number with letters after it; stands where an integer may, and is reported. */
export const BadNumber = createToken({
  name: "BadNumber",
  pattern: /[0-9][0-9_]*(?:\.[0-9_]+)?[A-Za-z0-9_]*/,
  categories: [Integer],
});

/** A string, up to its closing quote or, without one, up to the end of the line. */
export const Text = createToken({
  name: "Text",
  pattern: matchString,
  start_chars_hint: ['"'],
  line_breaks: false,
});

/** What other languages write for a token of this one; each is read as that token, and reported. */
export const foreignTokens: readonly { readonly type: TokenType; readonly instead: string }[] = [
  { instead: "and", type: createToken({ name: "ForeignAnd", pattern: "&&", categories: [And] }) },
  { instead: "or", type: createToken({ name: "ForeignOr", pattern: "||", categories: [Or] }) },
  {
    instead: "->",
    type: createToken({ name: "ForeignArrow", pattern: /=>|\|>|→/, categories: [Arrow] }),
  },
  {
    instead: "not",
    type: createToken({ name: "ForeignNot", pattern: /!(?!=)/, categories: [Not] }),
  },
];

const blanks = [
  createToken({ name: "Blank", pattern: /[ \t\r\n]+/, group: Lexer.SKIPPED, line_breaks: true }),
  createToken({
    name: "ByteOrderMark",
    pattern: matchByteOrderMark,
    group: Lexer.SKIPPED,
    start_chars_hint: ["\uFEFF"],
    line_breaks: false,
  }),
  createToken({ name: "LineComment", pattern: /\/\/[^\r\n]*/, group: "comments" }),
  createToken({
    name: "BlockComment",
    pattern: matchBlockComment,
    group: "comments",
    start_chars_hint: ["/"],
    line_breaks: true,
  }),
];

/** The whole vocabulary; where two could match, the earlier one does. */
export const vocabulary: TokenType[] = [
  ...blanks,
  ...keywords,
  As,
  Identifier,
  Size,
  Float,
  Integer,
  BadNumber,
  Text,
  Arrow,
  ...foreignTokens.map(({ type }) => type),
  Range,
  Dot,
  Comma,
  Colon,
  Semicolon,
  OpenBrace,
  CloseBrace,
  OpenParen,
  CloseParen,
  OpenBracket,
  CloseBracket,
  Equal,
  NotEqual,
  LessEqual,
  GreaterEqual,
  Less,
  Greater,
  Assign,
  Plus,
  Minus,
  Star,
  Slash,
  Percent,
  Word,
];

const openers: ReadonlySet<TokenType> = new Set([OpenBrace, OpenParen, OpenBracket]);
const closers: ReadonlySet<TokenType> = new Set([CloseBrace, CloseParen, CloseBracket]);

/** What may stand between two operands; `=` is read as the `==` that was meant, and reported. */
export const binaryOperators: readonly TokenType[] = [
  Or,
  And,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  Plus,
  Minus,
  Star,
  Slash,
  Percent,
  Range,
  Assign,
];

const operators: ReadonlySet<TokenType> = new Set(
  [...binaryOperators, Dot].filter((type) => type !== Assign),
);

export const isOpener = (type: TokenType | undefined): boolean =>
  type !== undefined && openers.has(type);

/** By how much a token changes the number of open brackets. */
export function nesting(type: TokenType): number {
  return openers.has(type) ? 1 : closers.has(type) ? -1 : 0;
}

/** Whether a token stands between two operands, or between a value and its attribute. */
export const isOperator = (type: TokenType): boolean => operators.has(type);

export const isNumber = (type: TokenType): boolean => type === Integer || type === Float;

/** Whether a stage may begin with such a token. */
export const mayBeginStage = (type: TokenType): boolean =>
  [Identifier, Residual, If, OpenBrace].includes(type);

/** Whether a stage may end with such a token. */
export const mayEndStage = (type: TokenType): boolean =>
  [Identifier, CloseParen, CloseBrace].includes(type);
