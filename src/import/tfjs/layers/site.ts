import type { Value } from "../../../ir/graph.js";
import type { Role } from "../../../ir/ops/leaf.js";
import type { StoredTensor } from "../../../weights/store.js";
import type { Feature } from "../feature.js";
import type { Json } from "../json.js";
import { type Arrangement, type Reading, refuse } from "../reading.js";
import type { Weights } from "../weights.js";

/** Finds a layer's tensors in a manifest, whose names may have folders of models in front. */
export class WeightNames {
  readonly #tensors = new Map<string, StoredTensor>();

  constructor(weights: Weights) {
    for (const [name, tensor] of weights) {
      const parts = name.split("/").slice(-8);
      parts.forEach((_, at) => {
        const end = parts.slice(at).join("/");
        if (!this.#tensors.has(end)) this.#tensors.set(end, tensor);
      });
      // Newer versions write the name of a cell between the layer's and the tensor's.
      const withoutCell = [...parts.slice(0, -2), ...parts.slice(-1)].join("/");
      if (!this.#tensors.has(withoutCell)) this.#tensors.set(withoutCell, tensor);
    }
    for (const [name, tensor] of weights) this.#tensors.set(name, tensor);
  }

  /** A layer's tensor; that of the model around it is preferred to another's of the same name. */
  find(scope: readonly string[], layer: string, part: string): StoredTensor | undefined {
    const path = [...scope, layer, part];
    for (let from = 0; from < path.length - 1; from++) {
      const found = this.#tensors.get(path.slice(from).join("/"));
      if (found) return found;
    }
    return undefined;
  }
}

/** How a tensor of a layer becomes a parameter. */
export interface WeightPlace extends Arrangement {
  readonly role?: Role;
  /** Its name in the file, or several that it may have. */
  readonly in: string | readonly string[];
  /** The parameter's name behind the layer's label. */
  readonly as: string;
  /** The parameter's shape. */
  readonly size: readonly number[];
}

/** One call of a layer. */
export class LayerSite {
  constructor(
    readonly reading: Reading,
    readonly config: Json,
    readonly inputs: readonly Feature[],
    /** What parameters and nodes are named after. */
    readonly label: string,
    private readonly findTensor: (part: string) => StoredTensor | undefined,
  ) {}

  /** What arrives, where that is one tensor. */
  get input(): Feature {
    const [input] = this.inputs;
    return input && this.inputs.length === 1
      ? input
      : refuse(`it takes one tensor, ${this.inputs.length} arrive`);
  }

  /** A tensor's shape in the file, where it is there. */
  storedShape(names: readonly string[]): readonly number[] | undefined {
    return names.map(this.findTensor).find((tensor) => tensor !== undefined)?.shape;
  }

  weight({ in: names, as, size, ...arrangement }: WeightPlace): Value {
    const list = typeof names === "string" ? [names] : names;
    const stored = list.map(this.findTensor).find((tensor) => tensor !== undefined);
    return this.reading.parameter(`${this.label}.${as}`, size, stored, arrangement);
  }
}

export type LayerBuilder = (site: LayerSite) => Feature;
