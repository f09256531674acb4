import type { FlagName } from "./flags.js";
import type { Io } from "./io.js";
import type { Positional } from "./parse-arguments.js";
import type { Printer } from "./printer.js";
import type { FlagReader } from "./read-options.js";

/** What a command is run with. */
export interface Invocation {
  readonly flags: FlagReader;
  readonly positionals: readonly Positional[];
  readonly io: Io;
  readonly printer: Printer;
}

/** One command of the program. */
export interface Command {
  readonly name: string;
  /** Its arguments, as help shows them. */
  readonly usage: string;
  readonly summary: string;
  /** How many arguments it takes that are no flags. */
  readonly least: number;
  readonly most: number;
  readonly flags: readonly FlagName[];
  /** Gives the exit code. */
  run(invocation: Invocation): Promise<number>;
}
