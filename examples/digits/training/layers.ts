import type { Random } from "./random.js";

/** Feature maps of a batch: `[images, channels, side, side]`, row-major. */
export interface Batch {
  readonly images: number;
  readonly channels: number;
  readonly side: number;
  readonly data: Float32Array;
}

/** A trained tensor with its gradient, under the path it has in the weights file. */
export interface Parameter {
  readonly path: string;
  readonly shape: readonly number[];
  readonly value: Float32Array;
  readonly gradient: Float32Array;
}

/** One layer: `backward` takes the gradient of `forward`'s last result and returns that of its input. */
export interface Layer {
  readonly parameters: readonly Parameter[];
  /** Tensors that are measured, not trained. */
  readonly statistics?: readonly Omit<Parameter, "gradient">[];
  forward(input: Batch, training: boolean): Batch;
  backward(gradient: Batch): Batch;
}

const parameter = (path: string, shape: readonly number[], fill: () => number): Parameter => {
  const size = shape.reduce((product, n) => product * n, 1);
  return {
    path,
    shape,
    value: Float32Array.from({ length: size }, fill),
    gradient: new Float32Array(size),
  };
};

const like = (batch: Batch, channels = batch.channels, side = batch.side): Batch => ({
  images: batch.images,
  channels,
  side,
  data: new Float32Array(batch.images * channels * side * side),
});

/** Copies feature maps into the middle of larger ones with `halo` zeros around. */
function pad(batch: Batch, halo: number): Batch {
  const padded = like(batch, batch.channels, batch.side + 2 * halo);
  for (let plane = 0; plane < batch.images * batch.channels; plane++) {
    for (let y = 0; y < batch.side; y++) {
      const from = (plane * batch.side + y) * batch.side;
      const to = (plane * padded.side + y + halo) * padded.side + halo;
      padded.data.set(batch.data.subarray(from, from + batch.side), to);
    }
  }
  return padded;
}

const kernel = 5;
const halo = 2;

/**
 * Adds to every channel of `result` the cross-correlation of the padded input with its 5x5 kernels.
 * Two channels of results share each input that is read; their number must be even.
 */
function correlate(padded: Batch, weight: Float32Array, result: Batch): void {
  const { images, channels: out, side } = result;
  const { channels } = padded;
  const [x, y, plane] = [padded.data, result.data, side * side];
  for (let n = 0; n < images; n++) {
    for (let o = 0; o < out; o += 2) {
      for (let c = 0; c < channels; c++) {
        for (let i = 0; i < kernel; i++) {
          const v = ((o * channels + c) * kernel + i) * kernel;
          const w = v + channels * kernel * kernel;
          const [v0, v1, v2, v3, v4] = fiveOf(weight, v);
          const [w0, w1, w2, w3, w4] = fiveOf(weight, w);
          for (let row = 0; row < side; row++) {
            const from = ((n * channels + c) * padded.side + row + i) * padded.side;
            const to = ((n * out + o) * side + row) * side;
            let x0 = x[from]!;
            let x1 = x[from + 1]!;
            let x2 = x[from + 2]!;
            let x3 = x[from + 3]!;
            for (let k = 0; k < side; k++) {
              const x4 = x[from + k + 4]!;
              const [first, second] = [to + k, to + k + plane];
              y[first] = y[first]! + v0 * x0 + v1 * x1 + v2 * x2 + v3 * x3 + v4 * x4;
              y[second] = y[second]! + w0 * x0 + w1 * x1 + w2 * x2 + w3 * x3 + w4 * x4;
              x0 = x1;
              x1 = x2;
              x2 = x3;
              x3 = x4;
            }
          }
        }
      }
    }
  }
}

type Five = [number, number, number, number, number];

const fiveOf = (data: Float32Array, at: number): Five => [
  data[at]!,
  data[at + 1]!,
  data[at + 2]!,
  data[at + 3]!,
  data[at + 4]!,
];

