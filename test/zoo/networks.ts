import { readFileSync } from "node:fs";
import path from "node:path";
import type { Filling, NamedTensor } from "../../scripts/round-trip/outputs.js";
import { picture } from "../../scripts/round-trip/picture.js";
import type { CompileOptions } from "../../src/compile-options.js";
import { runInOnnxruntime } from "./onnxruntime.js";
import { runLayersModel } from "./tfjs.js";
import { writing } from "./writing.js";

/** A trained network from the registry, what it is given, and the engine that tells what it computes. */
export interface Network {
  readonly name: string;
  readonly file: string;
  readonly options: CompileOptions;
  readonly fill: Filling;
  readonly reference: (inputs: readonly NamedTensor[]) => Promise<readonly NamedTensor[]>;
  /** How far the exported network in onnxruntime may be from ours. */
  readonly exportLimit: number;
}

/** A file of a package that is installed here. */
export const packageFile = (...names: readonly string[]): string =>
  path.join(import.meta.dirname, "node_modules", ...names);

/** A network of the OCR package on a written word; white and black as its preparation makes them. */
function reader(
  name: string,
  file: string,
  [height, width]: readonly [number, number],
  word: readonly [text: string, scale: number],
  range: readonly [number, number],
  exportLimit = 1e-5,
): Network {
  const model = packageFile("@gutenye", "ocr-models", "assets", file);
  return {
    name,
    file: model,
    options: { shapes: { x: [1, 3, height, width] } },
    fill: () => writing(...word, [height, width], range),
    reference: (inputs) => runInOnnxruntime(readFileSync(model), inputs),
    exportLimit,
  };
}

const upscaler = packageFile("@upscalerjs", "default-model", "models", "model.json");

export const networks: readonly Network[] = [
  reader(
    "direction of text",
    "ch_ppocr_mobile_v2.0_cls_infer.onnx",
    [48, 192],
    ["CODE27", 5],
    [-1, 1],
  ),
  // Its last numbers pass a steep sigmoid, which tells how sums were rounded many layers before.
  reader("places of text", "ch_PP-OCRv4_det_infer.onnx", [96, 128], ["C02", 5], [-2.1, 2.6], 1e-4),
  reader("letters of text", "ch_PP-OCRv4_rec_infer.onnx", [48, 160], ["CODE27", 4], [-1, 1]),
  {
    name: "upscaler",
    file: upscaler,
    options: { shapes: { LR: [1, 24, 20, 3] } },
    fill: (shape) => picture(shape, 1, 0, 255),
    reference: async ([input]) => [await runLayersModel(upscaler, input!)],
    exportLimit: 1e-5,
  },
];
