import type { GraphInput, GraphOutput, ImageSettings } from "../../ir/graph.js";
import { sizeOf, type TensorType } from "../../ir/types.js";
import type { Plan } from "../plan/plan.js";

/** A tensor of the model's border, as callers see it. */
export interface TensorFacts {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: "float32" | "uint8";
  readonly layout: string;
  /** The number of values. */
  readonly size: number;
  /** Byte address in the model's memory. */
  readonly address: number;
  /** How a picture becomes this input; undefined for inputs and outputs that take none. */
  readonly picture: ImageSettings | undefined;
}

/** What the module tells of the model. */
export interface ModelFacts {
  readonly name: string;
  readonly inputs: readonly TensorFacts[];
  readonly outputs: readonly TensorFacts[];
  readonly labels: readonly string[] | undefined;
  readonly macs: number;
}

const plainPicture = (channels: number): ImageSettings => ({
  mean: Array.from({ length: channels }, () => 0),
  std: Array.from({ length: channels }, () => 1),
  range: [0, 1],
  order: "rgb",
  resize: "stretch",
});

/** The settings of an input `[n, 1 or 3, h, w]`: its own, or bytes 0..255 to 0..1. Other layouts take none. */
export function pictureOf(input: GraphInput): ImageSettings | undefined {
  const [, channels = 0] = input.value.type.shape;
  const isImage = input.value.type.shape.length === 4 && input.layout === undefined;
  const fits = isImage && (channels === 1 || channels === 3);
  return fits ? (input.image ?? plainPicture(channels)) : undefined;
}

const layoutOf = ({ shape }: TensorType): string => {
  if (shape.length === 4) return "nchw";
  return shape.length === 2 ? "nc" : "row-major";
};

function tensorFacts(
  { name, value, layout: told }: GraphInput | GraphOutput,
  address: number,
  picture?: ImageSettings,
): TensorFacts {
  const { element, shape } = value.type;
  const dtype = element === "u8" ? "uint8" : "float32";
  const layout = told ?? layoutOf(value.type);
  return { name, shape, dtype, layout, size: sizeOf(shape), address, picture };
}

/** The facts of a planned model. */
export function factsOf(plan: Plan): ModelFacts {
  const { graph } = plan;
  return {
    name: graph.name,
    inputs: graph.inputs.map((input, i) =>
      tensorFacts(input, plan.inputs[i]!.bytes, pictureOf(input)),
    ),
    outputs: graph.outputs.map((output, i) => tensorFacts(output, plan.outputs[i]!.bytes)),
    labels: graph.labels,
    macs: plan.layers.reduce((sum, layer) => sum + layer.macs, 0),
  };
}

/** Whether an input of the model takes pictures. */
export const takesPictures = ({ inputs }: ModelFacts): boolean =>
  inputs.some(({ picture }) => picture !== undefined);

/** The output that `classify` reads: the first with one score per label, where there is one input. */
export const classifiedOutput = ({ inputs, outputs, labels }: ModelFacts) =>
  labels && inputs.length === 1 ? outputs.find(({ size }) => size === labels.length) : undefined;
