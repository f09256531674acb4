/** Writes docs/operators.md from the compiler's tables: npx tsx scripts/operators-page.ts */
import { writeFile } from "node:fs/promises";
import { operatorsPage } from "./operators/page.js";

await writeFile(new URL("../docs/operators.md", import.meta.url), operatorsPage());
