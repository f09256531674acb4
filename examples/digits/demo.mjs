/**
 * Compiles digits.cnn, reads one picture of a digit, and says what it sees and what that costs.
 * `npm run demo -- picture.png` reads another picture: PNG, white on black, of any size.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { PNG } from "pngjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const library = new URL("../../dist/index.js", import.meta.url);
if (!existsSync(library)) {
  console.error("cnnc is not built yet: run `npm run build` in the repository, or `npm run demo`.");
  process.exit(1);
}
const { compileFile, instantiate } = await import(library.href);

const sample = process.argv[2] ?? path.join(here, "samples", "7.png");
const image = readPicture(sample);

const started = performance.now();
const compiled = await compileFile(path.join(here, "digits.cnn"));
const compileMs = performance.now() - started;
const model = await instantiate(compiled);

const classes = model.classify(image, { top: 3 });
const microseconds = median(times(2000)) * 1000;

console.log(draw(image));
console.log(`  ${nearby(sample)}\n`);
for (const { label, score } of classes) {
  const bar = "█".repeat(Math.round(30 * score));
  console.log(`  ${label}  ${(100 * score).toFixed(2).padStart(6)} %  ${bar}`.trimEnd());
}
console.log(`\n  ${microseconds.toFixed(0)} µs from picture to answer (median of 2,000)`);
console.log(`  ${(compileMs / 1000).toFixed(1)} s to compile digits.cnn to\n`);
for (const [name, bytes] of compiled.files) {
  console.log(`    ${name.padEnd(20)} ${(bytes.length / 1024).toFixed(1).padStart(6)} KB`);
}

function readPicture(file) {
  try {
    return PNG.sync.read(readFileSync(file));
  } catch (error) {
    console.error(`cannot read ${file} as a PNG picture: ${error.message}`);
    process.exit(1);
  }
}

/** A path from the working folder where the file is inside it. */
function nearby(file) {
  const inside = path.relative(process.cwd(), file);
  return inside.startsWith("..") ? file : inside;
}

/** Milliseconds of single runs after as many that warm up. */
function times(runs) {
  for (let i = 0; i < runs; i++) model.run({ image });
  return Array.from({ length: runs }, () => {
    const start = performance.now();
    model.run({ image });
    return performance.now() - start;
  });
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

/** A picture in 28 columns and 14 rows of shades. */
function draw({ data, width, height }) {
  const [columns, rows] = [28, 14];
  const shade = (row, column) => {
    const y = Math.floor(((row + 0.5) * height) / rows);
    const x = Math.floor(((column + 0.5) * width) / columns);
    return " ░▒▓█"[Math.round(data[4 * (y * width + x)] / 64)];
  };
  const line = (_, row) => Array.from({ length: columns }, (_, x) => shade(row, x)).join("");
  return Array.from({ length: rows }, line).join("\n");
}
