import type { Report } from "../diagnostics/report.js";
import type { Grant, Graph } from "../ir/graph.js";
import type { Level } from "./pipeline.js";

/**
 * Warns of each grant that changes nothing: one that the level ignores, and one whose pass is not there
 * yet. `winograd(off)` is kept in any case: no convolution is computed that way.
 */
export function checkGrants(graph: Graph, level: Level, report: Report): void {
  for (const grant of graph.grants) {
    if (grant.kind === "winograd") continue;
    const place = { span: grant.span };
    if (level < 2) report.add("grant-ignored", { grant: printGrant(grant), level }, place);
    else report.add("grant-not-available", { grant: printGrant(grant) }, place);
  }
}

/** A grant as it is written: `separate("layer1.conv", within=0.01)`. */
function printGrant({ kind, path, within, value }: Grant): string {
  const parts: string[] = [];
  if (path) parts.push(JSON.stringify(path));
  if (value !== undefined) parts.push(kind === "calibrate" ? JSON.stringify(value) : value);
  if (within !== undefined) parts.push(`within=${within}`);
  return `${kind}(${parts.join(", ")})`;
}
