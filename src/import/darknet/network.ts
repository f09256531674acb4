import { build, constantOf } from "../../ir/build.js";
import type { GraphOutput, Value } from "../../ir/graph.js";
import { sameShape, sizeOf } from "../../ir/types.js";
import { LayerError, type Made, type Site, type Storage } from "./layer.js";
import type { Place } from "./weights.js";

/** The most numbers that the constants of a network may have. */
const maxLiterals = 2 ** 26;

/** A reference of a layer to another that is not there. */
export class LayerReferenceError extends Error {
  override readonly name = "LayerReferenceError";
  constructor(
    readonly key: string,
    readonly reference: number,
    readonly problem: string,
  ) {
    super(problem);
  }
}

/** A network while its layers are added one by one. */
export class Network {
  readonly outputs: GraphOutput[] = [];
  readonly #layers: (Value | undefined)[] = [];
  readonly #places = new Map<string, Place>();
  readonly #parameters = new Map<string, Value>();
  #literals = 0;

  constructor(
    readonly input: Value,
    readonly net: Site["net"],
    readonly decode: boolean,
  ) {}

  /** Tensors in the order of the weights file. */
  get places(): readonly Place[] {
    return [...this.#places.values()];
  }

  /** The last layer's value, if it can be read. */
  get last(): Value | undefined {
    return this.#layers.at(-1);
  }

  add(make: (site: Site) => Value | Made): void {
    const made = make(this.#site());
    const { value, output } = "node" in made ? { value: made, output: undefined } : made;
    this.#layers.push(value);
    if (output && !this.outputs.some(({ name }) => name === output.name)) this.outputs.push(output);
  }

  #site(): Site {
    const index = this.#layers.length;
    const { net, decode } = this;
    const arriving = () => (index === 0 ? this.input : this.#layer("the section", -1, index));
    return {
      index,
      net,
      decode,
      get input() {
        return arriving();
      },
      layer: (key, reference) => this.#layer(key, reference, index),
      parameter: (path, shape, storage = {}) => this.#parameter(path, shape, storage),
      literal: (shape, of) => this.#literal(shape, of),
    };
  }

  #layer(key: string, reference: number, index: number): Value {
    const at = reference < 0 ? index + reference : reference;
    if (at < 0 || at >= index) {
      const layers = layersBefore(index);
      throw new LayerReferenceError(key, reference, layers);
    }
    const value = this.#layers[at];
    if (value) return value;
    throw new LayerReferenceError(
      key,
      reference,
      "that one is a detection head, which gives nothing on",
    );
  }

  #parameter(path: string, shape: readonly number[], storage: Storage): Value {
    const known = this.#parameters.get(path);
    if (known && sameShape(known.type.shape, shape)) return known;
    if (known || storage.isShared) {
      const has = known ? `[${known.type.shape}]` : "nothing of the kind";
      throw new LayerError(
        `${path} should be [${shape}], but the layer whose weights it shares has ${has}`,
      );
    }
    const { role = "parameter" } = storage;
    const value = build("parameter", {}, { path, role, shape }, { name: path });
    this.#parameters.set(path, value);
    this.#places.set(path, { path, shape, storage });
    return value;
  }

  #literal(shape: readonly number[], of: (at: number) => number): Value {
    this.#literals += sizeOf(shape);
    if (this.#literals > maxLiterals) {
      throw new LayerError(`the constants up to here have more than ${maxLiterals} numbers`);
    }
    return constantOf(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, (_, at) => of(at)),
    );
  }
}

function layersBefore(index: number): string {
  if (index === 0) return "there is none before it";
  return index === 1 ? "only layer 0 stands before it" : `those before it are 0 to ${index - 1}`;
}
