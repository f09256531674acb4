import fc from "fast-check";
import { expect, test } from "vitest";
import { layerKey } from "../../../src/codegen/plan/layer-key.js";
import {
  printTuned,
  readTuned,
  type TunedTimes,
  tunedFor,
  unusedEntries,
} from "../../../src/codegen/plan/tuned-times.js";
import { Report } from "../../../src/diagnostics/report.js";
import { conv, image, relu } from "../../support/graphs.js";

const machine = { cpu: "A processor", cores: 2, node: "20.0.0", peak: 55.5 };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const timesOf = (entries: readonly (readonly [string, Record<string, number>])[]): TunedTimes => ({
  target: "wasm",
  machine,
  layers: new Map(entries.map(([layer, ms]) => [layer, new Map(Object.entries(ms))])),
});

test("what is written is read, in an order that does not depend on that of the times", () => {
  const ms = fc.dictionary(fc.string(), fc.integer({ min: 1, max: 9999 }), { maxKeys: 4 });
  const entries = fc.uniqueArray(fc.tuple(fc.string(), ms), { selector: ([layer]) => layer });
  fc.assert(
    fc.property(entries, (list) => {
      const times = timesOf(list);
      const text = printTuned(times);
      const report = new Report();
      expect(readTuned(bytesOf(text), "m.tune.json", "wasm", report)).toEqual(times);
      expect(report.diagnostics).toEqual([]);
      expect(printTuned(timesOf(list.toReversed()))).toBe(text);
    }),
    { seed: 41, numRuns: 80 },
  );
});

test("times have four digits", () => {
  expect(printTuned(timesOf([["a", { direct: 1.23456789 }]]))).toContain('"direct": 1.235');
});

test("layers of the same shapes are one kind whatever they are called, others are not", () => {
  const layers = [
    conv(image(4, 6), 8, { seed: 1, name: "a" }),
    conv(image(4, 6), 8, { seed: 2, name: "b" }),
    conv(image(4, 6), 8, { stride: 2 }),
    conv(image(4, 6), 9),
    conv(image(4, 7), 8),
    relu(image(4, 6)),
  ].map(({ node }) => layerKey(node));
  expect(layers[0]).toBe(layers[1]);
  expect(new Set(layers).size).toBe(5);
});

test("an entry belongs to the nodes of its kind", () => {
  const [first, second] = [conv(image(4, 6), 8).node, conv(image(4, 7), 8).node];
  const times = timesOf([
    [layerKey(first), { direct: 2 }],
    ["gone", { direct: 3 }],
  ]);
  expect(tunedFor(times, first)).toEqual(new Map([["direct", 2]]));
  expect(tunedFor(times, second)).toBeUndefined();
  expect(unusedEntries(times, [first, second])).toBe(1);
});
