import type { Report } from "../../diagnostics/report.js";
import { build } from "../../ir/build.js";
import type { GraphInput } from "../../ir/graph.js";
import { printShape } from "../../ir/ops/check.js";
import { ShapeError } from "../../ir/ops/operator.js";
import { f32 } from "../../ir/types.js";
import type { ImportContext } from "../imported.js";
import { Feature } from "./feature.js";

/** A shape as the model tells it, sizes that it leaves open as undefined. */
type OpenShape = readonly (number | undefined)[];

const printOpen = (shape: OpenShape): string => `[${shape.map((size) => size ?? "?").join(",")}]`;

/** The inputs of a model, which are made one by one. */
export class Inputs {
  readonly list: GraphInput[] = [];
  readonly #features = new Map<string, Feature | undefined>();

  constructor(
    private readonly context: ImportContext,
    private readonly report: Report,
  ) {}

  /** An input of the shape, open sizes fixed; undefined when they are not, which is reported. */
  make(name: string, told: OpenShape): Feature | undefined {
    if (this.#features.has(name)) return this.#features.get(name);
    const shape = this.#fixed(name, told);
    const feature = shape && this.#build(name, shape);
    this.#features.set(name, feature);
    return feature;
  }

  /** Reports shapes that were told for inputs that are not there. */
  finish(): void {
    const known = [...this.#features.keys()];
    for (const name of Object.keys(this.context.shapes)) {
      if (!known.includes(name)) this.report.add("input-unknown", { name, known });
    }
  }

  #build(name: string, shape: readonly number[]): Feature | undefined {
    try {
      const value = build("input", {}, { name, type: f32(...shape) }, { name });
      this.list.push({ name, value, ...(shape.length === 4 ? { layout: "nhwc" as const } : {}) });
      return Feature.last(value);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      const { code, details, hint }: ShapeError = error;
      this.report.add(code, details, { hint });
      return undefined;
    }
  }

  /** Sizes that are asked for, and a batch in front where the first size is open. */
  #fixed(name: string, told: OpenShape): readonly number[] | undefined {
    const { shapes, batch } = this.context;
    const asked = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    const shape = printOpen(told);
    if (asked) {
      const fits =
        asked.length === told.length &&
        told.every((size, axis) => size === undefined || size === asked[axis]);
      if (fits) return asked;
      this.report.add("shape-is-fixed", { input: name, shape, asked: printShape(asked) });
      return undefined;
    }
    const sizes = told.map((size, axis) => size ?? (axis === 0 ? (batch ?? 1) : undefined));
    const known = sizes.filter((size) => size !== undefined);
    if (known.length < sizes.length) {
      this.report.add("tfjs-open-shape", { input: name, shape });
      return undefined;
    }
    if (batch !== undefined && told.length > 0 && (told[0] ?? batch) !== batch) {
      this.report.add("tfjs-batch-fixed", { input: name, shape, batch });
      return undefined;
    }
    return known;
  }
}
