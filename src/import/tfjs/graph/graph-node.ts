import type { Value } from "../../../ir/graph.js";
import type { Role } from "../../../ir/ops/leaf.js";
import { sizeOf } from "../../../ir/types.js";
import type { StoredTensor } from "../../../weights/store.js";
import { Feature } from "../feature.js";
import type { Json } from "../json.js";
import { type Arrangement, type Reading, refuse } from "../reading.js";
import { type Item, Known } from "./item.js";

/** A text of an attribute: base64, or the codes of its characters. */
function decodeText(json: Json): string {
  if (json.isList) return String.fromCharCode(...json.wholes().slice(0, 1000));
  return Buffer.from(json.text(), "base64").toString("utf8");
}

/** Whole numbers are written as numbers or as texts. */
function decodeWhole(json: Json): number {
  const value =
    json.isText && /^-?\d{1,15}$/.test(json.text()) ? Number(json.text()) : json.number();
  return Number.isSafeInteger(value) ? value : json.refuse("a whole number");
}

/** The most numbers that are computed while reading. */
export const maxFolded = 2 ** 24;

/** A node while it is read: its operands and attributes. */
export class GraphNode {
  constructor(
    readonly reading: Reading,
    readonly json: Json,
    readonly op: string,
    readonly label: string,
    readonly items: readonly Item[],
  ) {}

  attr(key: string): Json {
    return this.json.at("attr").at(key);
  }

  text(key: string, fallback: string): string {
    const json = this.attr(key).at("s");
    return json.isMissing ? fallback : decodeText(json);
  }

  flag(key: string): boolean {
    return this.attr(key).at("b").flag(false);
  }

  number(key: string, fallback: number): number {
    return this.attr(key).at("f").number(fallback);
  }

  whole(key: string, fallback: number): number {
    const json = this.attr(key).at("i");
    return json.isMissing ? fallback : decodeWhole(json);
  }

  wholes(key: string): readonly number[] {
    const json = this.attr(key).at("list").at("i");
    return json.isMissing ? [] : json.items().map(decodeWhole);
  }

  texts(key: string): readonly string[] {
    const json = this.attr(key).at("list").at("s");
    return json.isMissing ? [] : json.items().map(decodeText);
  }

  item(at: number): Item {
    return this.items[at] ?? refuse(`its operand ${at} is missing`);
  }

  /** Numbers that must be known while the model is read. */
  known(at: number, what: string): readonly number[] {
    const item = this.item(at);
    if (!(item instanceof Known)) return refuse(`its ${what} is computed on every run`);
    if (sizeOf(item.shape) > 4096) refuse(`its ${what} has ${sizeOf(item.shape)} numbers`);
    return [...item.dense.data];
  }

  /** An operand as a tensor that is computed; known floats become a parameter, single numbers and others constants. */
  feature(at: number, as = "value"): Feature {
    const item = this.item(at);
    if (item instanceof Feature) return item;
    if (item.isFloat && sizeOf(item.shape) > 1) return Feature.last(this.#parameter(item, as));
    const { shape, data } = this.dense(item);
    return Feature.last(this.reading.literal(shape, (index) => data[index]!));
  }

  /** Known numbers, unless they are too many to compute with. */
  dense(known: Known) {
    if (sizeOf(known.shape) > maxFolded) {
      refuse(`${sizeOf(known.shape)} numbers are too many to compute with while reading`);
    }
    return known.dense;
  }

  /** A trained operand with its axes in another order. */
  weight(
    at: number,
    as: string,
    { permutation, shape }: Arrangement,
    role: Role = "parameter",
  ): Value {
    const item = this.item(at);
    if (item instanceof Known) return this.#parameter(item, as, { permutation, shape, role });
    return refuse(`its ${as} is computed on every run`);
  }

  #parameter(
    item: Known,
    as: string,
    {
      permutation,
      shape,
      role,
    }: { [K in keyof Arrangement]: Arrangement[K] | undefined } & { role?: Role } = {},
  ): Value {
    const own = permutation ? permutation.map((axis) => item.shape[axis]!) : item.shape;
    const stored = item.stored ?? storedOf(item);
    return this.reading.parameter(`${this.label}.${as}`, shape ?? own, stored, {
      ...(permutation ? { permutation } : {}),
      ...(shape ? { shape } : {}),
      ...(role ? { role } : {}),
    });
  }
}

const storedOf = (known: Known): StoredTensor => {
  const { shape } = known;
  const read = () =>
    ({ dtype: "float32", shape, data: Float32Array.from(known.dense.data) }) as const;
  return { dtype: "float32", shape, read };
};

/** Reads a node; several results are a list. */
export type NodeReader = (node: GraphNode) => Item | readonly Item[];
