import { describeValue, printNames } from "./arrays.js";

/** Throws a TypeError for what `load` does not know; gives the number of threads asked for. */
export function checkOptions(options: unknown, known: readonly string[]): number {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`load: options must be an object, got ${describeValue(options)}`);
  }
  const unknown = Object.keys(options).filter((key) => !known.includes(key));
  if (unknown.length > 0) {
    throw new TypeError(
      `load: unknown option ${printNames(unknown)}: it takes ${printNames(known)}`,
    );
  }
  const { threads = 1 } = options as { threads?: unknown };
  if (typeof threads === "number" && Number.isInteger(threads) && threads >= 1) return threads;
  const got = typeof threads === "number" ? String(threads) : describeValue(threads);
  throw new TypeError(`load: threads must be a whole number from 1, got ${got}`);
}

/** Whether `load` was asked for wide kernels; throws a TypeError for anything but true and false. */
export function wantsWide(options: unknown): boolean {
  const { wide = false } = options as { wide?: unknown };
  if (typeof wide === "boolean") return wide;
  throw new TypeError(`load: wide must be true or false, got ${describeValue(wide)}`);
}
