import { InternalError, type Report } from "../../diagnostics/report.js";
import { build, constantOf } from "../../ir/build.js";
import type { GraphInput, GraphOutput, Value } from "../../ir/graph.js";
import { ShapeError } from "../../ir/ops/operator.js";
import { graphOf } from "../../ir/order.js";
import { maxNodes } from "../../onnx/decode.js";
import type {
  GraphMessage,
  ModelMessage,
  NodeMessage,
  TensorMessage,
} from "../../onnx/messages.js";
import type { ImportContext, Imported } from "../imported.js";
import { readInputs } from "./inputs.js";
import { type Item, type Known, knownTensor } from "./item.js";
import { labelOf } from "./labels.js";
import { NodeReader } from "./node-reader.js";
import { readerOf } from "./ops/index.js";
import { Parameters } from "./parameters.js";
import { Refusal } from "./refusal.js";
import { sortNodes } from "./sort.js";
import { readTensor, TensorProblem } from "./tensor.js";

/** A node that cannot be read, as it is listed. */
interface Refused {
  readonly name: string;
  readonly op: string;
  readonly opset: string;
  /** Its operands' shapes. */
  readonly of: string;
  readonly why: string;
}

/** The most operands whose shapes are told. */
const mostShapes = 6;

/** Reads one graph, node after node. */
export class GraphReader {
  readonly #items = new Map<string, Item>();
  readonly #refused: Refused[] = [];
  /** Values of nodes that cannot be read, and of those that read them. */
  readonly #lost = new Set<string>();
  readonly #parameters = new Parameters();
  /** Values that something reads. */
  #read: ReadonlySet<string> | undefined;
  readonly #inputs: GraphInput[] = [];
  readonly #files = new Map<string, Uint8Array>();

  constructor(
    readonly model: ModelMessage,
    readonly graph: GraphMessage,
    readonly context: ImportContext,
    readonly report: Report,
  ) {}

  /** The network; undefined when the report has errors. */
  read(): Imported | undefined {
    const { graph, report } = this;
    const { nodeCount: count } = graph;
    if (count > maxNodes) {
      report.add("onnx-too-many-nodes", { file: this.context.path, count, limit: maxNodes });
      return undefined;
    }
    this.#readInitializers();
    this.#readInputs();
    if (report.hasErrors) return undefined;
    const { nodes, problems } = sortNodes(graph, new Set(this.#items.keys()));
    if (problems.length > 0) {
      report.add("onnx-graph-malformed", { file: this.context.path, problems });
      return undefined;
    }
    for (const node of nodes) this.#readNode(node);
    this.#listRefused();
    const outputs = report.hasErrors ? [] : this.#readOutputs();
    this.#listRefused();
    if (report.hasErrors) return undefined;
    const name = graph.name || "model";
    const parts = { name, inputs: this.#inputs, outputs, grants: [] };
    return { graph: graphOf(parts), tensors: this.#usedTensors(outputs) };
  }

  /** Tensors of parameters that the outputs read. */
  #usedTensors(outputs: readonly GraphOutput[]): Imported["tensors"] {
    const { nodes } = graphOf({ name: "", inputs: [], outputs, grants: [] });
    const used = new Set(nodes.map((node) => (node.op === "parameter" ? node.attrs.path : "")));
    return new Map([...this.#parameters.tensors].filter(([path]) => used.has(path)));
  }

  #tensor(message: TensorMessage): Known {
    const { read } = this.context;
    return knownTensor(
      readTensor(message, (location) => {
        const known = this.#files.get(location);
        if (known) return known;
        const before = this.report.hasErrors;
        const bytes = read(location);
        if (!bytes) {
          const told = this.report.hasErrors !== before;
          const problem = told ? "cannot be read" : "is not there";
          throw new TensorProblem(`the file ${JSON.stringify(location)} of its data ${problem}`);
        }
        this.#files.set(location, bytes);
        return bytes;
      }),
    );
  }

  #readInitializers(): void {
    const { path: file, constants = {} } = this.context;
    for (const message of this.graph.initializers) {
      if (Object.hasOwn(constants, message.name)) continue;
      try {
        if (this.#items.has(message.name)) throw new TensorProblem("there are two of this name");
        this.#items.set(message.name, this.#tensor(message));
      } catch (error) {
        if (!(error instanceof TensorProblem)) throw error;
        const tensor = message.name;
        this.report.add("onnx-tensor-malformed", { file, tensor, problem: error.message });
      }
    }
    if (!this.graph.hasSparse) return;
    const problem = "sparse initializers cannot be read";
    this.report.add("onnx-malformed", { file, problem });
  }

  #readInputs(): void {
    const isInitialized = (name: string): boolean => this.#items.has(name);
    const inputs = readInputs(this.graph, this.context, isInitialized, this.report);
    for (const { name, item, value } of inputs) {
      this.#items.set(name, item);
      if (value) this.#inputs.push({ name, value });
    }
  }

  #versionOf(domain: string): number {
    const isStandard = (name: string): boolean => name === "" || name === "ai.onnx";
    const found = this.model.opsets.find((opset) =>
      isStandard(domain) ? isStandard(opset.domain) : opset.domain === domain,
    );
    return found?.version ?? 1;
  }

  #readNode(message: NodeMessage): void {
    const { opType, domain, inputs, outputs } = message;
    const opset = this.#versionOf(domain);
    const isStandard = domain === "" || domain === "ai.onnx";
    const reader = isStandard ? readerOf(opType) : undefined;
    const isLost = inputs.some((input) => this.#lost.has(input));
    if (!reader || isLost) {
      if (!reader) this.#refuse(message, opset, "the operator is not known");
      for (const output of outputs) this.#lost.add(output);
      return;
    }
    const items = inputs.map((input) => (input === "" ? undefined : this.#items.get(input)));
    const label = this.#parameters.uniqueLabel(labelOf(message));
    const site = {
      opset,
      label,
      items,
      parameters: this.#parameters,
      readTensor: (tensor: TensorMessage) => this.#tensor(tensor),
    };
    const results = this.#attempt(message, opset, () => {
      const node = new NodeReader(message, site);
      const read = reader(node);
      node.checkAttributes();
      return "kind" in read ? [read] : read;
    });
    outputs.forEach((output, index) => {
      const item = results?.[index];
      if (item) this.#items.set(output, item);
      else this.#lost.add(output);
    });
    if (results) this.#refuseMissing(message, opset, results.length);
  }

  /** Refuses a node of which something reads an output that is not computed. */
  #refuseMissing(message: NodeMessage, opset: number, made: number): void {
    const missing = message.outputs.slice(made).filter((output) => output !== "");
    if (missing.length === 0) return;
    this.#read ??= new Set([
      ...this.graph.nodes.flatMap(({ inputs }) => inputs),
      ...this.graph.outputs.map(({ name }) => name),
    ]);
    const wanted = missing.filter((output) => this.#read?.has(output));
    if (wanted.length === 0) return;
    const index = message.outputs.indexOf(wanted[0]!);
    this.#refuse(message, opset, `its output ${index} is not computed`);
  }

