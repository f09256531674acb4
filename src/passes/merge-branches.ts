import { build, type Origin } from "../ir/build.js";
import type { Node, Value } from "../ir/graph.js";
import type { PassContext } from "./pass.js";
import { type Refusal, type Rewriting, structuralPass } from "./structural-pass.js";
import { hasMap, type View } from "./window-maps/branch.js";
import { convolutionOf } from "./window-maps/convolution-of.js";
import { savingOf } from "./window-maps/draft.js";
import { isSum, type Sum, type Term, termsOf } from "./window-maps/sum-terms.js";
import { negated, sumMap, type WindowMap } from "./window-maps/window-map.js";
import { chainWords, commonPath, windowWords } from "./window-maps/words.js";

/**
 * Merges parallel linear branches of one value into one convolution: what re-parameterised networks are trained
 * with, and sums of a value and its convolution.
 *
 *   conv(x, u) + conv(x, v) + x  =  conv(x, u + v + δ),   δ the identity at the centre tap
 *
 * A branch is a chain of convolutions, average pools that count their padding, batch norms and products with
 * constants; a smaller or dilated kernel lies inside the larger one at the place that its padding tells. Of a
 * sum's branches those are merged that save most by predicted time, so a dense kernel is not made of cheap
 * parts. A value in between that has another reader ends a branch; a bias in front of padding becomes an image
 * that is added; strides must agree.
 */
export const mergeBranches = structuralPass({
  name: "merge-branches",
  summary: "merge parallel linear branches of one value into one convolution",
  op: "binary",
  exactness: "rounding",
  find(node, uses, context) {
    if (!isSum(node)) return undefined;
    const sum = termsOf(node, uses);
    let refusal: Refusal | undefined;
    for (const readers of readersByBase(sum.terms)) {
      const found = mergeReaders(sum, readers, context);
      if (found && !("refused" in found)) return found;
      refusal ??= found;
    }
    return refusal;
  },
});

/** A term as a map of a value that others read too, if it is one. */
interface Reader {
  readonly term: Term;
  readonly view: View;
}

/** A term and its map. */
interface Branch {
  readonly term: Term;
  readonly nodes: readonly Node[];
  readonly map: WindowMap;
}

/** Most branches of which all choices are compared. */
const mostBranches = 6;

/** For each value that several terms are made of: those terms. */
function readersByBase(terms: readonly Term[]): Reader[][] {
  const readers = new Map<Value, Reader[]>();
  for (const term of terms) {
    for (const view of term.views) {
      const others = readers.get(view.base) ?? [];
      readers.set(view.base, [...others, { term, view }]);
    }
  }
  return [...readers.values()].filter((all) => all.length > 1);
}

function mergeReaders(
  sum: Sum,
  readers: readonly Reader[],
  context: PassContext,
): Rewriting | Refusal | undefined {
  const branches = readers.flatMap(({ term, view }): Branch[] => {
    if (!hasMap(view)) return [];
    return [{ term, nodes: view.nodes, map: term.isNegative ? negated(view.map) : view.map }];
  });
  const best = bestOf(sum, branches.slice(0, mostBranches), context);
  if (!best) return refusalOf(readers, branches);
  const names = best.flatMap(({ nodes }) => nodes.map(({ name }) => name)).filter((name) => name);
  const origin = { name: commonPath(names), span: sum.node.span };
  const map = sumMap(best.map((branch) => branch.map));
  const merged = map && convolutionOf(map, origin, "computed");
  if (!map || !merged) return { refused: "a number of the merged kernel is too large" };
  const parts = best.map(({ nodes }) => chainWords(nodes)).join(" + ");
  const rest = sum.terms.filter((term) => best.every((branch) => branch.term !== term));
  return {
    value: addTerms(merged, rest, sum.node),
    replaces: [...best.flatMap(({ nodes }) => nodes), ...sum.adds],
    family: `${windowWords(merged)} = ${parts}`,
    label: "rounding",
    weightError: 0,
    outputError: 0,
    reason: `${best.length} branches read one value`,
  };
}

/** Of several branches those whose merging saves most; undefined when none does. */
function bestOf(
  { node }: Sum,
  branches: readonly Branch[],
  context: PassContext,
): readonly Branch[] | undefined {
  let best: { readonly ms: number; readonly branches: readonly Branch[] } | undefined;
  for (const chosen of subsetsOf(branches)) {
    const nodes = chosen.flatMap((branch) => branch.nodes);
    const map = chosen.length > 1 && nodes.some(isWindow) ? sumMap(chosen.map(mapOf)) : undefined;
    const saved = map && savingOf(map, nodes, context);
    if (!saved?.isModest) continue;
    const ms = saved.ms + (chosen.length - 1) * context.predictMs(node);
    if (ms > (best?.ms ?? 0)) best = { ms, branches: chosen };
  }
  return best?.branches;
}

const mapOf = ({ map }: Branch): WindowMap => map;

const isWindow = ({ op }: Node): boolean => op === "conv2d" || op === "linear" || op === "avgPool";

/** All choices of some of a few things, larger ones first where they are alike. */
const subsetsOf = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: 2 ** all.length }, (_, bits) => all.filter((_, at) => (bits >> at) & 1));

/** Why branches of one value stay apart; nothing where a sum has no more than one real branch. */
function refusalOf(readers: readonly Reader[], branches: readonly Branch[]): Refusal | undefined {
  for (const { view } of readers) if ("refused" in view.map) return view.map;
  if (!branches.some(({ nodes }) => nodes.some(isWindow))) return undefined;
  return { refused: "no two of its branches would be faster as one convolution" };
}

/** A merged value and the terms that are left. */
function addTerms(merged: Value, rest: readonly Term[], { name, span }: Origin): Value {
  return rest.reduce((left, { value, isNegative }) => {
    const fn = isNegative ? "sub" : "add";
    return build("binary", { left, right: value }, { fn }, { name: name ?? "", span });
  }, merged);
}
