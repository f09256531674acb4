import { allPasses } from "../passes/pipeline.js";
import type { PassRecord, PassResults } from "../passes/run.js";
import { printBytes, printMillions, printMs } from "./numbers.js";
import { printTable } from "./table.js";

/** What each pass did, with what it is for. */
export const passSummary = ({ passes }: PassResults): (PassRecord & { summary: string })[] =>
  passes.map((pass) => ({
    ...pass,
    summary: allPasses.find(({ name }) => name === pass.name)?.summary ?? "",
  }));

const columns = [
  { title: "pass" },
  { title: "rewrites", right: true },
  { title: "MACs", right: true },
  { title: "constants", right: true },
  { title: "time", right: true },
  { title: "what it does" },
];

const change = (before: number, after: number, print: (value: number) => string): string =>
  before === after ? "·" : `${print(before)} > ${print(after)}`;

/** The passes as people read them. */
export function printPasses(results: PassResults): string[] {
  const rows = passSummary(results).map((pass) => [
    pass.name,
    pass.changes === 0 ? "·" : String(pass.changes),
    change(pass.macsBefore, pass.macsAfter, printMillions),
    change(pass.bytesBefore, pass.bytesAfter, printBytes),
    printMs(pass.ms),
    pass.summary,
  ]);
  return printTable(columns, rows);
}
