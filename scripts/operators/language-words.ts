import { Report } from "../../src/diagnostics/report.js";
import { elaborateText } from "../../src/dsl/elaborate.js";
import { merges } from "../../src/dsl/merges.js";
import type { Operator } from "../../src/dsl/operators/definition.js";
import { operators } from "../../src/dsl/operators/index.js";
import { joined, type Made, madeOfGraph } from "./made.js";

/** Arguments that some operator takes; the first that fit are an operator's sample. */
const samples = ["", "2", "3", "0.5", "288", "2, 5", "0, 2", "1, 0, 2", "0, 0, 2", "1, 1, 1, 1"];

const inputs = ["f32[8, 6, 6]", "f32[8]"];

/** How what an operator gives becomes the current value: several tensors are taken apart first. */
const bodies = [(call: string) => call, (call: string) => `let left, right = ${call}\nleft`];

function madeBy(call: string): Made | undefined {
  for (const input of inputs) {
    for (const body of bodies) {
      const text = `model M {\ninput x: ${input}\n${body(call)}\noutput y\n}`;
      const result = elaborateText(text, "sample.cnn", {}, new Report());
      if (result) return madeOfGraph(result.graph);
    }
  }
  return undefined;
}

/** The forms of an operator: one for each option word where its first argument must be one. */
function formsOf({ name, parameters }: Operator): readonly Made[] {
  const [first] = parameters.values();
  const words = first?.kind.bare && !first.fallback ? first.kind.words : undefined;
  if (words) return words.flatMap((word) => madeBy(`${name}(${word})`) ?? []);
  for (const sample of samples) {
    const made = madeBy(sample === "" ? name : `${name}(${sample})`);
    if (made) return [made];
  }
  throw new Error(`no sample here is a call of ${name}`);
}

/** Every operator and merge of the language with the nodes it makes, found by compiling a call of it. */
export function languageWords(): ReadonlyMap<string, Made> {
  const words = new Map<string, Made>();
  for (const operator of operators.values()) words.set(operator.name, joined(formsOf(operator)));
  for (const name of merges.keys()) {
    const made = madeBy(`${name}(it, it -> relu)`);
    if (!made) throw new Error(`no sample here is a call of ${name}`);
    words.set(name, { ...made, ops: new Set(lastOp(made)) });
  }
  return words;
}

const lastOp = ({ nodes }: Made) => nodes.slice(-1).map(({ op }) => op);
