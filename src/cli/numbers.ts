/** `61,706`. */
export const printCount = (count: number): string => count.toLocaleString("en-US");

/** `12 B`, `24.1 KB`, `45.0 MB`: 1024 bytes a step. */
export function printBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const [unit, size] = bytes < 1024 ** 2 ? ["KB", bytes / 1024] : ["MB", bytes / 1024 ** 2];
  return `${size.toFixed(1)} ${unit}`;
}

/** `840`, `48.0 K`, `0.42 M`, `1,814 M`. */
export function printMillions(count: number): string {
  if (count < 10_000) return printCount(count);
  if (count < 100_000) return `${(count / 1e3).toFixed(1)} K`;
  const millions = count / 1e6;
  if (millions >= 100) return `${printCount(Math.round(millions))} M`;
  return `${millions.toFixed(millions >= 10 ? 1 : 2)} M`;
}

/** `0.30 M > 0.96 M`: a count before and after. */
export const printChange = (before: number, after: number): string =>
  `${printMillions(before)} > ${printMillions(after)}`;

/** `0.035 ms`, `12.4 ms`: three significant digits. */
export const printMs = (ms: number): string =>
  `${ms >= 100 ? ms.toFixed(0) : Number(ms.toPrecision(3))} ms`;
