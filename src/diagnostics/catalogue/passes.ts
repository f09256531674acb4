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
};
