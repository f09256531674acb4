import { visible } from "../visible.js";
import { error } from "./entry.js";

/** CNN3xx: types, arity and shapes. */
export const types = {
  "wrong-argument": error<{
    parameter: string;
    callee: string;
    wanted: string;
    actual: string;
    nearest?: string | undefined;
  }>(
    "CNN300",
    ({ parameter, callee, wanted, actual }) =>
      `'${parameter}' of ${callee} must be ${wanted}, not ${actual}`,
    ({ nearest }) => (nearest === undefined ? undefined : `did you mean '${nearest}'?`),
  ),
  "missing-argument": error<{ callee: string; parameter: string; usage: string }>(
    "CNN301",
    ({ callee, parameter }) => `${callee} needs '${parameter}'`,
    ({ usage }) => `write ${usage}`,
  ),
  "too-many-arguments": error<{ callee: string; most: number; actual: number; usage: string }>(
    "CNN302",
    ({ callee, most, actual }) =>
      `${callee} takes ${most === 0 ? "no arguments" : `at most ${most}`}, but got ${actual}`,
    ({ usage }) => `write ${usage}`,
  ),
  "argument-repeated": error<{ callee: string; parameter: string }>(
    "CNN303",
    ({ callee, parameter }) => `'${parameter}' of ${callee} is given twice`,
  ),
  "positional-after-named": error<{ callee: string }>(
    "CNN304",
    ({ callee }) => `an argument of ${callee} without a name stands after one with a name`,
    () => "put it first, or name it",
  ),
  "operands-do-not-fit": error<{
    op: string;
    left: string;
    right: string;
    advice?: string | undefined;
  }>(
    "CNN305",
    ({ op, left, right }) => `${op} cannot put ${left} and ${right} together`,
    ({ advice }) => advice,
  ),
  "wrong-input": error<{ op: string; wanted: string; actual: string; advice?: string | undefined }>(
    "CNN306",
    ({ op, wanted, actual }) => `${op} takes ${wanted}, but ${actual} arrives`,
    ({ advice }) => advice,
  ),
  "division-by-zero": error<{ expression: string }>(
    "CNN307",
    ({ expression }) => `${expression} divides by zero`,
  ),
  "number-out-of-range": error<{ expression: string }>(
    "CNN308",
    ({ expression }) => `${expression} is not a number that can be worked with`,
    () => "ints go to 2^53, floats to 1e308, numbers that meet tensors to 3.4e38",
  ),
  "not-whole": error<{ where: string; value: string }>(
    "CNN309",
    ({ where, value }) => `${where} takes ints, not ${value}`,
    () => "use floor, ceil or round",
  ),
  "cannot-compare": error<{ operator: string; left: string; right: string }>(
    "CNN310",
    ({ operator, left, right }) => `'${operator}' cannot compare ${left} with ${right}`,
  ),
  "assert-failed": error<{ condition: string; sides: string }>(
    "CNN311",
    ({ condition, sides }) => `${condition} does not hold: ${sides}`,
  ),
  "pattern-does-not-fit": error<{ names: number; actual: string }>(
    "CNN312",
    ({ names, actual }) =>
      `${names === 1 ? "one name cannot" : `${names} names cannot`} take apart ${actual}`,
  ),
  "nothing-arrives": error<{ what: string }>(
    "CNN313",
    ({ what }) => `no value arrives at ${what}`,
    () => "a model starts with its first input, a block with what is passed to it",
  ),
  "wrong-value": error<{
    where: string;
    wanted: string;
    actual: string;
    advice?: string | undefined;
  }>(
    "CNN314",
    ({ where, wanted, actual }) => `${visible(where)} must be ${wanted}, not ${actual}`,
    ({ advice }) => advice,
  ),
  "number-as-statement": error<{ actual: string }>(
    "CNN315",
    ({ actual }) => `${actual} as a statement does nothing`,
    () => "name it with const, or remove it",
  ),
  "wrong-operands": error<{ operator: string; actual: string }>(
    "CNN316",
    ({ operator, actual }) => `'${operator}' does not work on ${actual}`,
  ),
  "arguments-clash": error<{ callee: string; why: string }>(
    "CNN317",
    ({ callee, why }) => `${callee}: ${why}`,
  ),
  "too-few-operands": error<{ op: string; actual: number }>(
    "CNN318",
    ({ op, actual }) => `${op} needs two or more operands, but got ${actual}`,
    ({ op }) => `write ${op}(it, …), or give it a list of tensors`,
  ),
  "if-without-else": error<{ actual: string }>(
    "CNN319",
    ({ actual }) => `an if that yields ${actual} needs its else`,
  ),
  "channel-count": error<{ setting: string; channels: number; count: number }>(
    "CNN350",
    ({ setting, channels, count }) =>
      `'${setting}' has ${count} ${count === 1 ? "number" : "numbers"} for ${channels} channels`,
  ),
  "not-a-picture": error<{ shape: string; setting: string }>(
    "CNN351",
    ({ shape, setting }) => `'${setting}' is for pictures, and ${shape} is none`,
    () => "a picture has the shape [1, h, w] or [3, h, w]",
  ),
  "stacked-kernel": error<{ kernel: string }>(
    "CNN352",
    ({ kernel }) => `stacked takes an odd kernel of at least 3x3, not ${kernel}`,
    () => "use conv for other kernels",
  ),
  "wrong-setting-type": error<{ name: string; wanted: string; actual: string }>(
    "CNN353",
    ({ name, wanted, actual }) => `the parameter '${name}' must be set to ${wanted}, not ${actual}`,
  ),
  "kernel-larger-than-input": error<{ op: string; kernel: string; input: string }>(
    "CNN320",
    ({ op, kernel, input }) =>
      `${op}: the kernel covers ${kernel}, but the padded input is only ${input}`,
    () => "use a smaller kernel or more padding",
  ),
  "wrong-rank": error<{ op: string; operand: string; wanted: string; actual: string }>(
    "CNN321",
    ({ op, operand, wanted, actual }) =>
      `${op}: the ${operand} must be ${wanted}, but is ${actual}`,
  ),
  "wrong-element-type": error<{ op: string; operand: string; wanted: string; actual: string }>(
    "CNN322",
    ({ op, operand, wanted, actual }) =>
      `${op}: the ${operand} must hold ${wanted} elements, but is ${actual}`,
  ),
  "operand-shape": error<{ op: string; operand: string; wanted: string; actual: string }>(
    "CNN323",
    ({ op, operand, wanted, actual }) =>
      `${op}: the ${operand} must have the shape ${wanted}, but has ${actual}`,
  ),
  "attribute-range": error<{ op: string; attribute: string; wanted: string; actual: string }>(
    "CNN324",
    ({ op, attribute, wanted, actual }) =>
      `${op}: ${attribute} must be ${wanted}, but is ${actual}`,
  ),
  "groups-do-not-divide": error<{ op: string; groups: number; what: string; channels: number }>(
    "CNN325",
    ({ op, groups, what, channels }) =>
      `${op}: ${groups} groups do not divide the ${channels} ${what}`,
  ),
  "cannot-broadcast": error<{ op: string; left: string; right: string }>(
    "CNN326",
    ({ op, left, right }) => `${op}: the shapes ${left} and ${right} do not fit each other`,
  ),
  "axis-out-of-range": error<{ op: string; axis: string; input: string }>(
    "CNN327",
    ({ op, axis, input }) => `${op}: there is no axis ${axis} in ${input}`,
  ),
  "reshape-size": error<{ from: string; to: string; fromSize: number; toSize: number }>(
    "CNN328",
    ({ from, to, fromSize, toSize }) =>
      `reshape: ${from} has ${fromSize} elements, but ${to} has ${toSize}`,
  ),
  "concat-shapes": error<{ axis: number; first: string; other: string }>(
    "CNN329",
    ({ axis, first, other }) => `concat: ${first} and ${other} may differ along axis ${axis} only`,
  ),
  "split-sizes": error<{ sizes: string; axis: number | string; input: string }>(
    "CNN330",
    ({ sizes, axis, input }) =>
      `split: the parts ${sizes} do not add up to axis ${axis} of ${input}`,
  ),
  "slice-out-of-range": error<{
    axis: number | string;
    first: number;
    last: number;
    input: string;
  }>(
    "CNN331",
    ({ axis, first, last, input }) =>
      `slice: elements ${first} to ${last} of axis ${axis} are not all inside ${input}`,
  ),
  "pad-too-large": error<{ axis: number; amount: number; input: string }>(
    "CNN332",
    ({ axis, amount, input }) =>
      `pad: reflecting ${amount} elements along axis ${axis} needs more than ${input} has`,
    () => "a reflection is at most one element shorter than the axis",
  ),
  "window-in-padding": error<{ op: string; window: number; axis: string; input: string }>(
    "CNN333",
    ({ op, window, axis, input }) =>
      `${op}: window ${window} along the ${axis} of ${input} would see only padding`,
    () => "use less padding than the kernel covers",
  ),
  "empty-tensor": error<{ op: string; shape: string }>(
    "CNN334",
    ({ op, shape }) => `${op}: the result would have the shape ${shape}, which has no elements`,
  ),
};
