// What Node takes before any engine does anything: the least that `cold.mjs` could print.
import { writeSync } from "node:fs";
import { peakMemory } from "./memory.mjs";

writeSync(1, "first result\n");
writeSync(1, `${JSON.stringify({ memory: peakMemory() })}\n`);
