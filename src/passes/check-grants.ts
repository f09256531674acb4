import type { Report } from "../diagnostics/report.js";
import type { Grant, Graph } from "../ir/graph.js";
import { isWithin } from "../ir/paths.js";
import { letRewrite, rewritingKind } from "./grants/granted-convs.js";
import { printGrant } from "./grants/print-grant.js";
import type { Level } from "./pipeline.js";

/**
 * Checks the grants of a network as it is written. Errors: one that names what has no convolution, and one whose
 * tolerance allows nothing. Warnings: one that the level ignores, one whose pass is not there yet, and examples
 * that nothing needs. `winograd(off)` is kept in any case: no convolution is computed that way.
 */
export function checkGrants(graph: Graph, level: Level, report: Report): void {
  for (const grant of graph.grants) {
    const { kind, span } = grant;
    if (kind === "winograd") continue;
    checkTolerance(grant, report);
    checkPath(graph, grant, report);
    if (level < 2) {
      report.add("grant-ignored", { grant: printGrant(grant), level }, { span });
    } else if (kind === "precision") {
      report.add("grant-not-available", { grant: printGrant(grant) }, { span });
    }
  }
  if (level === 2) checkExamples(graph, report);
}

function checkTolerance(grant: Grant, report: Report): void {
  const { within, span } = grant;
  if (within === undefined || within > 0) return;
  report.add("grant-tolerance", { grant: printGrant(grant), within }, { span });
}

function checkPath({ nodes }: Graph, grant: Grant, report: Report): void {
  const { path, span } = grant;
  if (path === "" || !rewritingKind(grant)) return;
  if (nodes.some(({ op, name }) => op === "conv2d" && isWithin(name, path))) return;
  report.add("grant-without-convolution", { grant: printGrant(grant), path }, { span });
}

/** Warns of examples that nothing needs, and of those in whose place others are used. */
function checkExamples({ grants }: Graph, report: Report): void {
  const examples = grants.filter(({ kind }) => kind === "calibrate");
  const used = calibrationOf(grants);
  const isNeeded = letRewrite(grants);
  for (const grant of examples) {
    const isOverridden = grant !== used && used?.option === undefined;
    if (isNeeded && !isOverridden) continue;
    const why = isNeeded ? "a later line names others" : "no line lets layers be rewritten";
    report.add("calibration-unused", { grant: printGrant(grant), why }, { span: grant.span });
  }
}

/** The grant that names the examples: the option, else the last line. */
export const calibrationOf = (grants: readonly Grant[]): Grant | undefined =>
  grants.findLast(({ kind, option }) => kind === "calibrate" && option !== undefined) ??
  grants.findLast(({ kind }) => kind === "calibrate");
