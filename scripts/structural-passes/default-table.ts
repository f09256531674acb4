import { fileURLToPath } from "node:url";
import { type CompileOptions, compileFile } from "../../src/index.js";
import { sizeOf } from "../../src/ir/types.js";
import { type Inputs, readyOf, shortest } from "./measure.js";

/** A network of the examples, and the passes that change its structure. */
interface Found {
  readonly title: string;
  readonly file: string;
  readonly options: CompileOptions;
  readonly passes: readonly string[];
}

const example = (path: string): string =>
  fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));

const filters = [
  ["Blur", "Gauss 15x15"],
  ["Sobel", "Sobel 5x5"],
  ["Gabor", "sixteen Gabor waves 7x7"],
  ["Bilinear", "four times bilinear, 8x8"],
  ["Log", "Laplacian of a Gauss 11x11"],
] as const;

const networks: readonly Found[] = [
  ...filters.map(([model, title]) => ({
    title,
    file: example("filters/filters.cnn"),
    options: { model },
    passes: ["separate-kernels", "stack-kernels"],
  })),
  {
    title: "RepVGG-A0 as it is trained, 112x112",
    file: example("repvgg_a0/repvgg_a0.cnn"),
    options: { set: { size: 112 }, init: { kind: "he", seed: 1 } },
    passes: ["merge-branches"],
  },
];

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** What is found in networks of the examples without any grant, as a table in Markdown. */
export async function defaultTable(): Promise<string> {
  const lines = ["| network | found | MACs | predicted | measured |", "|---|---|---|---|---|"];
  for (const network of networks) lines.push(await rowOf(network));
  return lines.join("\n");
}

async function rowOf({ title, file, options, passes }: Found): Promise<string> {
  const without = await readyOf(await compileFile(file, { ...options, disable: passes }));
  const found = await readyOf(await compileFile(file, options));
  const { written, report } = found.compiled;
  const inputs: Inputs = Object.fromEntries(
    written.inputs.map(({ name, value }) => [
      name,
      Float32Array.from({ length: sizeOf(value.type.shape) }, (_, at) => Math.sin(at)),
    ]),
  );
  const [before, after] = shortest([without, found], inputs);
  const made = report.rewrites.filter(({ pass }) => passes.includes(pass));
  const [first] = made;
  const more = made.length > 1 ? ` and ${made.length - 1} more` : "";
  const was = without.compiled.report;
  const predicted = (passesOf: typeof report.passes) => passesOf.at(-1)?.predictedMsAfter ?? 0;
  const shares = [
    report.macs / was.macs,
    predicted(report.passes) / predicted(was.passes),
    after! / before!,
  ];
  const cells = [title, `${first?.family ?? "nothing"}${more}`, ...shares.map(percent)];
  return `| ${cells.join(" | ")} |`;
}
