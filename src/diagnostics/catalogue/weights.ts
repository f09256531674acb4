import { error } from "./entry.js";

/** A tensor of a weights file. */
export interface InTensor {
  readonly file: string;
  readonly tensor: string;
}

const at = ({ file, tensor }: InTensor): string => `${file}: tensor ${JSON.stringify(tensor)}`;

/** One line of a list of tensors that do not fit the network. */
export interface Listed {
  readonly path: string;
  readonly shape: string;
  /** The name that was probably meant. */
  readonly nearest?: string | undefined;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const listed = (tensors: readonly Listed[]): string =>
  tensors
    .map(({ path, shape, nearest }) => {
      const meant = nearest === undefined ? "" : ` (nearest: ${nearest})`;
      return `\n  ${path} ${shape}${meant}`;
    })
    .join("");

/** CNN4xx: weights and labels files. */
export const weights = {
  "weights-truncated": error<{ file: string; wanted: number; has: number }>(
    "CNN400",
    ({ file, wanted, has }) => `${file}: the file ends early: ${wanted} bytes wanted, ${has} there`,
    () => "copy or download the file again",
  ),
  "weights-header-too-large": error<{ file: string; bytes: string; limit: number }>(
    "CNN401",
    ({ file, bytes, limit }) =>
      `${file}: the header claims ${bytes} bytes, more than the ${limit} that are allowed`,
    () => "this is probably no safetensors file: save one with safetensors' save_file",
  ),
  "weights-header-malformed": error<{ file: string; problem: string }>(
    "CNN402",
    ({ file, problem }) => `${file}: not a valid safetensors header: ${problem}`,
    () => "save the file again with safetensors' save_file",
  ),
  "weights-duplicate-name": error<{ file: string; name: string }>(
    "CNN403",
    ({ file, name }) => `${file}: the header holds ${JSON.stringify(name)} twice`,
  ),
  "weights-entry-malformed": error<InTensor & { problem: string }>(
    "CNN404",
    (details) => `${at(details)}: ${details.problem}`,
  ),
  "weights-dtype-unknown": error<InTensor & { dtype: string; known: readonly string[] }>(
    "CNN405",
    (details) => `${at(details)} has the unknown element type ${JSON.stringify(details.dtype)}`,
    ({ known }) => `known types: ${known.join(" ")}`,
  ),
  "weights-offsets-outside": error<InTensor & { begin: number; end: number; size: number }>(
    "CNN406",
    (details) =>
      `${at(details)} lies at bytes ${details.begin} to ${details.end}, but there are ${details.size} bytes of data`,
    () => "the file is truncated or its header is wrong",
  ),
  "weights-size-mismatch": error<
    InTensor & { dtype: string; shape: string; wanted: number; has: number }
  >(
    "CNN407",
    (details) =>
      `${at(details)}: ${details.dtype} ${details.shape} takes ${details.wanted} bytes, but its place has ${details.has}`,
  ),
  "weights-overlap": error<InTensor & { other: string }>(
    "CNN408",
    (details) => `${at(details)} overlaps tensor ${JSON.stringify(details.other)}`,
  ),
  "weights-gap": error<{ file: string; begin: number; end: number }>(
    "CNN409",
    ({ file, begin, end }) => `${file}: data bytes ${begin} to ${end} belong to no tensor`,
  ),
  "npy-malformed": error<{ file: string; problem: string }>(
    "CNN410",
    ({ file, problem }) => `${file}: not a valid .npy file: ${problem}`,
  ),
  "npy-dtype-unknown": error<{ file: string; dtype: string }>(
    "CNN411",
    ({ file, dtype }) => `${file}: the element type ${dtype} cannot be read`,
    () => "save plain numbers, for example array.astype('float32')",
  ),
  "npy-size-mismatch": error<{ file: string; shape: string; wanted: number; has: number }>(
    "CNN412",
    ({ file, shape, wanted, has }) =>
      `${file}: shape ${shape} takes ${wanted} bytes of data, but the file has ${has}`,
  ),
  "weights-missing": error<{ source: string; tensors: readonly Listed[] }>(
    "CNN420",
    ({ source, tensors }) =>
      `${source} lacks ${plural(tensors.length, "tensor")} of the network:${listed(tensors)}`,
  ),
  "weights-unused": error<{ source: string; tensors: readonly Listed[] }>(
    "CNN421",
    ({ source, tensors }) =>
      `${source} has ${plural(tensors.length, "tensor")} that the network does not use:${listed(tensors)}`,
    () => "check the labels of the stages: they make the parameter paths",
  ),
  "weights-misshapen": error<{
    source: string;
    tensors: readonly { readonly path: string; readonly wanted: string; readonly has: string }[];
  }>(
    "CNN422",
    ({ source, tensors }) =>
      `${source} has ${plural(tensors.length, "tensor")} of another shape than the network's:${tensors
        .map(({ path, wanted, has }) => `\n  ${path} is ${has}, the network needs ${wanted}`)
        .join("")}`,
  ),
};
