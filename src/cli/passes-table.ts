import { allPasses } from "../passes/pipeline.js";
import type { PassRecord, PassResults } from "../passes/run.js";
import type { StructureRecord } from "../passes/structure-record.js";
import { printBytes, printMillions, printMs } from "./numbers.js";
import { printTable } from "./table.js";

/** What each pass did, with what it is for. */
export const passSummary = ({ passes }: PassResults): (PassRecord & { summary: string })[] =>
  passes.map((pass) => ({
    ...pass,
    summary: allPasses.find(({ name }) => name === pass.name)?.summary ?? "",
  }));

/** All that is known of the passes: what each did, the rewrites in order, and what was left as it is. */
export const passesJson = (results: PassResults): object => {
  const { graph: _, dumps: __, ...told } = results;
  return { ...told, passes: passSummary(results) };
};

const columns = [
  { title: "pass" },
  { title: "rewrites", right: true },
  { title: "MACs", right: true },
  { title: "constants", right: true },
  { title: "predicted", right: true },
  { title: "took", right: true },
  { title: "what it does" },
];

const change = (before: number, after: number, print: (value: number) => string): string =>
  before === after ? "·" : `${print(before)} > ${print(after)}`;

/** The passes as people read them, then what became of the network's structure and why. */
export function printPasses(results: PassResults): string[] {
  const rows = passSummary(results).map((pass) => [
    pass.name,
    pass.changes === 0 ? "·" : String(pass.changes),
    change(pass.macsBefore, pass.macsAfter, printMillions),
    change(pass.bytesBefore, pass.bytesAfter, printBytes),
    change(pass.predictedMsBefore, pass.predictedMsAfter, printMs),
    printMs(pass.ms),
    pass.summary,
  ]);
  return [...printTable(columns, rows), ...printStructure(results), ...printRefusals(results)];
}

const structureColumns = [
  { title: "changed" },
  { title: "how" },
  { title: "MACs", right: true },
  { title: "numbers", right: true },
  { title: "predicted", right: true },
  { title: "error", right: true },
  { title: "why" },
];

/** The changes of structure, a row each. */
function printStructure({ rewrites }: PassResults): string[] {
  const rows = rewrites.flatMap(({ pass, name, op, structure }) => {
    if (!structure) return [];
    const { macsBefore, macsAfter, paramsBefore, paramsAfter, msBefore, msAfter } = structure;
    return [
      [
        name || op,
        structure.family,
        change(macsBefore, macsAfter, printMillions),
        change(paramsBefore, paramsAfter, printMillions),
        change(msBefore, msAfter, printMs),
        printError(structure),
        `${structure.reason} (${pass})`,
      ],
    ];
  });
  return rows.length === 0 ? [] : ["", ...printTable(structureColumns, rows)];
}

/** The error on held-out data where it was measured, else that of the weights; a dot where there is none. */
function printError({ label, weightError, outputError }: StructureRecord): string {
  if (label === "bitwise" || label === "rounding") return "·";
  return (Number.isNaN(outputError) ? weightError : outputError).toPrecision(2);
}

const refusalColumns = [{ title: "left as it is" }, { title: "pass" }, { title: "why" }];

/** What passes looked at and left alone; layers with the same reason share a row. */
function printRefusals({ refusals }: PassResults): string[] {
  const groups = new Map<string, { pass: string; reason: string; names: string[] }>();
  for (const { pass, name, op, reason } of refusals) {
    const key = JSON.stringify([pass, reason]);
    const group = groups.get(key) ?? { pass, reason, names: [] };
    group.names.push(name || op);
    groups.set(key, group);
  }
  const rows = [...groups.values()].map(({ pass, reason, names }) => [
    names.length === 1 ? names[0]! : `${names[0]} and ${names.length - 1} more`,
    pass,
    reason,
  ]);
  return rows.length === 0 ? [] : ["", ...printTable(refusalColumns, rows)];
}
