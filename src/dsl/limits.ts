/** Bounds on one source file; each is named in the message that it causes. */

/** The largest source file, in bytes of UTF-8. */
export const maxSourceBytes = 4 * 1024 * 1024;

/** How many brackets may stand open at one place. */
export const maxOpenBrackets = 64;

/** How many operators, members and `else if`s may stand inside one another. */
export const maxOperatorDepth = 256;

/** How many tokens a file may have. */
export const maxTokens = 1_000_000;
