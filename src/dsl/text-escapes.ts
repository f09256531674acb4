import type { BuildContext } from "./build-ast-context.js";

const simple: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** The text that a string's source stands for, by JSON's rules; `offset` is where the source begins. */
export function decodeEscapes(context: BuildContext, source: string, offset: number): string {
  const { file, report } = context;
  let value = "";
  for (let at = 0; at < source.length; ) {
    const [text, length] = source[at] === "\\" ? decodeEscape(source, at) : [source[at]!, 1];
    const span = { file, start: offset + at, end: offset + at + length };
    const written = source.slice(at, at + length);
    if (text === undefined) report.add("bad-escape", { written }, { span });
    else if (source[at]! < " ")
      report.add("control-character-in-string", { character: written }, { span });
    value += text ?? "";
    at += length;
  }
  return value;
}

/** An escape's text (undefined when there is no such escape) and its length in the source. */
function decodeEscape(source: string, at: number): [string | undefined, number] {
  const letter = source[at + 1];
  if (letter === undefined) return [undefined, 1];
  if (letter !== "u") {
    const length = letter >= "\ud800" && letter <= "\udbff" ? 3 : 2;
    return [Object.hasOwn(simple, letter) ? simple[letter] : undefined, length];
  }
  const unit = hexUnit(source, at);
  if (unit === undefined) return [undefined, 2];
  if (unit < 0xd800 || unit > 0xdfff) return [String.fromCharCode(unit), 6];
  const low =
    source[at + 6] === "\\" && source[at + 7] === "u" ? hexUnit(source, at + 6) : undefined;
  const isPair = unit <= 0xdbff && low !== undefined && low >= 0xdc00 && low <= 0xdfff;
  return isPair ? [String.fromCharCode(unit, low), 12] : [undefined, 6];
}

function hexUnit(source: string, at: number): number | undefined {
  const digits = source.slice(at + 2, at + 6);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}
