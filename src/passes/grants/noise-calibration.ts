import type { Graph, GraphInput } from "../../ir/graph.js";
import { sizeOf } from "../../ir/types.js";
import { generator } from "../../weights/initialise.js";
import type { Calibration, Compute, Sample } from "../calibration.js";

/** How many inferences noise is made for. */
const samples = 8;

/** Seeded noise over the range of each input, for networks that come without data. Nothing is fitted to it. */
export const noiseCalibration = (graph: Graph, compute: Compute): Calibration => ({
  fit: [],
  heldOut: Array.from({ length: samples }, (_, seed) => noiseFor(graph, seed)),
  isNoise: true,
  compute,
});

const noiseFor = ({ inputs }: Graph, seed: number): Sample =>
  new Map(
    inputs.map((input) => {
      const next = generator(seed, input.name);
      const size = sizeOf(input.value.type.shape);
      const rangeAt = rangeOf(input);
      const noise = Float32Array.from({ length: size }, (_, at) => {
        const [low, high] = rangeAt(at);
        return low + (high - low) * next();
      });
      const isBytes = input.value.type.element === "u8";
      return [input.name, isBytes ? noise.map(Math.floor) : noise] as const;
    }),
  );

/** The range of an element: bytes, what a picture's bytes become in its channel, or −1 to 1. */
function rangeOf({ image, value }: GraphInput): (at: number) => readonly [number, number] {
  if (value.type.element === "u8") return () => [0, 256];
  if (!image) return () => [-1, 1];
  const [, channels = 1, ...size] = value.type.shape;
  const plane = sizeOf(size);
  return (at) => {
    const channel = Math.floor(at / plane) % channels;
    const [mean = 0, std = 1] = [image.mean[channel], image.std[channel]];
    const [low, high] = image.range;
    return [(low - mean) / std, (high - mean) / std];
  };
}
