import type { Tensor } from "../../src/weights/store.js";
import type { ManifestTensor } from "./manifest.js";

/** What becomes of a tensor: its name below the layer's in tiny_face.cnn, and the order of its axes there. */
interface Place {
  readonly name: string;
  readonly axes: readonly number[];
}

/** By the end of the manifest's name. Kernels are [height, width, in, out] there, depth-wise ones [height, width, channels, 1]. */
const separable: Readonly<Record<string, Place>> = {
  depthwise_filter: { name: "dw.weight", axes: [2, 3, 0, 1] },
  pointwise_filter: { name: "pw.weight", axes: [3, 2, 0, 1] },
  bias: { name: "pw.bias", axes: [0] },
};
const plain: Readonly<Record<string, Place>> = {
  filters: { name: "weight", axes: [3, 2, 0, 1] },
  bias: { name: "bias", axes: [0] },
};

/** The tensor whose axis `i` is the given one's `axes[i]`. */
function turned({ shape, data }: ManifestTensor, axes: readonly number[]): Tensor {
  const steps = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const to = axes.map((axis) => shape[axis]!);
  const result = Float32Array.from(data, (_, at) => {
    let [rest, from] = [at, 0];
    for (let axis = to.length - 1; axis >= 0; axis--) {
      from += (rest % to[axis]!) * steps[axes[axis]!]!;
      rest = Math.floor(rest / to[axis]!);
    }
    return data[from]!;
  });
  return { dtype: "float32", shape: to, data: result };
}

/** The tensors of face-api's manifest under the parameter paths of tiny_face.cnn. */
export function tinyFaceWeights(
  tensors: ReadonlyMap<string, ManifestTensor>,
): (readonly [string, Tensor])[] {
  return [...tensors].map(([name, tensor]) => {
    const [layer = "", end = ""] = name.split("/");
    const place = (tensors.has(`${layer}/depthwise_filter`) ? separable : plain)[end];
    if (!place) throw new Error(`the network has no place for ${name}`);
    return [`${layer}.${place.name}`, turned(tensor, place.axes)] as const;
  });
}
