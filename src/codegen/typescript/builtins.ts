import { erfFar, erfNear } from "../loops/erf.js";

/** Functions that emitted code calls where JavaScript has no operation. */
export type Builtin =
  | "erf"
  | "nearest"
  | "truncate"
  | "pmin"
  | "pmax"
  | "bits"
  | "bitsOf"
  | "floatOf";

const horner = (coefficients: readonly number[], x: string): string =>
  coefficients.reduceRight((sum, c) => (sum === "" ? `${c}` : `(${sum}) * ${x} + ${c}`), "");

/** The text of each function. `bits` is the array that `bitsOf` and `floatOf` share. */
const builtins: { readonly [K in Builtin]: string } = {
  erf: `/** The error function. */
function erf(x: number): number {
    const a = Math.abs(x);
    if (a < 1) {
        const square = x * x;
        return x * (${horner(erfNear, "square")});
    }
    const t = 1 / (1 + a / 2);
    const tail = Math.exp(-a * a) * (${horner(erfFar, "t")});
    return x < 0 ? tail - 1 : 1 - tail;
}
`,
  nearest: `/** The nearest integer, ties to even. */
function nearest(x: number): number {
    const a = Math.abs(x);
    if (!(a < 4503599627370496)) return x;
    const rounded = a + 4503599627370496 - 4503599627370496;
    return x < 0 || Object.is(x, -0) ? -rounded : rounded;
}
`,
  truncate: `/** Towards zero, within 32 bits; NaN is 0. */
function truncate(x: number): number {
    return Math.max(-2147483648, Math.min(2147483647, x)) | 0;
}
`,
  pmin: `/** The smaller number; the first when they do not compare. */
function pmin(a: number, b: number): number {
    return b < a ? b : a;
}
`,
  pmax: `/** The larger number; the first when they do not compare. */
function pmax(a: number, b: number): number {
    return a < b ? b : a;
}
`,
  bits: `const floatBits = new Float32Array(1);
const wordBits = new Int32Array(floatBits.buffer);
`,
  bitsOf: `/** The bits of a float32. */
function bitsOf(x: number): number {
    floatBits[0] = x;
    return wordBits[0]!;
}
`,
  floatOf: `/** The float32 of these bits. */
function floatOf(x: number): number {
    wordBits[0] = x;
    return floatBits[0]!;
}
`,
};

/** Names that emitted kernels may not take: the functions above and what they declare. */
export const builtinNames: readonly string[] = [
  ...Object.keys(builtins),
  "floatBits",
  "wordBits",
  "Object",
];

/** The functions that are used, in a fixed order, each with what it needs. */
export function builtinText(used: ReadonlySet<Builtin>): string {
  const all = new Set(used);
  if (all.has("bitsOf") || all.has("floatOf")) all.add("bits");
  const order: readonly Builtin[] = [
    "erf",
    "nearest",
    "truncate",
    "pmin",
    "pmax",
    "bits",
    "bitsOf",
    "floatOf",
  ];
  return order
    .filter((name) => all.has(name))
    .map((name) => `${builtins[name]}\n`)
    .join("");
}
