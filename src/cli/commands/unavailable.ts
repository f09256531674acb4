import type { Command } from "../command.js";
import type { FlagName } from "../flags.js";
import { UsageError } from "../io.js";

const later = (
  name: string,
  usage: string,
  summary: string,
  flags: readonly FlagName[],
): Command => ({
  name,
  usage,
  summary: `${summary} (not available yet)`,
  least: 0,
  most: Number.POSITIVE_INFINITY,
  flags,
  run: () => Promise.reject(new UsageError(`${name} is not available yet in this version`)),
});

/** Commands that are planned: their names are taken, and they say that they do nothing yet. */
export const unavailable: readonly Command[] = [
  later("types", "[--watch]", "write types beside models", ["watch"]),
];