  #attempt<T>(message: NodeMessage, opset: number, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (error instanceof Refusal || error instanceof TensorProblem) {
        this.#refuse(message, opset, error.message);
      } else if (error instanceof ShapeError) {
        const { code, details, hint }: ShapeError = error;
        const note = `in the node ${JSON.stringify(message.name.slice(0, 80))} (${message.opType}, opset ${opset})`;
        this.report.add(code, details, { hint, notes: [{ message: note }] });
      } else throw error;
      return undefined;
    }
  }

  #refuse(message: NodeMessage, version: number, why: string): void {
    const { name, opType: op, domain } = message;
    const opset = domain === "" ? String(version) : `${domain} ${version}`;
    const shapes = message.inputs.map((input) => {
      const item = this.#items.get(input);
      return item ? `[${item.shape}]` : "?";
    });
    const of = shapes.slice(0, mostShapes).join(", ");
    this.#refused.push({ name: name || (message.outputs[0] ?? ""), op, opset, of, why });
  }

  #listRefused(): void {
    const nodes = this.#refused.splice(0);
    if (nodes.length > 0) this.report.add("onnx-unsupported", { file: this.context.path, nodes });
  }

  #readOutputs(): GraphOutput[] {
    const taken = new Set<string>();
    const file = this.context.path;
    return this.graph.outputs.flatMap(({ name }) => {
      const item = this.#items.get(name);
      if (!item) throw new InternalError(`output ${name} is neither read nor refused`);
      if (taken.has(name)) {
        const problems = [`the output ${JSON.stringify(name)} is listed twice`];
        this.report.add("onnx-graph-malformed", { file, problems });
        return [];
      }
      taken.add(name);
      return [{ name, value: this.#outputValue(name, item) }];
    });
  }

  /** A known output is a constant; bytes are given as floats, as all outputs are. */
  #outputValue(name: string, item: Item): Value {
    if (item.kind === "known") {
      const data = Float32Array.from(item.dense().data);
      return constantOf(item.shape, data, "literal", { name });
    }
    if (item.value.type.element === "f32") return item.value;
    return build("cast", { input: item.value }, { to: "f32" });
  }
}
