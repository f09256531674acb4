import { main } from "../../src/cli/cli.js";

/** What a command line did. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, as on a terminal or not. */
export async function cnnc(argv: readonly string[], terminal = false, env = {}): Promise<Outcome> {
  let [out, err] = ["", ""];
  const stdout = { isTTY: terminal, write: (text: string) => (out += text) };
  const stderr = { isTTY: terminal, write: (text: string) => (err += text) };
  const code = await main(argv, { stdout, stderr, env });
  return { code, out, err };
}
