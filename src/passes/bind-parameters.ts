import { nearest } from "../diagnostics/nearest.js";
import type { Report } from "../diagnostics/report.js";
import { constantOf } from "../ir/build.js";
import type { Graph, NodeOf, Value } from "../ir/graph.js";
import { mapGraph } from "../ir/rewrite.js";
import { sameShape } from "../ir/types.js";
import { type InitialisationKind, initialise } from "../weights/initialise.js";
import { printShape, type TensorStore, toFloat32 } from "../weights/store.js";

/** Where the numbers of a network come from. */
export type ParameterSource =
  | {
      readonly kind: "store";
      readonly store: TensorStore;
      /** What messages call it: the file. */
      readonly name: string;
    }
  | {
      readonly kind: "initialise";
      readonly with: InitialisationKind;
      readonly seed: number;
    };

type Parameter = NodeOf<"parameter">;

/**
 * Gives every parameter its numbers: `parameter` nodes become constants of the same role, named after
 * their paths. Tensors that are missing, unused or of another shape are reported, all of them, and the
 * graph is returned as it is. PyTorch's counters of training steps are no parameters.
 */
export function bindParameters(graph: Graph, source: ParameterSource, report: Report): Graph {
  const parameters = new Map<string, Parameter>();
  for (const node of graph.nodes) {
    if (node.op === "parameter") parameters.set(node.attrs.path, node);
  }
  if (source.kind === "store" && !checkStore(parameters, source, report)) return graph;
  const bound = new Map<string, Value>();
  return mapGraph(graph, (node) => {
    if (node.op !== "parameter") return undefined;
    const { path } = node.attrs;
    const value = bound.get(path) ?? bind(node, source);
    bound.set(path, value);
    return value;
  });
}

function bind({ attrs, span }: Parameter, source: ParameterSource): Value {
  const { path, role, shape } = attrs;
  const data =
    source.kind === "store"
      ? toFloat32(source.store.get(path)!.read())
      : initialise(source.with, source.seed, path, shape);
  return constantOf(shape, data, role, { name: path, span });
}

const isCounter = (path: string): boolean => /(^|\.)num_batches_tracked$/.test(path);

/** Reports what does not fit; true when everything does. */
function checkStore(
  parameters: ReadonlyMap<string, Parameter>,
  { store, name: source }: Extract<ParameterSource, { readonly kind: "store" }>,
  report: Report,
): boolean {
  const wanted = [...parameters.values()].map(({ attrs }) => attrs);
  const missing = wanted.filter(({ path }) => !store.has(path));
  const unused = [...store]
    .map(([path, { shape }]) => ({ path, shape }))
    .filter(({ path }) => !parameters.has(path) && !isCounter(path));
  const misshapen = wanted.flatMap(({ path, shape }) => {
    const stored = store.get(path);
    if (!stored || sameShape(stored.shape, shape)) return [];
    return [{ path, wanted: printShape(shape), has: printShape(stored.shape) }];
  });
  if (missing.length > 0) {
    report.add("weights-missing", { source, tensors: withNearest(missing, unused) });
  }
  if (unused.length > 0) {
    report.add("weights-unused", { source, tensors: withNearest(unused, missing) });
  }
  if (misshapen.length > 0) report.add("weights-misshapen", { source, tensors: misshapen });
  return missing.length + unused.length + misshapen.length === 0;
}

interface Named {
  readonly path: string;
  readonly shape: readonly number[];
}

/** How many tensors of a list get a suggestion. */
const mostSuggestions = 100;

/** Each tensor with its shape as text and the name among the others that was probably meant. */
const withNearest = (tensors: readonly Named[], others: readonly Named[]) => {
  const names = others.map(({ path }) => path);
  return tensors.map(({ path, shape }, at) => ({
    path,
    shape: printShape(shape),
    nearest: at < mostSuggestions ? nearest(path, names) : undefined,
  }));
};
