import type { Span } from "../diagnostics/diagnostic.js";
import type { AttributesOf, OperandsOf, OpName } from "./ops/index.js";
import type { TensorType } from "./types.js";

/** One result of a node. Identity is meaning: two reads of a value hold the same object. */
export interface Value {
  readonly node: Node;
  readonly index: number;
  readonly type: TensorType;
}

/** One operator application. Immutable; made only by `build`. */
export interface NodeOf<K extends OpName> {
  readonly op: K;
  readonly attrs: AttributesOf<K>;
  readonly operands: OperandsOf<K>;
  readonly results: readonly Value[];
  /** The parameter path of the stage it came from: `layer1.0.conv1`; empty when it has none. */
  readonly name: string;
  /** Where it was written, if it came from a file. */
  readonly span?: Span | undefined;
}

export type Node = { [K in OpName]: NodeOf<K> }[OpName];

/** How a picture becomes an input: what bytes 0 and 255 map to, then `(x - mean) / std` per channel. */
export interface ImageSettings {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly range: readonly [number, number];
  readonly order: "rgb" | "bgr";
  readonly resize: "stretch" | "cover" | "contain";
}

export interface GraphInput {
  readonly name: string;
  readonly value: Value;
  /** Set when the input takes pictures. */
  readonly image?: ImageSettings | undefined;
  /** What its axes are called, where that is not `nchw`. */
  readonly layout?: "nhwc" | undefined;
}

export interface GraphOutput {
  readonly name: string;
  readonly value: Value;
  /** What its axes are called, where that is not `nchw`. */
  readonly layout?: "nhwc" | undefined;
}

/** One line of an `optimize` block, checked: what the compiler may do beyond exact rewrites. */
export interface Grant {
  readonly kind: "separate" | "stack" | "prune" | "calibrate" | "verify" | "winograd" | "precision";
  /** The scope or stage it holds for; empty for the whole model. */
  readonly path: string;
  readonly within?: number | undefined;
  readonly value?: string | undefined;
  readonly span?: Span | undefined;
  /** The option that it came from, where it is no line. */
  readonly option?: string | undefined;
}

/** A network: nodes in topological order, and what goes in and out by name. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly GraphOutput[];
  readonly nodes: readonly Node[];
  readonly labels?: readonly string[] | undefined;
  readonly grants: readonly Grant[];
}

/** A node's operand values in the order of its table, lists spread, absent ones left out. */
export function operandsOf(node: Node): Value[] {
  const operands: Value[] = [];
  for (const operand of Object.values<Value | readonly Value[] | undefined>(node.operands)) {
    if (operand === undefined) continue;
    if (Array.isArray(operand)) operands.push(...operand);
    else operands.push(operand as Value);
  }
  return operands;
}
