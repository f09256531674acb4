/** What would end a script element or a comment, and characters that are not seen or turn the text around. */
const unsafe =
  /<(?=[/!])|\/(?<=\*\/)|[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const escapeOf = (character: string): string =>
  character === "/" ? "\\/" : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A string literal of JavaScript and TypeScript that stays one wherever the file is put. */
export const quote = (text: string): string => JSON.stringify(text).replace(unsafe, escapeOf);

/** A name as the key of a property: plain where it is an identifier. */
export const propertyKey = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);

/** A name inside a block comment: plain where it is an identifier, a string literal where not. */
export const commentName = (name: string): string => (/^[\w$.-]+$/.test(name) ? name : quote(name));

/** Plain data: what JSON holds. */
export type Literal =
  | string
  | number
  | boolean
  | readonly Literal[]
  | { readonly [key: string]: Literal | undefined };

const width = 100;

/** Data as source text: on one line where it fits, else an entry a line and short items filled up. */
export function printLiteral(value: Literal, indent = ""): string {
  const flat = printFlat(value);
  if (indent.length + flat.length <= width - 20 || typeof value !== "object") return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const plain = value.every((item) => typeof item !== "object");
    if (plain)
      return `[\n${fill(
        value.map((item) => printFlat(item)),
        inner,
      )}${indent}]`;
    const items = value.map((item) => `${inner}${printLiteral(item, inner)},\n`);
    return `[\n${items.join("")}${indent}]`;
  }
  const entries = entriesOf(value).map(
    ([key, item]) => `${inner}${propertyKey(key)}: ${printLiteral(item, inner)},\n`,
  );
  return `{\n${entries.join("")}${indent}}`;
}

function printFlat(value: Literal): string {
  if (typeof value === "string") return quote(value);
  if (typeof value !== "object") return String(value);
  if (isList(value)) return `[${value.map(printFlat).join(", ")}]`;
  const entries = entriesOf(value).map(([key, item]) => `${propertyKey(key)}: ${printFlat(item)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

const isList = (value: Literal): value is readonly Literal[] => Array.isArray(value);

const entriesOf = (value: object): [string, Literal][] =>
  Object.entries(value).filter(([, item]) => item !== undefined);

/** Items one after the other, as many a line as fit. */
function fill(items: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const item of items) {
    if (line !== "" && indent.length + line.length + item.length + 2 > width) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? `${item},` : ` ${item},`;
  }
  if (line !== "") lines.push(line);
  return lines.map((text) => `${indent}${text}\n`).join("");
}
