// Compiles digits.cnn, reads one sample picture and says what it sees, how large the module is and how fast.
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { PNG } from "pngjs";
import { compileFile, instantiate } from "../../dist/index.js";

const here = path.dirname(fileURLToPath(import.meta.url));
const sample = process.argv[2] ?? path.join(here, "samples", "7.png");

const started = performance.now();
const compiled = await compileFile(path.join(here, "digits.cnn"));
const compileMs = performance.now() - started;

const model = await instantiate(compiled);
const image = PNG.sync.read(readFileSync(sample));
const [best] = model.classify(image, { top: 1 });

const runs = 2000;
for (let i = 0; i < runs; i++) model.run({ image });
const timed = performance.now();
for (let i = 0; i < runs; i++) model.run({ image });
const microseconds = ((performance.now() - timed) / runs) * 1000;

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
const sizes = [...compiled.files].filter(([name]) => !name.endsWith(".d.ts"));

console.log(`picture     ${path.relative(process.cwd(), sample)}`);
console.log(`digit       ${best.label}   (score ${best.score.toFixed(4)})`);
console.log(`latency     ${microseconds.toFixed(0)} µs from picture to digit`);
console.log(`compiled    in ${compileMs.toFixed(0)} ms`);
for (const [name, bytes] of sizes) console.log(`  ${name.padEnd(20)} ${kilobytes(bytes.length)}`);
