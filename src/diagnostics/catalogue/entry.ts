import type { Severity } from "../diagnostic.js";

/** One message of the catalogue: its code, and its wording from the actual names and shapes. */
export interface Entry<D> {
  readonly code: `CNN${number}`;
  readonly severity: Severity;
  message(details: D): string;
  hint?(details: D): string | undefined;
}

/** An error message; `D` is what its wording needs. */
export const error = <D>(
  code: `CNN${number}`,
  message: (details: D) => string,
  hint?: (details: D) => string | undefined,
): Entry<D> => ({ code, severity: "error", message, ...(hint ? { hint } : {}) });

/** A warning: the compilation goes on. */
export const warning = <D>(
  code: `CNN${number}`,
  message: (details: D) => string,
  hint?: (details: D) => string | undefined,
): Entry<D> => ({ code, severity: "warning", message, ...(hint ? { hint } : {}) });
