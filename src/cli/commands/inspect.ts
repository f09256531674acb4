import { existsSync } from "node:fs";
import { calibrationFor } from "../../calibrate.js";
import { printModule } from "../../codegen/loops/print.js";
import type { Plan } from "../../codegen/plan/index.js";
import { emitTypescript } from "../../codegen/typescript/module.js";
import { emitWat } from "../../codegen/wasm/module.js";
import type { CompileOptions } from "../../compile-options.js";
import { Report } from "../../diagnostics/report.js";
import { parametersOf } from "../../dsl/elaborate.js";
import { checkFormat, checkText } from "../../formats.js";
import type { Graph } from "../../ir/graph.js";
import { printGraph } from "../../ir/print.js";
import type { PassResults } from "../../passes/run.js";
import { bindModel, elaborateSource, optimise, planModel, readSource } from "../../pipeline.js";
import type { Command, Invocation } from "../command.js";
import { printDot } from "../dot.js";
import { compileFlags } from "../flags.js";
import { exit, UsageError, widthOf } from "../io.js";
import { passesJson, printPasses } from "../passes-table.js";
import { printPlan } from "../plan-text.js";
import { readOptions } from "../read-options.js";
import { printSummaryTable, summaryOf } from "../summary-table.js";
import { drawSvg } from "../svg/draw.js";

const stages = [
  "summary",
  "params",
  "ast",
  "graph",
  "plan",
  "loops",
  "wat",
  "ts",
  "dot",
  "svg",
] as const;
type Stage = (typeof stages)[number];

/** What the stages before the plan made. */
interface Inspected {
  readonly written: Graph;
  readonly optimised: PassResults;
  readonly target: CompileOptions["target"];
  /** The plan for a target; what there is to say of it is printed. */
  planFor(target: CompileOptions["target"]): Plan;
}

/**
 * Shows what any stage of the compiler makes of a model. Weights need not be there; the model's own are read where
 * they are, since what passes do depends on them.
 */
export const inspect: Command = {
  name: "inspect",
  usage: "MODEL",
  summary: "show a model's layers and costs, or what any stage makes of it",
  least: 1,
  most: 1,
  flags: ["emit", "print-after", "passes", ...compileFlags, "json"],
  async run(invocation) {
    const { flags, positionals } = invocation;
    const stage = flags.choice<Stage>("emit", stages);
    const options = { ...readOptions(flags) };
    const others = (["print-after", "passes"] as const).filter((flag) => flags.has(flag));
    if (stage !== undefined && others.length > 0) {
      throw new UsageError(`--emit and --${others[0]} cannot be given together`);
    }
    if (
      flags.has("json") &&
      (others.includes("print-after") || (stage ?? "summary") !== "summary")
    ) {
      throw new UsageError("--json is for the summary and --passes", "leave it out");
    }
    await show(invocation, positionals[0]!.text, stage, options);
    return exit.fine;
  },
};

async function show(
  { flags, printer, io }: Invocation,
  path: string,
  stage: Stage | undefined,
  options: CompileOptions,
): Promise<void> {
  const report = new Report();
  if (stage === "ast") checkText(path, report);
  else checkFormat(path, report);
  report.throwIfErrors();
  if (stage === "ast") return printer.json(treeOf(path, options, report));
  const source = { kind: "file", path } as const;
  const { labels: _, ...elaborated } = elaborateSource(source, options, report);
  if (stage === "params") return printer.line(printParameters(elaborated.graph));
  const isOpen = options.weights === undefined && options.init === undefined;
  const { tensors, weights } = elaborated;
  const hasOwn = tensors !== undefined || (weights !== undefined && existsSync(weights.path));
  const weighted =
    isOpen && !hasOwn ? { ...options, init: { kind: "he", seed: 0 } as const } : options;
  const written = bindModel(source, elaborated, weighted, report);
  const calibration = await calibrationFor(source, written, weighted, report);
  const optimised = optimise(written, weighted, report, calibration);
  printer.diagnostics(report.diagnostics);
  const told = report.diagnostics.length;
  const planFor = (target: CompileOptions["target"]): Plan => {
    const plan = planModel(optimised.graph, { ...weighted, target }, report, source);
    printer.diagnostics(report.diagnostics.slice(told));
    return plan;
  };
  const inspected = { written, optimised, target: weighted.target, planFor };
  if (flags.has("print-after")) {
    for (const { pass, text } of optimised.dumps) printer.line(`after ${pass}:\n${text}`);
  }
  if (flags.has("passes")) {
    if (flags.has("json")) printer.json(passesJson(optimised));
    else for (const line of printPasses(optimised)) printer.line(line);
  } else if (!flags.has("print-after")) {
    if (flags.has("json")) printer.json(summaryOf(written, planFor(weighted.target)));
    else printer.line(await textOf(stage ?? "summary", inspected, widthOf(io)));
  }
}

/** JSON with a path a line. */
function printParameters(graph: Graph): string {
  const lines = Object.entries(parametersOf(graph)).map(
    ([path, shape]) => `  ${JSON.stringify(path)}: ${JSON.stringify(shape)}`,
  );
  return lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n}`;
}

function treeOf(path: string, options: CompileOptions, report: Report): unknown {
  const tree = readSource(path, options, report);
  report.throwIfErrors();
  return tree;
}

/** The most nodes of a picture: a layout of more takes minutes. */
const mostDrawn = 2000;

/** The network as it was written beside what the passes made of it; what they restructured is marked. */
function pictureOf({ written, optimised }: Inspected): Promise<string> {
  const { graph, rewrites } = optimised;
  const nodes = Math.max(written.nodes.length, graph.nodes.length);
  if (nodes > mostDrawn) {
    const hint = "use --emit dot and a layout program";
    throw new UsageError(
      `--emit svg draws at most ${mostDrawn} nodes, and there are ${nodes}`,
      hint,
    );
  }
  const marked = rewrites.flatMap(({ name, structure }) =>
    structure && name !== "" ? [name] : [],
  );
  const graphs = [
    { title: `${written.name} as written`, graph: written },
    { title: "after all passes", graph },
  ];
  return drawSvg(graphs, new Set(marked));
}

async function textOf(
  stage: Stage,
  inspected: Inspected,
  width: number | undefined,
): Promise<string> {
  const { written, optimised, target, planFor } = inspected;
  const { graph } = optimised;
  const plan = () => planFor(target);
  switch (stage) {
    case "graph":
      return printGraph(graph);
    case "dot":
      return printDot(graph);
    case "svg":
      return pictureOf(inspected);
    case "plan":
      return printPlan(plan());
    case "loops":
      return printModule(plan().module);
    case "wat":
      return emitWat(planFor("wasm").module);
    case "ts":
      return (await emitTypescript(planFor("ts").module)).kernels;
    default:
      return printSummaryTable(summaryOf(written, plan()), width).join("\n");
  }
}
