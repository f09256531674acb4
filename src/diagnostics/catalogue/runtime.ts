import { error, warning } from "./entry.js";

/** CNN7xx: run time, inputs and images. */
export const runtime = {
  "picture-format-unknown": error<{ file: string }>(
    "CNN701",
    ({ file }) => `${file}: neither a PNG nor a JPEG picture`,
    () => "convert it to .png or .jpg",
  ),
  "picture-damaged": error<{ file: string; problem: string }>(
    "CNN702",
    ({ file, problem }) => `${file}: the picture cannot be decoded: ${problem}`,
  ),
  "picture-too-large": error<{ file: string; width: number; height: number; limit: number }>(
    "CNN703",
    ({ file, width, height, limit }) =>
      `${file}: the picture has ${width} x ${height} pixels, more than the ${limit} that are allowed`,
    () => "scale it down first: the model resizes it anyway",
  ),
  "input-unknown": error<{ name: string; known: readonly string[] }>(
    "CNN711",
    ({ name, known }) => `the model has no input ${JSON.stringify(name)}: it has ${quoted(known)}`,
  ),
  "input-given-twice": error<{ name: string; file: string }>(
    "CNN712",
    ({ name, file }) => `input ${JSON.stringify(name)} has a file already: ${file} is one too many`,
  ),
  "inputs-missing": error<{ names: readonly string[] }>(
    "CNN713",
    ({ names }) => `no file for input ${quoted(names)}`,
    ({ names }) => `add --input ${names.map((name) => `${name}=FILE`).join(" --input ")}`,
  ),
  "inputs-too-many": error<{ file: string; known: readonly string[] }>(
    "CNN710",
    ({ file, known }) => `${file} is one input too many: the model has ${quoted(known)}`,
  ),
  "input-not-a-picture": error<{ file: string; name: string; shape: string }>(
    "CNN714",
    ({ file, name, shape }) =>
      `${file}: input ${JSON.stringify(name)} has the shape ${shape} and takes no pictures`,
    () => "give a .npy file; pictures need 1 or 3 channels, height and width",
  ),
  "input-batch-of-pictures": error<{ file: string; name: string; images: number }>(
    "CNN715",
    ({ file, name, images }) =>
      `${file}: input ${JSON.stringify(name)} takes ${images} images a run, one picture is not enough`,
    () => "run it with a batch of 1, or give a .npy file with the whole batch",
  ),
  "input-dtype": error<{ file: string; name: string; wanted: string; has: string }>(
    "CNN716",
    ({ file, name, wanted, has }) =>
      `${file}: the elements are ${has}, input ${JSON.stringify(name)} takes ${wanted}`,
    ({ wanted }) => `save it with array.astype(${JSON.stringify(wanted)})`,
  ),
  "input-shape": error<{ file: string; name: string; wanted: string; has: string }>(
    "CNN717",
    ({ file, name, wanted, has }) =>
      `${file}: the shape is ${has}, input ${JSON.stringify(name)} takes ${wanted}`,
  ),
  "labels-count": warning<{ labels: number; outputs: string }>(
    "CNN720",
    ({ labels, outputs }) =>
      `there are ${labels} labels, but no output has as many values: ${outputs}`,
    () => "nothing can be classified: write a label for each value, in a file one a line",
  ),
};

const quoted = (names: readonly string[]): string =>
  names.map((name) => JSON.stringify(name)).join(", ");