/** Adds to `gradient` that of the weights: each is the product of the result's gradient with the input below it. */
function correlateWeights(padded: Batch, result: Batch, gradient: Float32Array): void {
  const { images, channels: out, side } = result;
  const [x, dy] = [padded.data, result.data];
  for (let n = 0; n < images; n++) {
    for (let o = 0; o < out; o++) {
      for (let c = 0; c < padded.channels; c++) {
        for (let i = 0; i < kernel; i++) {
          let [s0, s1, s2, s3, s4] = [0, 0, 0, 0, 0];
          for (let row = 0; row < side; row++) {
            const from = ((n * padded.channels + c) * padded.side + row + i) * padded.side;
            const to = ((n * out + o) * side + row) * side;
            let x0 = x[from]!;
            let x1 = x[from + 1]!;
            let x2 = x[from + 2]!;
            let x3 = x[from + 3]!;
            for (let k = 0; k < side; k++) {
              const [g, x4] = [dy[to + k]!, x[from + k + 4]!];
              s0 += g * x0;
              s1 += g * x1;
              s2 += g * x2;
              s3 += g * x3;
              s4 += g * x4;
              x0 = x1;
              x1 = x2;
              x2 = x3;
              x3 = x4;
            }
          }
          const w = ((o * padded.channels + c) * kernel + i) * kernel;
          [s0, s1, s2, s3, s4].forEach((sum, j) => {
            gradient[w + j] = gradient[w + j]! + sum;
          });
        }
      }
    }
  }
}

/** The kernels that carry a gradient back: turned by half a circle, inputs and outputs exchanged. */
function turned(weight: Float32Array, out: number, channels: number): Float32Array {
  const area = kernel * kernel;
  return weight.map((_, at) => {
    const [tap, o, c] = [at % area, Math.floor(at / area) % out, Math.floor(at / area / out)];
    return weight[(o * channels + c) * area + (area - 1 - tap)]!;
  });
}

/**
 * A 5x5 convolution, stride 1, zeros around and no bias. On the picture itself (one channel) nothing
 * is trained in front of it, so no gradient is carried back.
 */
export function convolution(path: string, channels: number, out: number, random: Random): Layer {
  const scale = Math.sqrt(2 / (channels * kernel * kernel));
  const shape = [out, channels, kernel, kernel];
  const weight = parameter(`${path}.weight`, shape, () => random.normal() * scale);
  let input: Batch;
  return {
    parameters: [weight],
    forward(batch) {
      input = pad(batch, halo);
      const result = like(batch, out);
      correlate(input, weight.value, result);
      return result;
    },
    backward(gradient) {
      correlateWeights(input, gradient, weight.gradient);
      const result = like(gradient, channels);
      if (channels === 1) return result;
      correlate(pad(gradient, halo), turned(weight.value, out, channels), result);
      return result;
    },
  };
}

/** Batch norm: by the batch's own statistics while training, by their running mean afterwards. */
export function batchNorm(path: string, channels: number, epsilon = 1e-5, momentum = 0.1): Layer {
  const gamma = parameter(`${path}.weight`, [channels], () => 1);
  const beta = parameter(`${path}.bias`, [channels], () => 0);
  const mean = parameter(`${path}.running_mean`, [channels], () => 0);
  const variance = parameter(`${path}.running_var`, [channels], () => 1);
  const inverse = new Float64Array(channels);
  let normalised: Batch;

  const eachOf = (batch: Batch, channel: number, visit: (at: number) => void): void => {
    const plane = batch.side * batch.side;
    for (let n = 0; n < batch.images; n++) {
      const start = (n * channels + channel) * plane;
      for (let at = start; at < start + plane; at++) visit(at);
    }
  };

  const measure = (batch: Batch, c: number): readonly [number, number] => {
    const count = batch.images * batch.side * batch.side;
    let [sum, squares] = [0, 0];
    eachOf(batch, c, (at) => {
      sum += batch.data[at]!;
      squares += batch.data[at]! ** 2;
    });
    const [mu, sigma] = [sum / count, Math.max(0, squares / count - (sum / count) ** 2)];
    mean.value[c] = (1 - momentum) * mean.value[c]! + momentum * mu;
    const unbiased = (sigma * count) / (count - 1);
    variance.value[c] = (1 - momentum) * variance.value[c]! + momentum * unbiased;
    return [mu, sigma];
  };

  return {
    parameters: [gamma, beta],
    statistics: [mean, variance],
    forward(batch, training) {
      normalised = like(batch);
      const result = like(batch);
      for (let c = 0; c < channels; c++) {
        const [mu, sigma] = training ? measure(batch, c) : [mean.value[c]!, variance.value[c]!];
        inverse[c] = 1 / Math.sqrt(sigma + epsilon);
        eachOf(batch, c, (at) => {
          normalised.data[at] = (batch.data[at]! - mu) * inverse[c]!;
          result.data[at] = gamma.value[c]! * normalised.data[at]! + beta.value[c]!;
        });
      }
      return result;
    },
    backward(gradient) {
      const result = like(gradient);
      const count = gradient.images * gradient.side * gradient.side;
      for (let c = 0; c < channels; c++) {
        let [sum, product] = [0, 0];
        eachOf(gradient, c, (at) => {
          sum += gradient.data[at]!;
          product += gradient.data[at]! * normalised.data[at]!;
        });
        beta.gradient[c] = beta.gradient[c]! + sum;
        gamma.gradient[c] = gamma.gradient[c]! + product;
        const scale = (gamma.value[c]! * inverse[c]!) / count;
        eachOf(gradient, c, (at) => {
          result.data[at] =
            scale * (count * gradient.data[at]! - sum - normalised.data[at]! * product);
        });
      }
      return result;
    },
  };
}

