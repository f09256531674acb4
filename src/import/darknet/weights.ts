import type { Report } from "../../diagnostics/report.js";
import { sizeOf } from "../../ir/types.js";
import { type StoredTensor, type Tensor, type TensorStore, viewData } from "../../weights/store.js";
import type { Storage } from "./layer.js";

/** A tensor in its place of the weights file. */
export interface Place {
  readonly path: string;
  readonly shape: readonly number[];
  readonly storage: Storage;
}

/**
 * A `.weights` file: three words of the version, the number of images seen (8 bytes from version 0.2
 * on, else 4), then float32 numbers, layer by layer. The file must end where the last layer's do. From
 * version 1000 on the matrices of `[connected]` layers are stored transposed.
 */
export function readWeights(
  bytes: Uint8Array,
  places: readonly Place[],
  { file, report }: { readonly file: string; readonly report: Report },
): TensorStore {
  const [major, minor] = [wordAt(bytes, 0), wordAt(bytes, 4)];
  const isOld = major > 1000 || minor > 1000;
  const headerBytes = major * 10 + minor >= 2 && major < 1000 && minor < 1000 ? 20 : 16;
  const store = new Map<string, StoredTensor>();
  let at = headerBytes;
  for (const { path, shape, storage } of places) {
    const size = sizeOf(shape);
    const isTransposed = storage.isTransposed || (isOld && storage.wasTransposed) || false;
    store.set(path, stored(bytes.subarray(at, at + 4 * size), shape, isTransposed));
    at += 4 * size;
  }
  if (at === bytes.length) return store;
  const version = `${major}.${minor}`;
  report.add("darknet-weights-size", { file, wanted: at, has: bytes.length, version });
  return new Map();
}

/** A signed word; 0 behind the end. */
const wordAt = (bytes: Uint8Array, at: number): number =>
  at + 4 > bytes.length
    ? 0
    : new DataView(bytes.buffer, bytes.byteOffset + at, 4).getInt32(0, true);

function stored(bytes: Uint8Array, shape: readonly number[], isTransposed: boolean): StoredTensor {
  const read = (): Tensor => {
    const data = viewData("float32", bytes, bytes.length / 4);
    if (!(data instanceof Float32Array) || !isTransposed) return { dtype: "float32", shape, data };
    return { dtype: "float32", shape, data: rowsOf(data, shape[0]!) };
  };
  return { dtype: "float32", shape, read };
}

/** A matrix of so many rows, from its columns one after another. */
function rowsOf(columns: Float32Array, rows: number): Float32Array {
  const width = columns.length / rows;
  return Float32Array.from(
    columns,
    (_, at) => columns[(at % width) * rows + Math.floor(at / width)]!,
  );
}
