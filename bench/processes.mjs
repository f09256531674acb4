// Starts the scripts of this folder in processes of their own.
import { spawn, spawnSync } from "node:child_process";
import path from "node:path";

/** A run that cannot go on: told without a stack. */
export class RunError extends Error {}

const scriptAt = (name) => path.join(import.meta.dirname, name);

/** The line of a stack that says what went wrong, or all that a process said in the end. */
const complaint = (text, code) =>
  text.split("\n").find((line) => /^\w*Error\b/.test(line)) ??
  `exit code ${code} ${text.slice(-200).trim()}`;

const lastLine = (text) => JSON.parse(text.trim().split("\n").at(-1));

/** What a script prints as JSON, or `{ error }`. */
export function runScript(name, job) {
  const args = [scriptAt(name), JSON.stringify(job)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return status === 0 ? lastLine(stdout) : { error: complaint(stderr, status) };
}

/** The same, with the milliseconds from the start of the process to its first word as `cold`. */
export function clockScript(name, job) {
  return new Promise((resolve) => {
    const start = performance.now();
    const child = spawn(process.execPath, [scriptAt(name), JSON.stringify(job)]);
    const said = { out: "", err: "" };
    let cold;
    child.stdout.on("data", (data) => {
      cold ??= performance.now() - start;
      said.out += data;
    });
    child.stderr.on("data", (data) => {
      said.err += data;
    });
    child.on("close", (code) => {
      resolve(code === 0 ? { ...lastLine(said.out), cold } : { error: complaint(said.err, code) });
    });
  });
}
