import type { Command } from "./command.js";
import { type FlagName, flagOf } from "./flags.js";

const listing = (rows: readonly (readonly [string, string])[]): string[] => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
};

/** What the program can do. */
export const programHelp = (commands: readonly Command[]): string =>
  [
    "cnnc: a compiler for convolutional networks",
    "",
    "Usage: cnnc COMMAND …",
    "",
    ...listing(commands.map(({ name, summary }) => [name, summary])),
    "",
    "cnnc COMMAND --help tells more about one of them, cnnc --version the version.",
  ].join("\n");

/** How one command is used. */
export function commandHelp({ name, usage, summary, flags }: Command): string {
  return [
    `cnnc ${name}: ${summary}`,
    "",
    `Usage: cnnc ${name} ${usage}`,
    "",
    ...listing([...flags, "help" as const].map((flag) => [flagUsage(flag), flagOf(flag).help])),
  ].join("\n");
}

function flagUsage(name: FlagName): string {
  const { value, short, many } = flagOf(name);
  const written = short === undefined ? `--${name}` : `-${short}, --${name}`;
  return `${written}${value === undefined ? "" : ` ${value}`}${many ? " …" : ""}`;
}
