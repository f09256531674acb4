import type { Value } from "../../ir/graph.js";
import type { AttributesOf, OpName } from "../../ir/ops/index.js";
import type { Role } from "../../ir/ops/leaf.js";
import { sameShape, sizeOf } from "../../ir/types.js";
import type { AttributeMessage, NodeMessage, TensorMessage } from "../../onnx/messages.js";
import type { DataType } from "../../weights/store.js";
import { applyAll, type ItemsOf, type Site } from "./apply.js";
import {
  type Computed,
  computed,
  elementsOf,
  type Item,
  type Known,
  knownNumbers,
  reshapedKnown,
} from "./item.js";
import type { Parameters } from "./parameters.js";
import { Refusal } from "./refusal.js";
import { turnedKnown } from "./turned.js";

/** What a node is read from besides its message. */
export interface NodeSite {
  /** The version of the operator set it is written in. */
  readonly opset: number;
  readonly label: string;
  /** Operands by place; undefined where one is left out. */
  readonly items: readonly (Item | undefined)[];
  readonly parameters: Parameters;
  readTensor(message: TensorMessage): Known;
}

/** One node while it is read: its attributes and operands, and how what it means is put into the graph. */
export class NodeReader implements Site {
  readonly opset: number;
  readonly label: string;
  readonly #attributes: ReadonlyMap<string, AttributeMessage>;
  readonly #asked = new Set<string>();

  constructor(
    readonly message: NodeMessage,
    readonly site: NodeSite,
  ) {
    this.opset = site.opset;
    this.label = site.label;
    this.#attributes = new Map(message.attributes.map((attribute) => [attribute.name, attribute]));
  }

  /** Gives the node up; it is listed with the reason. */
  refuse(reason: string): never {
    throw new Refusal(reason);
  }

  #attribute(name: string): AttributeMessage | undefined {
    this.#asked.add(name);
    const found = this.#attributes.get(name);
    if (found?.reference) this.refuse(`its attribute ${name} is one of a function`);
    return found;
  }

  #of<T>(name: string, pick: (attribute: AttributeMessage) => T | undefined): T | undefined {
    const attribute = this.#attribute(name);
    if (!attribute) return undefined;
    const value = pick(attribute);
    return value === undefined ? this.refuse(`its attribute ${name} has another type`) : value;
  }

  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  int(name: string, otherwise: number): number {
    return this.#of(name, ({ int, type }) => int ?? (type === 2 ? 0 : undefined)) ?? otherwise;
  }

  flag(name: string, otherwise: boolean): boolean {
    return this.int(name, otherwise ? 1 : 0) !== 0;
  }

  float(name: string, otherwise: number): number {
    return this.#of(name, ({ float, type }) => float ?? (type === 1 ? 0 : undefined)) ?? otherwise;
  }

  ints(name: string): readonly number[] | undefined {
    return this.#of(name, ({ ints, type }) => (type === 0 || type === 7 ? ints : undefined));
  }

  floats(name: string): readonly number[] | undefined {
    return this.#of(name, ({ floats, type }) => (type === 0 || type === 6 ? floats : undefined));
  }

  text(name: string, otherwise: string): string {
    const bytes = this.#of(name, (attribute) => attribute.bytes);
    return bytes ? new TextDecoder().decode(bytes) : otherwise;
  }

  /** A text attribute that must be one of a few. */
  choice<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const text = this.text(name, otherwise);
    const found = choices.find((choice) => choice === text);
    return found ?? this.refuse(`its ${name} is ${JSON.stringify(text.slice(0, 40))}`);
  }

  tensor(name: string): Known | undefined {
    const message = this.#of(name, ({ tensor }) => tensor);
    return message && this.site.readTensor(message);
  }

  /** Attributes that change nothing at inference. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#asked.add(name);
  }

  /** Refuses attributes that the reader did not ask for: they would change what the node means. */
  checkAttributes(): void {
    const unknown = [...this.#attributes.keys()].filter((name) => !this.#asked.has(name));
    if (unknown.length > 0) this.refuse(`its attribute ${unknown.join(", ")} is not known`);
  }

  /** How many operands are named, those left out at the end not counted. */
  get count(): number {
    return this.site.items.findLastIndex((item) => item !== undefined) + 1;
  }

  optional(index: number): Item | undefined {
    return this.site.items[index];
  }

  input(index: number): Item {
    return this.optional(index) ?? this.refuse(`its operand ${index} is missing`);
  }

  all(): readonly Item[] {
    return this.site.items.map((_, index) => this.input(index));
  }

  /** An operand that must be known while the model is read. */
  known(index: number, what: string): Known {
    return this.asKnown(this.input(index), what);
  }

  asKnown(item: Item, what: string): Known {
    return item.kind === "known"
      ? item
      : this.refuse(`its ${what} depends on what the network computes`);
  }

  /** The numbers of an optional operand that must be known. */
  numbers(index: number, what: string): readonly number[] | undefined {
    const item = this.optional(index);
    return item && [...this.asKnown(item, what).dense().data];
  }

  /** One number of an optional operand that must be known. */
  number(index: number, what: string): number | undefined {
    const numbers = this.numbers(index, what);
    if (numbers && numbers.length !== 1) this.refuse(`its ${what} is not one number`);
    return numbers?.[0];
  }

  /** An axis counted from the front; negative ones count from behind. */
  axis(axis: number, rank: number): number {
    const found = axis < 0 ? axis + rank : axis;
    if (Number.isInteger(found) && found >= 0 && found < rank) return found;
    return this.refuse(`axis ${axis} is none of a tensor of rank ${rank}`);
  }

  /** Axes counted from the front, ascending; refuses repeated ones. */
  axes(axes: readonly number[], rank: number): number[] {
    const found = axes.map((axis) => this.axis(axis, rank)).sort((a, b) => a - b);
    if (new Set(found).size < found.length) this.refuse(`axes [${axes}] name one twice`);
    return found;
  }

  valueOf(name: string, known: Known): Value {
    return this.site.parameters.valueOf(this.label, name, known);
  }

  /** Trained numbers of the node, under the name that they have in a `.cnn`; a computed item is itself. */
  parameter(item: Item, name: string, role?: Role): Computed {
    if (item.kind === "computed") return item;
    const value = this.site.parameters.add(this.label, name, item, role);
    return computed(value, item.dtype);
  }

  /** An operator of the graph applied to items; its first result. */
  apply<K extends OpName>(
    op: K,
    items: ItemsOf<K>,
    attrs: AttributesOf<K>,
    dtype?: DataType,
  ): Item {
    return applyAll(this, op, items, attrs, dtype)[0]!;
  }

  applyAll<K extends OpName>(op: K, items: ItemsOf<K>, attrs: AttributesOf<K>): Item[] {
    return applyAll(this, op, items, attrs);
  }

  reshape(input: Item, shape: readonly number[]): Item {
    if (sameShape(shape, input.shape)) return input;
    if (input.kind === "known" && sizeOf(shape) === elementsOf(input)) {
      return reshapedKnown(input, shape);
    }
    return this.apply("reshape", { input }, { shape });
  }

  transpose(input: Item, permutation: readonly number[]): Item {
    const isStill = permutation.every((axis, index) => axis === index);
    if (isStill) return input;
    if (input.kind === "known") return turnedKnown(input, permutation);
    return this.apply("transpose", { input }, { permutation });
  }

  scalar(value: number, dtype: DataType = "float32"): Known {
    return knownNumbers(dtype, [], [value]);
  }
}
