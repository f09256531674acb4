import { error, warning } from "./entry.js";

const list = (names: readonly string[]): string => names.join(", ");

/** What callers and the command line ask for: CNN28x unknown names, CNN38x values, CNN43x weights, CNN68x passes. */
export const options = {
  "unknown-option": error<{
    name: string;
    known: readonly string[];
    nearest?: string | undefined;
  }>(
    "CNN280",
    ({ name }) => `there is no option ${JSON.stringify(name)}`,
    ({ known, nearest }) =>
      nearest === undefined ? `the options are ${list(known)}` : `did you mean '${nearest}'?`,
  ),
  "option-value": error<{ name: string; wanted: string; has: string }>(
    "CNN380",
    ({ name, wanted, has }) => `option ${JSON.stringify(name)} must be ${wanted}, not ${has}`,
  ),
  "options-conflict": error<{ first: string; second: string; why: string }>(
    "CNN381",
    ({ first, second, why }) =>
      `the options ${first} and ${second} cannot be given together: ${why}`,
  ),
  "shape-is-fixed": error<{ input: string; shape: string; asked: string }>(
    "CNN382",
    ({ input, shape, asked }) =>
      `input ${JSON.stringify(input)} has the shape ${shape}, it cannot become ${asked}`,
    () => "change the model, or set one of its parameters",
  ),
  "constant-unfit": error<{ input: string; problem: string }>(
    "CNN383",
    ({ input, problem }) => `input ${JSON.stringify(input)} cannot be fixed: ${problem}`,
  ),
  "target-has-no-form": error<{ form: string; target: string }>(
    "CNN384",
    ({ form, target }) => `the target ${target} has no form ${form}`,
    () => "the form module is for WebAssembly that others load; use files or inline",
  ),
  "no-weights": error<{ model: string; count: number }>(
    "CNN430",
    ({ model, count }) =>
      `model ${model} has ${count} parameter ${count === 1 ? "tensor" : "tensors"} and no weights`,
    () => 'name a file with weights "…" or --weights, or make seeded ones with --init he',
  ),
  "weight-beyond-half": error<{ weights: string; value: number }>(
    "CNN432",
    ({ weights, value }) =>
      `${weights}: ${value} is outside the range of IEEE halves, which ends at 65504`,
    () => "leave out weightsPrecision: f32 holds it",
  ),
  "labels-not-text": error<{ file: string }>(
    "CNN431",
    ({ file }) => `${file}: the labels are not UTF-8 text`,
    () => "write one label a line",
  ),
  "memory-too-large": error<{ model: string; bytes: number; limit: number }>(
    "CNN841",
    ({ model, bytes, limit }) =>
      `model ${model} needs ${bytes} bytes of memory, more than the ${limit} that WebAssembly has`,
    () => "use a smaller batch or input",
  ),
  "calibration-empty": error<{ from: string }>(
    "CNN386",
    ({ from }) => `${from}: there are no examples`,
    () => "put .npy, .png or .jpg files there, in a folder for each input where there are several",
  ),
  "calibration-unfit": error<{ from: string; problem: string }>(
    "CNN387",
    ({ from, problem }) => `${from}: ${problem}`,
  ),
  "calibration-too-few": warning<{ from: string }>(
    "CNN680",
    ({ from }) => `${from}: there is one example, which rewrites are fitted to and measured on`,
    () => "give more: what is measured on other examples tells more",
  ),
  "tune-malformed": error<{ file: string; problem: string }>(
    "CNN385",
    ({ file, problem }) => `${file}: this is no file of measured times: ${problem}`,
    () => "measure again with cnnc tune, or leave it out with --tune off",
  ),
  "tune-foreign": warning<{ file: string; why: string }>(
    "CNN681",
    ({ file, why }) => `${file}: the measured times are not used: ${why}`,
    () => "measure again with cnnc tune, or leave it out with --tune off",
  ),
  "tune-unused": warning<{ file: string; unused: number; all: number }>(
    "CNN682",
    ({ file, unused, all }) =>
      `${file}: ${unused} of ${all} measured layers ${unused === 1 ? "is" : "are"} not in the network as it is now`,
    () => "measure again with cnnc tune",
  ),
  "file-unreadable": error<{ file: string; problem: string }>(
    "CNN282",
    ({ file, problem }) => `${file}: the file cannot be read: ${problem}`,
  ),
  "file-too-large": error<{ file: string; bytes: number; limit: number }>(
    "CNN840",
    ({ file, bytes, limit }) =>
      `${file}: the file has ${bytes} bytes, more than the ${limit} that are allowed`,
  ),
  "folder-unwritable": error<{ folder: string; problem: string }>(
    "CNN283",
    ({ folder, problem }) => `${folder}: the files cannot be written: ${problem}`,
  ),
};
