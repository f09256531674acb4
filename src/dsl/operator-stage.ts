import type { Span } from "../diagnostics/diagnostic.js";
import type { Value as Tensor } from "../ir/graph.js";
import type { AttributesOf, OperandsOf, OpName } from "../ir/ops/index.js";
import type { Role } from "../ir/ops/leaf.js";
import { ShapeError } from "../ir/ops/operator.js";
import { sizeOf } from "../ir/types.js";
import { type Expansion, maxElements } from "./expansion.js";
import type { StageBuilder } from "./operators/definition.js";
import { printShape, shapeOf } from "./values.js";

/** A stage of one operator in the making. */
export class OperatorStage implements StageBuilder {
  constructor(
    private readonly expansion: Expansion,
    readonly operator: string,
    private readonly path: string,
    private readonly span: Span,
    readonly input: Tensor,
  ) {}

  get shape(): readonly number[] {
    return shapeOf(this.input);
  }

  parameter(name: string, shape: readonly number[], role: Role = "parameter"): Tensor {
    const path = `${this.path}.${name}`;
    if (sizeOf(shape) > maxElements) {
      const details = { op: this.operator, shape: printShape(shape), limit: maxElements };
      throw new ShapeError("tensor-too-large", details);
    }
    const attrs = { path, role, shape };
    return this.expansion.node("parameter", {}, attrs, { name: path, span: this.span }).results[0]!;
  }

  build<K extends OpName>(op: K, operands: OperandsOf<K>, attrs: AttributesOf<K>): Tensor {
    return this.buildAll(op, operands, attrs)[0]!;
  }

  buildAll<K extends OpName>(
    op: K,
    operands: OperandsOf<K>,
    attrs: AttributesOf<K>,
  ): readonly Tensor[] {
    const origin = { name: this.path, span: this.span };
    const { results } = this.expansion.node(op, operands, attrs, origin);
    const node = results[0]?.node;
    if (node) this.expansion.nodes.push(node);
    return results;
  }

  after(input: Tensor, child?: string): StageBuilder {
    const path = child === undefined ? this.path : `${this.path}.${child}`;
    return new OperatorStage(this.expansion, this.operator, path, this.span, input);
  }
}