export function relu(): Layer {
  let output: Batch;
  return {
    parameters: [],
    forward(batch) {
      output = { ...batch, data: batch.data.map((x) => Math.max(x, 0)) };
      return output;
    },
    backward: (gradient) => ({
      ...gradient,
      data: gradient.data.map((g, at) => (output.data[at]! > 0 ? g : 0)),
    }),
  };
}

/** The largest value of each 2x2 square. */
export function maxPool2(): Layer {
  let winners: Int32Array;
  let inputSide: number;
  return {
    parameters: [],
    forward(batch) {
      const result = like(batch, batch.channels, batch.side / 2);
      winners = new Int32Array(result.data.length);
      inputSide = batch.side;
      result.data.forEach((_, at) => {
        const [x, row] = [at % result.side, Math.floor(at / result.side)];
        let best = 2 * row * batch.side + 2 * x;
        for (const step of [1, batch.side, batch.side + 1]) {
          const candidate = 2 * row * batch.side + 2 * x + step;
          if (batch.data[candidate]! > batch.data[best]!) best = candidate;
        }
        winners[at] = best;
        result.data[at] = batch.data[best]!;
      });
      return result;
    },
    backward(gradient) {
      const result = like(gradient, gradient.channels, inputSide);
      gradient.data.forEach((g, at) => {
        result.data[winners[at]!] = g;
      });
      return result;
    },
  };
}

/** A fully connected layer on the flattened input. */
export function linear(path: string, size: number, out: number, random: Random): Layer {
  const scale = Math.sqrt(2 / size);
  const weight = parameter(`${path}.weight`, [out, size], () => random.normal() * scale);
  const bias = parameter(`${path}.bias`, [out], () => 0);
  let input: Batch;
  return {
    parameters: [weight, bias],
    forward(batch) {
      input = batch;
      const result = { ...like(batch, out, 1) };
      for (let at = 0; at < result.data.length; at++) {
        const [n, o] = [Math.floor(at / out), at % out];
        let sum = bias.value[o]!;
        for (let k = 0; k < size; k++)
          sum += weight.value[o * size + k]! * batch.data[n * size + k]!;
        result.data[at] = sum;
      }
      return result;
    },
    backward(gradient) {
      const result = like(input);
      for (let at = 0; at < gradient.data.length; at++) {
        const [n, o, g] = [Math.floor(at / out), at % out, gradient.data[at]!];
        bias.gradient[o] = bias.gradient[o]! + g;
        for (let k = 0; k < size; k++) {
          const [w, x] = [o * size + k, n * size + k];
          weight.gradient[w] = weight.gradient[w]! + g * input.data[x]!;
          result.data[x] = result.data[x]! + g * weight.value[w]!;
        }
      }
      return result;
    },
  };
}
