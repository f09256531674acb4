import { isConstant, scalarOf } from "../../ir/constants.js";
import type { Graph, Node, NodeOf, Value } from "../../ir/graph.js";
import type { UnaryFunction } from "../../ir/ops/arithmetic.js";
import type { OpName } from "../../ir/ops/index.js";
import type { Budget } from "../../ir/rewrite.js";
import { type Filters, filtersOf } from "./filters.js";
import { channelsOf, flowOf, type Link } from "./flow.js";
import { type Copies, type Copy, noCopies, similarFilters } from "./similar-filters.js";

/** The channels of a value that are multiples of others. */
export type CopiesOf = (value: Value) => Copies;

/** Channels that are positive multiples of others of the same value, and the layers that were not looked at. */
export interface FoundCopies {
  readonly of: CopiesOf;
  readonly unexamined: readonly Node[];
}

/** What was found of layers before, so that each is looked at once. */
export type Examined = Map<Node, Copies>;

/**
 * Finds filters that are positive multiples of each other and follows their channels as far as they stay
 * multiples. Each filter that is looked at costs its weights.
 */
export function findCopies(graph: Graph, effort: Budget, examined: Examined): FoundCopies {
  const found = new Map<Value, Copies>();
  const unexamined: Node[] = [];
  const of: CopiesOf = (value) => found.get(value) ?? noCopies;
  for (const node of graph.nodes) {
    const filters = filtersOf(node);
    if (filters) {
      const copies =
        examined.get(node) ?? examine(filters, of(filters.node.operands.input), effort);
      if (!copies) {
        unexamined.push(node);
        continue;
      }
      // What depth-wise filters are copies of depends on their inputs.
      if (filters.inputsPerGroup > 1) examined.set(node, copies);
      if (copies.size > 0) found.set(node.results[0]!, copies);
    } else {
      for (const [value, copies] of followed(node, of)) {
        if (copies.size > 0) found.set(value, copies);
      }
    }
  }
  return { of, unexamined };
}

/** Looks at filters where their weights still fit into the effort. */
function examine(filters: Filters, inputCopies: Copies, effort: Budget): Copies | undefined {
  if (filters.weight.length > effort.left) return undefined;
  effort.left -= filters.weight.length;
  return similarFilters(filters, inputCopies);
}

/** Operators of one operand for which a multiple of the channel gives that multiple of the result. */
const linear: ReadonlySet<OpName> = new Set([
  "cast",
  "maxPool",
  "avgPool",
  "reduce",
  "reshape",
  "transpose",
  "concat",
  "slice",
  "split",
  "resize",
  "channelShuffle",
  "dropout",
] satisfies OpName[]);

const homogeneous: ReadonlySet<UnaryFunction["kind"]> = new Set([
  "relu",
  "leakyRelu",
  "abs",
  "neg",
] satisfies UnaryFunction["kind"][]);

/** The results' copies, for operators that treat each channel by itself. */
function followed(node: Node, of: CopiesOf): (readonly [Value, Copies])[] {
  if (node.op === "binary") return [[node.results[0]!, ofBinary(node, of)]];
  const { links } = flowOf(node);
  if (links.every(({ operand }) => of(operand).size === 0)) return [];
  if (linear.has(node.op)) return alongLinks(links, node, of);
  if (node.op !== "unary") return [];
  const copies = of(node.operands.input);
  if (homogeneous.has(node.attrs.fn.kind)) return [[node.results[0]!, copies]];
  return [[node.results[0]!, new Map([...copies].filter(([, { times }]) => times === 1))]];
}

/** Copies where their channels went; both must be in the same result, in the same order. */
function alongLinks(
  links: readonly Link[],
  node: Node,
  of: CopiesOf,
): (readonly [Value, Copies])[] {
  return node.results.map((result) => {
    const copies = new Map<number, Copy>();
    for (const { operand, from, result: own, to } of links) {
      if (own !== result || of(operand).size === 0) continue;
      const places = new Map<number, number[]>();
      from.forEach((channel, i) => {
        places.set(channel, [...(places.get(channel) ?? []), to[i]!]);
      });
      for (const [channel, copy] of of(operand)) {
        const [copied, originals] = [places.get(channel) ?? [], places.get(copy.of)];
        copied.forEach((place, i) => {
          if (originals) copies.set(place, { of: originals[i]!, times: copy.times });
        });
      }
    }
    return [result, copies] as const;
  });
}

/** Sums of equal multiples are that multiple; a product with what all channels share is one, too. */
function ofBinary({ operands, attrs, results }: NodeOf<"binary">, of: CopiesOf): Copies {
  const { left, right } = operands;
  const channels = channelsOf(results[0]!);
  const rank = results[0]!.type.shape.length;
  const [mine, theirs] = [of(left), of(right)];
  const both = attrs.fn === "add" || attrs.fn === "sub" || attrs.fn === "min" || attrs.fn === "max";
  if (channelsOf(left) !== channels && !isConstant(left)) return noCopies;
  if (both && mine.size > 0 && theirs.size > 0) {
    return new Map(
      [...mine].filter(([channel, { of: original, times }]) => {
        const other = theirs.get(channel);
        return other?.of === original && other.times === times;
      }),
    );
  }
  const isShared = (value: Value): boolean =>
    scalarOf(value) !== undefined ||
    (channelsOf(value) === 1 && value.type.shape.length === rank && !isConstant(value));
  if ((attrs.fn === "mul" || attrs.fn === "div") && isShared(right)) return mine;
  if (attrs.fn === "mul" && isShared(left)) return theirs;
  const unscaled = (copies: Copies): Copies =>
    new Map([...copies].filter(([, { times }]) => times === 1));
  if (isShared(right)) return unscaled(mine);
  return isShared(left) ? unscaled(theirs) : noCopies;
}
