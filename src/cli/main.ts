#!/usr/bin/env node
import { removeUnfinished } from "../files.js";
import { main } from "./cli.js";

/** A reader that goes away, such as `head`, is no error. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
}

/** Nothing half-written stays behind, and the shell sees that it was interrupted. */
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.on(signal, () => {
    removeUnfinished();
    process.exit(code);
  });
}

const { stdout, stderr, env } = process;
process.exitCode = await main(process.argv.slice(2), { stdout, stderr, env });
