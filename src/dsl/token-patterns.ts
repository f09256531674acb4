/** Patterns that scan by hand, because a regular expression would back-track over megabytes. */

type Match = [string] | null;

const quote = 0x22;
const backslash = 0x5c;

const endsLine = (code: number): boolean => code === 0x0a || code === 0x0d;

/** A string with its quotes; without a closing quote, everything up to the end of the line. */
export function matchString(text: string, offset: number): Match {
  if (text.charCodeAt(offset) !== quote) return null;
  let at = offset + 1;
  for (; at < text.length && !endsLine(text.charCodeAt(at)); at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return [text.slice(offset, at + 1)];
    if (code === backslash && at + 1 < text.length && !endsLine(text.charCodeAt(at + 1))) at++;
  }
  return [text.slice(offset, at)];
}

/** A block comment with its marks; without an end, everything up to the end of the file. */
export function matchBlockComment(text: string, offset: number): Match {
  if (!text.startsWith("/*", offset)) return null;
  const end = text.indexOf("*/", offset + 2);
  return [text.slice(offset, end < 0 ? text.length : end + 2)];
}

/** A byte-order mark, which may stand at the very start only. */
export function matchByteOrderMark(text: string, offset: number): Match {
  return offset === 0 && text.charCodeAt(0) === 0xfeff ? ["\uFEFF"] : null;
}

/** Whether a string has its closing quote. */
export function isTerminated(image: string): boolean {
  if (image.length < 2 || !image.endsWith('"')) return false;
  let backslashes = 0;
  while (image[image.length - 2 - backslashes] === "\\") backslashes++;
  return backslashes % 2 === 0;
}
