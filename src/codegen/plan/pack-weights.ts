import type { WeightBlock } from "./plan.js";

/** Bytes that a vector load of a block's last element may read behind it. */
export const slackBytes = 16;

/** Buffers and blocks begin at cache lines. */
const alignment = 64;

export const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/** FNV-1a over the words of the data. */
function hashOf(data: Float32Array): number {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length);
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i]!, 0x01000193);
  return hash >>> 0;
}

const sameData = (a: Float32Array, b: Float32Array): boolean => {
  const [x, y] = [a, b].map((data) => new Uint32Array(data.buffer, data.byteOffset, data.length));
  return x!.length === y!.length && x!.every((word, i) => word === y![i]);
};

/** Constants at the start of memory; equal data are stored once. */
export class WeightMemory {
  readonly blocks: WeightBlock[] = [];
  readonly #byHash = new Map<string, WeightBlock[]>();
  readonly #addresses = new Map<Float32Array, number>();
  #end = 0;

  /** Bytes of all blocks; what lies behind begins at a cache line. */
  get bytes(): number {
    return this.#end;
  }

  /** The byte address of these data. */
  addressOf(label: string, data: Float32Array): number {
    const address = this.#addresses.get(data) ?? this.#blockFor(label, data).address;
    this.#addresses.set(data, address);
    return address;
  }

  /** The block that holds these data: one with the same, or a new one. */
  #blockFor(label: string, data: Float32Array): WeightBlock {
    const key = `${data.length} ${hashOf(data)}`;
    const alike = this.#byHash.get(key) ?? [];
    const known = alike.find((block) => sameData(block.data, data));
    if (known) return known;
    const block: WeightBlock = { label, address: this.#end, data };
    this.#byHash.set(key, [...alike, block]);
    this.blocks.push(block);
    this.#end = aligned(this.#end + data.byteLength + slackBytes);
    return block;
  }
}
