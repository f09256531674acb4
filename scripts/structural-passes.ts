/**
 * Writes docs/structural-passes.md: npx tsx scripts/structural-passes.ts
 * With a model and examples it prints the table of grants for it: structural-passes.ts MODEL --data DIR
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { defaultTable } from "./structural-passes/default-table.js";
import { digitsTrial } from "./structural-passes/digits.js";
import { grantTable } from "./structural-passes/grant-table.js";
import { modelTrial } from "./structural-passes/model.js";
import { structuralPage } from "./structural-passes/page.js";

const { values, positionals } = parseArgs({
  options: { data: { type: "string" } },
  allowPositionals: true,
});
const [model] = positionals;
const progress = (line: string): void => console.error(line);

if (model === undefined) {
  const page = structuralPage(await defaultTable(), await grantTable(digitsTrial(), progress));
  await writeFile(new URL("../docs/structural-passes.md", import.meta.url), page);
} else if (values.data === undefined) {
  throw new Error("--data DIR names the folder of examples");
} else {
  console.log(await grantTable(await modelTrial(model, values.data), progress));
}
