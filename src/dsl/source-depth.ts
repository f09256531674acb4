import type { Report } from "../diagnostics/report.js";
import type { Expression, SourceFile } from "./ast.js";
import { maxOperatorDepth } from "./limits.js";

const deepening: ReadonlySet<unknown> = new Set([
  "binary",
  "unary",
  "member",
  "if",
] satisfies Expression["kind"][]);

/**
 * Whether no place of the tree lies inside more operators than the limit, so that everyone after
 * the parser may recurse. Walks with a stack of its own; reports the first place that is too deep.
 */
export function checkDepth(source: SourceFile, report: Report): boolean {
  const waiting: { value: unknown; depth: number }[] = [{ value: source.items, depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, depth } = next;
    if (typeof value !== "object" || value === null) continue;
    const isDeeper = deepens(value);
    const inner = isDeeper ? depth + 1 : depth;
    if (isDeeper && inner > maxOperatorDepth) {
      report.add("operators-too-deep", { limit: maxOperatorDepth }, { span: value.span });
      return false;
    }
    for (const child of Object.values(value)) waiting.push({ value: child, depth: inner });
  }
  return true;
}

const deepens = (value: object): value is Expression =>
  "kind" in value && deepening.has(value.kind);
