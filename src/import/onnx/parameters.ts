import { build, constantOf } from "../../ir/build.js";
import type { Value } from "../../ir/graph.js";
import type { Role } from "../../ir/ops/leaf.js";
import type { StoredTensor } from "../../weights/store.js";
import { asTensor, elementsOf, isFloat, type Known } from "./item.js";

/** The tensors of a model that become parameters of its network, by path. */
export class Parameters {
  readonly tensors = new Map<string, StoredTensor>();
  readonly #labels = new Set<string>();
  /** The next number for a label that is taken. */
  readonly #numbers = new Map<string, number>();

  /** A label that no other node has: as wished, or with a number behind it. */
  uniqueLabel(wished: string): string {
    let label = wished;
    let number = this.#numbers.get(wished) ?? 2;
    for (; this.#labels.has(label); number++) label = `${wished}_${number}`;
    this.#numbers.set(wished, number);
    this.#labels.add(label);
    return label;
  }

  /** A parameter node; its path is the label's and the name. */
  add(label: string, name: string, known: Known, role: Role = "parameter"): Value {
    const { shape } = known;
    let path = `${label}.${name}`;
    for (let n = 2; this.tensors.has(path); n++) path = `${label}.${name}_${n}`;
    this.tensors.set(path, { dtype: "float32", shape, read: () => asTensor(known) });
    return build("parameter", {}, { path, role, shape }, { name: label });
  }

  /** Known numbers as a value: floats in a row are a parameter, a single number and integers are written out. */
  valueOf(label: string, name: string, known: Known): Value {
    if (isFloat(known.dtype) && elementsOf(known) > 1) return this.add(label, name, known);
    const data = Float32Array.from(known.dense().data);
    return constantOf(known.shape, data, "literal", { name: label });
  }
}
