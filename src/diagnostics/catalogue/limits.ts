import { error } from "./entry.js";

/** CNN8xx: limits. */
export const limits = {
  "too-many-nodes": error<{ limit: number }>(
    "CNN810",
    ({ limit }) => `the model has more than ${limit} nodes, the most there can be`,
    () => "look at the loops around this place",
  ),
  "expansion-too-long": error<{ limit: number }>(
    "CNN811",
    ({ limit }) => `expanding the model takes more than ${limit} steps, the most that are allowed`,
    () => "look at the loops around this place",
  ),
  "calls-too-deep": error<{ limit: number }>(
    "CNN812",
    ({ limit }) => `block calls are nested deeper than ${limit}, the most that are allowed`,
  ),
  "expansion-too-deep": error<{ limit: number }>(
    "CNN813",
    ({ limit }) =>
      `expressions in expressions and blocks are nested deeper than ${limit}, the most that are allowed`,
  ),
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
