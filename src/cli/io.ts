/** Where a command's text goes. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** What a command needs of the world. */
export interface Io {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The columns of a terminal; text that goes elsewhere may be as wide as it likes. */
export const widthOf = ({ stdout }: Io): number | undefined =>
  stdout.isTTY ? stdout.columns : undefined;

/** Exit codes. */
export const exit = { fine: 0, wrongInput: 1, usage: 2, bug: 70 } as const;

/** A command line that cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  constructor(
    message: string,
    readonly hint?: string | undefined,
  ) {
    super(message);
  }
}
