/** A place in a program's source as engines print it: line and column from 1. */
export interface CallSite {
  /** A path, or a URL of another scheme than `file:`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where the function that is running now was called; undefined where the engine does not tell. */
export function callSiteOf(callee: (...args: never[]) => unknown): CallSite | undefined {
  if (typeof Error.captureStackTrace !== "function") return undefined;
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, callee);
  const frame = holder.stack?.split("\n").find((line) => /^\s+at /.test(line));
  return frame === undefined ? undefined : readFrame(frame);
}

/** `at f (file:///a/b.js:3:14)` or `at /a/b.js:3:14`. */
function readFrame(frame: string): CallSite | undefined {
  const [, written, line, column] =
    /(?:\(|at (?:async )?)([^()]+?):(\d+):(\d+)\)?\s*$/.exec(frame) ?? [];
  if (written === undefined || written.startsWith("<")) return undefined;
  return { file: pathOf(written), line: Number(line), column: Number(column) };
}

/** A `file:` URL's path; other names as they are, without what a bundler put behind them. */
function pathOf(written: string): string {
  if (!written.startsWith("file://")) return written;
  const path = decodeURIComponent(new URL(written).pathname);
  return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
}
