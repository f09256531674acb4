/** One way to compute a layer: what it takes, and its error as a share of the layer's largest result. */
interface Way {
  readonly ms: number;
  readonly error: number;
}

/**
 * The largest error that algorithms which round more may add to a network's outputs, as a share of the
 * largest output. Outputs shall stay within 1e-4 of the evaluator; half of it is left for the rest.
 */
export const errorLimit = 5e-5;

/**
 * What errors of single layers make of a network's outputs: the root of the sum of their squares, since
 * each layer's errors are of mixed signs and independent of the others' (Higham, "Accuracy and stability of
 * numerical algorithms", §2.8: rounding errors add up like a random walk). Measured against the plain sums
 * with every 3×3 layer by tiles of 4×4 on seeded weights and noise, as a share of the largest output
 * before softmax: ResNet-18 7e-7 (13 layers, this says 1.6e-5), DenseNet-121 7e-7 (58, 2.6e-5), GoogLeNet
 * 1e-6 (19, 1.2e-5), U-Net 4e-6 (17, 2.3e-5), VGG-16 3e-6 (12, 1.8e-5), ResNet-50 1e-6 (13, 1.6e-5): always
 * at least five times less. The plain sum of errors would forbid DenseNet's (2e-4) for no gain.
 */
export const networkError = (errors: readonly number[]): number =>
  Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0));

/** A step to a candidate that errs less, and what a unit of squared error costs by it. */
interface Retreat<W> {
  readonly index: number;
  readonly to: W;
  readonly price: number;
}

function cheapestRetreat<W extends Way>(
  layers: readonly (readonly W[])[],
  taken: readonly W[],
): Retreat<W> | undefined {
  let best: Retreat<W> | undefined;
  layers.forEach((able, index) => {
    const own = taken[index]!;
    for (const to of able) {
      if (to.error >= own.error) continue;
      const price = (to.ms - own.ms) / (own.error ** 2 - to.error ** 2);
      if (!best || price < best.price) best = { index, to, price };
    }
  });
  return best;
}

/**
 * The first way of each layer, which is the fastest; then, as long as the network's error is over the limit, the layer
 * that loses the least time for the error it saves goes to a smaller tile or to the plain sum.
 */
export function chooseWithinError<W extends Way>(layers: readonly (readonly W[])[]): readonly W[] {
  const taken = layers.map((able) => able[0]!);
  while (networkError(taken.map(({ error }) => error)) > errorLimit) {
    const retreat = cheapestRetreat(layers, taken);
    if (!retreat) break;
    taken[retreat.index] = retreat.to;
  }
  return taken;
}
