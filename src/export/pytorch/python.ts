import { InternalError } from "../../diagnostics/report.js";

const keywords: readonly string[] = (
  "False None True and as assert async await break class continue def del elif else except finally for " +
  "from global if import in is lambda nonlocal not or pass raise return try while with yield"
).split(" ");

/** Words that Python, its built-in names or the written file's own imports have taken. */
const pythonWords: ReadonlySet<string> = new Set([
  ...keywords,
  ...(
    "match case type self torch nn F math OrderedDict weigh super print len list dict set tuple range zip map filter " +
    "sum min max abs pow round int float str bool bytes object iter next open input id hash eval exec all " +
    "any dir vars format sorted reversed enumerate repr getattr setattr hasattr delattr slice property " +
    "callable chr ord hex bin oct compile complex divmod globals locals help isinstance issubclass memoryview " +
    "staticmethod classmethod frozenset bytearray ascii breakpoint aiter anext exit quit copyright credits license"
  ).split(" "),
]);

/** What `nn.Module` and its containers have as attributes already: a child of that name would hide behind them. */
const moduleWords: ReadonlySet<string> = new Set(
  (
    "T_destination add_module append apply bfloat16 buffers call_super_init children clear compile cpu cuda double " +
    "dump_patches eval extend extra_repr float forward get_buffer get_extra_state get_parameter " +
    "get_submodule half insert ipu items keys load_state_dict modules mtia named_buffers named_children " +
    "named_modules named_parameters parameters pop register_backward_hook register_buffer register_forward_hook " +
    "register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook " +
    "register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module " +
    "register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ " +
    "set_extra_state set_submodule share_memory state_dict to to_empty train training type update values " +
    "xpu zero_grad"
  ).split(" "),
);

const isWord = (text: string): boolean => /^[A-Za-z][A-Za-z0-9_]*$/.test(text);

/** Whether a local variable, a parameter or a class may have this name. */
export const isFreeName = (text: string): boolean => isWord(text) && !pythonWords.has(text);

/** Whether `self.NAME` means the child of that name. */
export const isAttribute = (name: string): boolean =>
  isWord(name) && !keywords.includes(name) && !moduleWords.has(name);

/** Whether a container takes a child of this name: all but what it has itself. */
export const isChildName = (name: string): boolean => name !== "" && !moduleWords.has(name);

/** What is left of a text as a name that means nothing else. */
export function safeName(text: string, fallback: string): string {
  const word = text.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^_+|_+$/g, "");
  const named = word === "" ? fallback : /^[0-9]/.test(word) ? `${fallback}${word}` : word;
  return isFreeName(named) ? named : `${named}_`;
}

/** The wish, or the wish with the first number from 2 on that is free. */
export function freeName(wish: string, isTaken: (name: string) => boolean): string {
  let name = wish;
  for (let n = 2; isTaken(name); n++) name = /[0-9]$/.test(wish) ? `${wish}_${n}` : `${wish}${n}`;
  return name;
}

const escapeUnit = (unit: string): string => {
  if (unit === '"' || unit === "\\") return `\\${unit}`;
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
};

/** A text as it stands between double quotes: printable ASCII without quotes, all else escaped. */
export const escapeText = (text: string): string => text.replace(/[^ !#-[\]-~]/g, escapeUnit);

/** A string literal. */
export const stringOf = (text: string): string => `"${escapeText(text)}"`;

/** A number literal; a float has its shortest form that rounds to the same float32. */
export function numberOf(value: number): string {
  if (Number.isNaN(value)) return 'float("nan")';
  if (!Number.isFinite(value)) return value > 0 ? 'float("inf")' : 'float("-inf")';
  if (Number.isInteger(value) && Math.abs(value) < 1e15) {
    return Object.is(value, -0) ? "-0.0" : String(value);
  }
  return String(shortest(value));
}

function shortest(value: number): number {
  if (Math.fround(value) !== value) return value;
  for (let digits = 1; digits < 17; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** A tuple; of one element too. */
export const tupleOf = (values: readonly number[]): string =>
  values.length === 1 ? `(${numberOf(values[0]!)},)` : `(${values.map(numberOf).join(", ")})`;

export const listOf = (values: readonly number[]): string => `[${values.map(numberOf).join(", ")}]`;

/** Height and width as PyTorch takes them: one number where both are equal. */
export const pairOf = ([a, b]: readonly [number, number]): string =>
  a === b ? numberOf(a) : tupleOf([a, b]);

export const booleanOf = (value: boolean): string => (value ? "True" : "False");

/** An expression as an operand: in parentheses unless it is one name, call or literal. */
export function operandOf(text: string): string {
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text[at]!;
    if (isQuoted && unit === "\\") at++;
    else if (unit === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if ("([{".includes(unit)) depth++;
    else if (")]}".includes(unit)) depth--;
    else if (depth === 0 && (unit === " " || (at === 0 && unit === "-"))) return `(${text})`;
  }
  if (depth !== 0) throw new InternalError(`${text} is no expression`);
  return text;
}
