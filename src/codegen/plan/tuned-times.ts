import type { Report } from "../../diagnostics/report.js";
import type { Node } from "../../ir/graph.js";
import type { KernelTarget } from "../target.js";
import { layerKey } from "./layer-key.js";

/** What the milliseconds of a tune file were measured on. */
export interface TunedMachine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  /** GFLOP/s of the plain register tile. */
  readonly peak: number;
}

/** Milliseconds that algorithms took on the layers of a network, by layer. */
export interface TunedTimes {
  readonly target: KernelTarget["name"];
  readonly machine: TunedMachine;
  readonly layers: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

const format = "cnnc tune";
const version = 1;

/** The text of a tune file: equal times give equal text, layers and algorithms in the order of their names. */
export function printTuned({ target, machine, layers }: TunedTimes): string {
  const inOrder = <T>(map: ReadonlyMap<string, T>): (readonly [string, T])[] =>
    [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  const entries = inOrder(layers).map(([layer, times]) => ({
    layer,
    ms: Object.fromEntries(
      inOrder(times).map(([name, ms]) => [name, Number(ms.toPrecision(4))] as const),
    ),
  }));
  return `${JSON.stringify({ format, version, target, machine, layers: entries }, undefined, 2)}\n`;
}

type Fields = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isTime = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value > 0;

const isMachine = (value: unknown): value is TunedMachine =>
  isRecord(value) &&
  [value.cpu, value.node].every((text) => typeof text === "string") &&
  [value.cores, value.peak].every(isTime);

/** What is wrong with a layer's entry, or its key and times. */
function readEntry(value: unknown): string | readonly [string, ReadonlyMap<string, number>] {
  if (!isRecord(value) || typeof value.layer !== "string") return "an entry names no layer";
  const { layer, ms } = value;
  if (!isRecord(ms)) return `the layer ${layer} has no times`;
  const times = new Map<string, number>();
  for (const [algorithm, time] of Object.entries(ms)) {
    if (!isTime(time)) return `the time of ${algorithm} is no number of milliseconds`;
    times.set(algorithm, time);
  }
  return [layer, times];
}

function readFields(fields: Fields): string | TunedTimes {
  const { target, machine, layers } = fields;
  if (target !== "wasm" && target !== "typescript") return "it names no target";
  if (!isMachine(machine)) return "it does not say which machine was measured";
  if (!Array.isArray(layers)) return "it has no list of layers";
  const read = new Map<string, ReadonlyMap<string, number>>();
  for (const value of layers) {
    const entry = readEntry(value);
    if (typeof entry === "string") return entry;
    if (read.has(entry[0])) return `the layer ${entry[0]} is there twice`;
    read.set(...entry);
  }
  return { target, machine, layers: read };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads a tune file. One that is damaged is an error; one of another version or target is of no use to this
 * build, which a warning says, and undefined comes back.
 */
export function readTuned(
  bytes: Uint8Array,
  file: string,
  target: KernelTarget["name"],
  report: Report,
): TunedTimes | undefined {
  const fields = parseJson(new TextDecoder().decode(bytes));
  if (!isRecord(fields) || fields.format !== format) {
    report.add("tune-malformed", { file, problem: 'it is no JSON with "format": "cnnc tune"' });
    return undefined;
  }
  if (fields.version !== version) {
    const why = `it has the version ${JSON.stringify(fields.version)}, this compiler reads ${version}`;
    report.add("tune-foreign", { file, why });
    return undefined;
  }
  const times = readFields(fields);
  if (typeof times === "string") {
    report.add("tune-malformed", { file, problem: times });
    return undefined;
  }
  if (times.target === target) return times;
  report.add("tune-foreign", { file, why: `it was measured for ${times.target}, not ${target}` });
  return undefined;
}

/** The times of a node's algorithms; undefined where its layer was not measured. */
export const tunedFor = (
  { layers }: TunedTimes,
  node: Node,
): ReadonlyMap<string, number> | undefined => layers.get(layerKey(node));

/** How many of the measured layers are none of these nodes. */
export function unusedEntries({ layers }: TunedTimes, nodes: readonly Node[]): number {
  const keys = new Set(nodes.map(layerKey));
  return [...layers.keys()].filter((key) => !keys.has(key)).length;
}
