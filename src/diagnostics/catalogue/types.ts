import { error } from "./entry.js";

/** CNN3xx: types, arity and shapes. */
export const types = {
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
  "split-sizes": error<{ sizes: string; axis: number; input: string }>(
    "CNN330",
    ({ sizes, axis, input }) =>
      `split: the parts ${sizes} do not add up to axis ${axis} of ${input}`,
  ),
  "slice-out-of-range": error<{ axis: number; first: number; last: number; input: string }>(
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
