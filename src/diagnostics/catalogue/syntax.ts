import { error } from "./entry.js";

/** CNN1xx: what the parser says. */
export const syntax = {
  "unexpected-token": error<{ expected: string; found: string }>(
    "CNN101",
    ({ expected, found }) => `expected ${expected}, found ${found}`,
  ),
  "unexpected-character": error<{ character: string; hint: string | undefined }>(
    "CNN102",
    ({ character }) => `unexpected ${character}`,
    ({ hint }) => hint,
  ),
  "unterminated-string": error<object>(
    "CNN103",
    () => "this string has no closing quote on its line",
    () => 'end it with ", and write a line break inside a string as \\n',
  ),
  "unterminated-comment": error<object>(
    "CNN104",
    () => "this comment has no end",
    () => "end it with */",
  ),
  "bad-escape": error<{ written: string }>(
    "CNN105",
    ({ written }) => `'${written}' is not an escape of a string`,
    () =>
      'the escapes are \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hex digits (surrogates in pairs)',
  ),
  "bad-number": error<{ text: string; hint: string | undefined }>(
    "CNN106",
    ({ text }) => `'${text}' is not a number: a letter follows the digits directly`,
    ({ hint }) => hint,
  ),
  "unclosed-bracket": error<{ bracket: string; found: string }>(
    "CNN107",
    ({ bracket, found }) =>
      `'${bracket}' is not closed: expected '${closer(bracket)}', found ${found}`,
  ),
  "unopened-bracket": error<{ bracket: string }>(
    "CNN108",
    ({ bracket }) => `'${bracket}' closes nothing`,
  ),
  "reserved-word": error<{ word: string; role: string }>(
    "CNN109",
    ({ word, role }) => `'${word}' is a keyword and cannot be ${role}`,
    ({ word }) => `choose another name, such as '${word}_'`,
  ),
  "missing-arrow": error<{ expected: string; found: string }>(
    "CNN110",
    ({ expected, found }) => `expected ${expected}, found ${found}`,
    ({ found }) => `to pass the value on, write '->' before ${found}`,
  ),
  "single-equals": error<object>(
    "CNN111",
    () => "'=' does not compare",
    () => "write '==' to compare; an argument is named with a bare name before '='",
  ),
  "stage-expected": error<{ found: string }>(
    "CNN112",
    ({ found }) => `after '->' only a stage may stand, found ${found}`,
    () => "a stage is a name, a block call, 'residual', 'if' or '{ … }'",
  ),
  "pipeline-operand": error<{ operator: string }>(
    "CNN113",
    ({ operator }) => `a pipeline cannot stand before '${operator}' without parentheses`,
    ({ operator }) =>
      operator === "." ? "write (a -> relu).channels" : `write (a -> relu) ${operator} b`,
  ),
  "missing-name": error<{ what: string; found: string }>(
    "CNN114",
    ({ what, found }) => `${what} needs a name, found ${found}`,
  ),
  "chained-comparison": error<{ first: string; second: string }>(
    "CNN115",
    ({ first, second }) => `'${second}' cannot follow '${first}' in one comparison`,
    ({ first }) => (first === ".." ? "a range has two ends" : "write 'a < b and b < c'"),
  ),
  "not-needs-parentheses": error<{ operator: string }>(
    "CNN116",
    ({ operator }) => `'not' binds less tightly than '${operator}' before it`,
    () => "put the operand in parentheses: (not a)",
  ),
  "unmatched-brace-in-label": error<{ brace: string }>(
    "CNN117",
    ({ brace }) => `'${brace}' in a label has no partner`,
    ({ brace }) =>
      `braces enclose a number or a string; write the character itself as \\u007${brace === "{" ? "b" : "d"}`,
  ),
  "unknown-element-type": error<{ type: string }>(
    "CNN118",
    ({ type }) => `an input cannot hold '${type}'`,
    () => "the element types are f32 and u8",
  ),
  "foreign-operator": error<{ found: string; instead: string }>(
    "CNN119",
    ({ found, instead }) => `'${found}' is written '${instead}' here`,
  ),
  assignment: error<{ name: string }>(
    "CNN120",
    ({ name }) => `'${name} = …' is not a statement`,
    ({ name }) => `write 'let ${name} = …' for a tensor, 'const ${name} = …' for a number`,
  ),
  "outside-definition": error<{ found: string }>(
    "CNN121",
    ({ found }) => `${found} stands outside of a block or model`,
    () => "a file holds imports, consts, blocks and models; put stages inside 'model Name { … }'",
  ),
  "control-character-in-string": error<{ character: string }>(
    "CNN122",
    ({ character }) => `a string cannot hold the control character U+${hex(character)} as it is`,
    ({ character }) => (character === "\t" ? "write \\t" : `write \\u${hex(character)}`),
  ),
  "interpolation-unfit": error<{ actual: string; wanted: string }>(
    "CNN123",
    ({ actual }) => `${actual} cannot be put in here`,
    ({ wanted }) => wanted,
  ),
};

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, "0");
}

function closer(bracket: string): string {
  return { "(": ")", "[": "]" }[bracket] ?? "}";
}
