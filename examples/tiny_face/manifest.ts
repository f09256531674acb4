import { readFileSync } from "node:fs";
import path from "node:path";

/** A tensor of a weights manifest: numbers in row-major order of its shape. */
export interface ManifestTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** How bytes stand for numbers: `byte · scale + min`. */
interface Quantization {
  readonly dtype: string;
  readonly scale: number;
  readonly min: number;
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: Quantization;
}

/** Tensors that lie one behind the other in the files of `paths`, which are parts of one whole. */
interface Group {
  readonly weights: readonly Entry[];
  readonly paths: readonly string[];
}

/** The tensors of a TF.js weights manifest by name. Its shards lie beside it. */
export function readManifest(file: string): Map<string, ManifestTensor> {
  const groups: readonly Group[] = JSON.parse(readFileSync(file, "utf8"));
  const tensors = new Map<string, ManifestTensor>();
  for (const { weights, paths } of groups) {
    const shards = paths.map((shard) => readFileSync(path.join(path.dirname(file), shard)));
    const bytes = Buffer.concat(shards);
    let start = 0;
    for (const entry of weights) {
      const size = entry.shape.reduce((product, n) => product * n, 1);
      const end = start + size * bytesOf(entry);
      if (end > bytes.length) throw new Error(`${entry.name}: the shards end in the middle of it`);
      tensors.set(entry.name, {
        shape: entry.shape,
        data: numbersOf(entry, bytes.subarray(start, end)),
      });
      start = end;
    }
    if (start !== bytes.length) throw new Error(`${bytes.length - start} bytes belong to nothing`);
  }
  return tensors;
}

/** Bytes of one number, as it is stored. */
function bytesOf({ name, dtype, quantization }: Entry): number {
  if (dtype === "float32" && !quantization) return 4;
  if (dtype === "float32" && quantization?.dtype === "uint8") return 1;
  throw new Error(`${name}: numbers of ${quantization?.dtype ?? dtype} are not read here`);
}

function numbersOf({ quantization }: Entry, bytes: Buffer): Float32Array {
  if (quantization)
    return Float32Array.from(bytes, (q) => q * quantization.scale + quantization.min);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}
