// What is told of a row: one network on a number of threads, `{ title, macs, threads, figures, alone }`, where
// `alone` are our figures on one thread.

export const titles = {
  cnnc: "cnnc",
  "cnnc-wide": "cnnc wide",
  "cnnc-typescript": "cnnc TypeScript",
  "onnxruntime-web": "ort-web",
  "onnxruntime-node": "ort-node",
  tfjs: "TF.js",
  empty: "empty",
};

const none = "-";
const number = (x, digits) => (x === undefined ? none : x.toFixed(digits));
const times = (x) => (x === undefined ? none : `${x.toFixed(2)}×`);
const percent = (x) => (x === undefined ? none : `${(100 * x).toFixed(0)} %`);
const mebibytes = (x) => number(x === undefined ? x : x / 2 ** 20, 0);

/** Milliseconds with three digits. */
export const milliseconds = (x) =>
  number(x, x === undefined || x >= 100 ? 0 : x >= 10 ? 1 : x >= 1 ? 2 : 3);

/** Bytes as kB of 1000, or MB. */
export const bytes = (n) =>
  n >= 999_500 ? `${(n / 1e6).toFixed(2)} MB` : `${(n / 1e3).toFixed(1)} kB`;

const network = { title: "network", width: 24, left: true, cell: (row) => row.title };

/** One column of an engine's figure for each of some engines. */
const each = (engines, key, unit, show) =>
  engines.map((engine) => ({
    title: `${titles[engine]}${unit}`,
    cell: ({ figures }) => show(figures[engine]?.[key]),
  }));

/** Our time by theirs, and that of the wide mode where it is among the engines. */
function ratioColumns(engines) {
  const others = engines.filter((engine) => !engine.startsWith("cnnc"));
  const ratios = (key, ours) =>
    others.map((engine) => ({
      title: `${ours} / ${titles[engine]}`,
      cell: ({ figures }) => number(figures[engine]?.[key], 2),
    }));
  const wide = engines.includes("cnnc-wide") ? ratios("wideRatio", "wide") : [];
  return [...ratios("ratio", "ours"), ...wide];
}

/** Milliseconds of each engine, ratios of ours by theirs, and how near the machine's limit ours is. */
export function timeColumns(engines, threads) {
  const last =
    threads === 1
      ? { title: "of peak", cell: ({ figures }) => percent(figures.cnnc.share) }
      : { title: "× 1 thread", cell: (row) => times(speedUp(row)) };
  return [
    network,
    { title: "MMAC", cell: ({ macs }) => number(macs / 1e6, macs < 1e7 ? 2 : 0) },
    ...each(engines, "ms", " ms", milliseconds),
    ...ratioColumns(engines),
    { title: "GFLOP/s", cell: ({ figures }) => number(figures.cnnc.gflops, 1) },
    last,
  ];
}

/** How many times as fast as alone. */
const speedUp = ({ figures, alone }) =>
  figures.cnnc.ms === undefined || alone.ms === undefined ? undefined : alone.ms / figures.cnnc.ms;

/** From process start to the first result, of that loading and the first inference, and the most memory held. */
export const startColumns = (engines) => [
  network,
  ...each(engines, "cold", " cold", milliseconds),
  ...each(
    engines.filter((engine) => engine !== "empty"),
    "first",
    " first",
    milliseconds,
  ),
  ...each(engines, "memory", " MiB", mebibytes),
];

/** Bytes of a compiled module and its weights. */
export const sizeColumns = [
  network,
  { title: "code", cell: ({ size }) => bytes(size.code.raw) },
  { title: "code, gzip", cell: ({ size }) => bytes(size.code.gzip) },
  { title: "weights", cell: ({ size }) => bytes(size.weights) },
];

/** A kernel alone: what it computes and how near it is to the machine's limit. */
export const kernelColumns = [
  network,
  { title: "algorithm", width: 14, left: true, cell: ({ algorithm }) => algorithm },
  { title: "ms", cell: ({ ms }) => milliseconds(ms) },
  { title: "GFLOP/s", cell: ({ gflops }) => number(gflops, 1) },
  { title: "of peak", cell: ({ ofPeak }) => percent(ofPeak) },
];
