import "@tensorflow/tfjs-backend-cpu";
import { readFileSync } from "node:fs";
import path from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import type { NamedTensor } from "../../scripts/round-trip/outputs.js";

tf.enableProdMode();

/** The bytes of a file, or of several one behind the other, in a buffer of their own. */
function bytesOf(...files: readonly string[]): ArrayBuffer {
  const all = Buffer.concat(files.map((file) => readFileSync(file)));
  const bytes = new Uint8Array(all.length);
  bytes.set(all);
  return bytes.buffer;
}

/** Part of a weights manifest: tensors, and the shards that they lie in. */
interface ManifestGroup {
  readonly weights: tf.io.WeightsManifestEntry[];
  readonly paths: readonly string[];
}

/** What TF.js makes of a layers-model, on its CPU backend: one input, one output, both as the model has them. */
export async function runLayersModel(
  file: string,
  { shape, data }: NamedTensor,
): Promise<NamedTensor> {
  await tf.setBackend("cpu");
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(file, "utf8"));
  const groups: readonly ManifestGroup[] = weightsManifest;
  const shards = groups.flatMap(({ paths }) => paths);
  const model = await layers.loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: groups.flatMap(({ weights }) => weights),
      weightData: bytesOf(...shards.map((shard) => path.join(path.dirname(file), shard))),
    }),
  );
  const output = model.predict(tf.tensor(data, [...shape]));
  if (Array.isArray(output)) throw new Error("the model has several outputs");
  return { name: model.outputNames[0]!, shape: output.shape, data: await floatsOf(output) };
}

async function floatsOf(tensor: tf.Tensor): Promise<Float32Array> {
  return Float32Array.from(await tensor.data());
}

/**
 * face-api's tiny face detector in TF.js: its own reading of the manifest's bytes, and the operations that the
 * package's `TinyFaceDetector` is made of. Takes a photo `[height, width, 3]` of numbers from 0 to 255.
 */
export async function runTinyFace(
  manifest: string,
  { shape, data }: NamedTensor,
): Promise<NamedTensor> {
  await tf.setBackend("cpu");
  const groups: readonly ManifestGroup[] = JSON.parse(readFileSync(manifest, "utf8"));
  const [{ weights, paths }] = groups as readonly [ManifestGroup];
  const shards = paths.map((shard) => path.join(path.dirname(manifest), shard));
  const named = tf.io.decodeWeights(bytesOf(...shards), weights);
  const kernel = (name: string) => named[name] as tf.Tensor4D;
  const leaky = (x: tf.Tensor4D) => tf.leakyRelu(x, 0.1);
  const pool = (x: tf.Tensor4D, stride: number) => tf.maxPool(x, 2, stride, "same");
  const separable = (x: tf.Tensor4D, layer: string) => {
    const [depth, point] = [`${layer}/depthwise_filter`, `${layer}/pointwise_filter`].map(kernel);
    const sum = tf.separableConv2d(x, depth!, point!, 1, "same");
    return leaky(tf.add(sum, named[`${layer}/bias`]!));
  };
  const photo = tf.tensor(data, [1, ...shape]);
  let x = tf.div(tf.sub(photo, [117.001, 114.697, 97.404]), 255) as tf.Tensor4D;
  x = leaky(tf.add(tf.conv2d(x, kernel("conv0/filters"), 1, "valid"), named["conv0/bias"]!));
  for (const layer of ["conv1", "conv2", "conv3", "conv4", "conv5"]) {
    x = separable(pool(x, 2), layer);
  }
  const cells = tf.conv2d(pool(x, 1), kernel("conv8/filters"), 1, "valid");
  const output = tf.add(cells, named["conv8/bias"]!);
  return { name: "cells", shape: output.shape, data: await floatsOf(output) };
}
