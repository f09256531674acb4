import { error, warning } from "./entry.js";

/** CNN6xx: passes and grants. */
export const passes = {
  "unknown-pass": error<{
    option: string;
    pass: string;
    nearest: string | undefined;
    known: string;
  }>(
    "CNN600",
    ({ option, pass }) => `${option}: there is no pass called ${JSON.stringify(pass)}`,
    ({ nearest, known }) => (nearest ? `did you mean ${nearest}?` : `passes: ${known}`),
  ),
  "pass-not-run": warning<{ option: string; pass: string; level: number }>(
    "CNN601",
    ({ option, pass, level }) =>
      `${option}: the pass ${pass} does not run at level ${level} with these options`,
  ),
  "grant-not-available": warning<{ grant: string }>(
    "CNN602",
    ({ grant }) =>
      `${grant}: not available yet; the line is checked and carried, and changes nothing`,
  ),
  "grant-ignored": warning<{ grant: string; level: number }>(
    "CNN603",
    ({ grant, level }) => `${grant}: ignored at level ${level}`,
    () => "grants hold at level 2",
  ),
  "grant-without-convolution": error<{ grant: string; path: string }>(
    "CNN604",
    ({ grant, path }) => `${grant}: ${JSON.stringify(path)} has no convolution`,
    () => "grants are for convolutions and the scopes that hold them",
  ),
  "grant-tolerance": error<{ grant: string; within: number }>(
    "CNN605",
    ({ grant, within }) => `${grant}: an error of at most ${within} allows nothing`,
    () => "write more than 0, or leave the line out: exact rewrites are made without it",
  ),
  "grant-unused": warning<{ grant: string; declined: readonly Declined[] }>(
    "CNN606",
    ({ grant, declined }) => `${grant}: nothing was rewritten${reasonsOf(declined)}`,
  ),
  "grant-undone": warning<{ grant: string; layers: readonly string[] }>(
    "CNN607",
    ({ grant, layers }) =>
      `${grant}: undone for ${layers.join(", ")}: the outputs would move further than verify allows`,
    () => "allow less for each layer, or more for the outputs",
  ),
  "gate-exceeded": error<{ grant: string; error: number }>(
    "CNN608",
    ({ grant, error: moved }) =>
      Number.isNaN(moved)
        ? `${grant}: how far the outputs move is unknown: some of them are no numbers`
        : `${grant}: the outputs move by ${moved} though every rewrite is undone`,
    () => "look at what the network gives for these inputs",
  ),
  "verified-on-noise": warning<{ grant: string }>(
    "CNN609",
    ({ grant }) => `${grant}: the outputs were measured on noise, for there are no examples`,
    () => 'name a folder of them with calibrate("…") or --calibrate',
  ),
  "calibration-unused": warning<{ grant: string; why: string }>(
    "CNN610",
    ({ grant, why }) => `${grant}: the examples are not used: ${why}`,
  ),
};

/** A layer that keeps its form, and why. */
export interface Declined {
  readonly layer: string;
  readonly reason: string;
}

/** How many layers a message names. */
const mostNamed = 3;

function reasonsOf(declined: readonly Declined[]): string {
  if (declined.length === 0) return ": other lines hold for all its layers";
  const named = declined.slice(0, mostNamed);
  const more = declined.length - named.length;
  const reasons = named.map(({ layer, reason }) => `${layer || "a layer"}: ${reason}`).join("; ");
  return `; ${reasons}${more > 0 ? `; and ${more} more` : ""}`;
}
