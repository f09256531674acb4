import { error } from "./entry.js";

/** CNN8xx: limits. */
export const limits = {
  "source-too-large": error<{ limit: number }>(
    "CNN801",
    ({ limit }) => `the file is larger than ${limit} bytes, the most that a source file may have`,
  ),
  "too-many-open-brackets": error<{ limit: number }>(
    "CNN802",
    ({ limit }) => `more than ${limit} brackets are open here, the most that are allowed`,
    () => "move inner parts to a block of their own",
  ),
  "invalid-utf8": error<{ offset: number; byte: string }>(
    "CNN803",
    ({ offset, byte }) => `the file is not UTF-8: byte ${offset} is ${byte}`,
    () => "save the file as UTF-8",
  ),
  "operators-too-deep": error<{ limit: number }>(
    "CNN804",
    ({ limit }) =>
      `more than ${limit} operators stand inside one another here, the most that are allowed`,
    () => "name a part of it with const or let",
  ),
  "number-too-large": error<{ limit: string }>(
    "CNN805",
    ({ limit }) => `the number is larger than ${limit}, the largest there is`,
  ),
  "too-many-tokens": error<{ limit: number }>(
    "CNN806",
    ({ limit }) => `the file has more than ${limit} tokens, the most that a source file may have`,
  ),
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
