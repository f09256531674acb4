import { Report } from "../../src/diagnostics/report.js";
import { Feature } from "../../src/import/tfjs/feature.js";
import { Json, JsonError } from "../../src/import/tfjs/json.js";
import { layerBuilders } from "../../src/import/tfjs/layers/index.js";
import { LayerSite } from "../../src/import/tfjs/layers/site.js";
import { Reading, Refusal } from "../../src/import/tfjs/reading.js";
import { build } from "../../src/ir/build.js";
import { ShapeError } from "../../src/ir/ops/operator.js";
import { f32 } from "../../src/ir/types.js";
import { joined, type Made, madeOf } from "./made.js";

const tensor = (...shape: readonly number[]) =>
  build("input", {}, { name: "x", type: f32(...shape) });

/** Tensors of which every layer takes some: two images, an image, a sequence, a vector. */
const operandForms: readonly (readonly Feature[])[] = [
  [Feature.first(tensor(1, 8, 6, 6)), Feature.first(tensor(1, 8, 6, 6))],
  [Feature.first(tensor(1, 8, 6, 6))],
  [Feature.last(tensor(1, 6, 8))],
  [Feature.last(tensor(1, 8))],
];

/** Settings of which every layer takes some. */
const settings: readonly object[] = [
  { filters: 4, kernel_size: [3, 3], units: 4, pool_size: [2, 2], size: [2, 2], axis: -1 },
  { filters: 4, kernel_size: [3], pool_size: [2], strides: [1], padding: "valid", n: 2 },
  { target_shape: [288], dims: [2, 1, 3], height: 4, width: 4, scale: 0.5, activation: "relu" },
  {
    padding: [
      [1, 1],
      [1, 1],
    ],
    cropping: [
      [1, 1],
      [1, 1],
    ],
  },
  { padding: [1, 1], cropping: [1, 1] },
  {},
];

function formOf(name: string, inputs: readonly Feature[], config: object): Made | undefined {
  const reading = new Reading("model.json", new Report());
  const site = new LayerSite(reading, new Json(config, "config"), inputs, "layer", () => undefined);
  try {
    const result = layerBuilders.get(name)!(site);
    return madeOf([result.isFirst ? result.first : result.last]);
  } catch (error) {
    if (error instanceof Refusal || error instanceof ShapeError || error instanceof JsonError) {
      return undefined;
    }
    throw error;
  }
}

/** What a layer becomes over the first operands that it takes. */
function madeOfLayer(name: string): Made {
  for (const inputs of operandForms) {
    const forms = settings.flatMap((config) => formOf(name, inputs, config) ?? []);
    if (forms.length > 0) return joined(forms);
  }
  throw new Error(`no form of operands and settings here is one of ${name}`);
}

/** What every layer of TF.js becomes, found by reading it. */
export const tfjsLayers = (): ReadonlyMap<string, Made> =>
  new Map([...layerBuilders.keys()].map((name) => [name, madeOfLayer(name)]));
