import { error } from "./entry.js";

/** CNN8xx: limits. */
export const limits = {
  "tensor-too-large": error<{ op: string; shape: string; limit: number }>(
    "CNN830",
    ({ op, shape, limit }) =>
      `${op}: a tensor of the shape ${shape} has more than ${limit} elements, the most there can be`,
  ),
  "too-many-axes": error<{ op: string; shape: string; limit: number }>(
    "CNN831",
    ({ op, shape, limit }) =>
      `${op}: the shape ${shape} has more than ${limit} axes, the most there can be`,
  ),
};
