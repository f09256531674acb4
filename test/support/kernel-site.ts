import type {
  Algorithm,
  Kernel,
  KernelArgument,
  Site,
} from "../../src/codegen/kernels/algorithm.js";
import { interpret } from "../../src/codegen/loops/interpret.js";
import type { CallArgument, LoopFunction, LoopModule } from "../../src/codegen/loops/types.js";
import { type Halo, type Layout, noHalo } from "../../src/codegen/plan/layout.js";
import type { KernelTarget } from "../../src/codegen/target.js";
import { type Node, type NodeOf, operandsOf, type Value } from "../../src/ir/graph.js";
import type { OpName } from "../../src/ir/ops/index.js";
import { sizeOf, stridesOf, type TensorType } from "../../src/ir/types.js";

/** How a test lays out one value: the order, and the room around it. */
export interface Arrangement {
  readonly order: "nhwc" | "rowMajor";
  /** Floats between neighbouring channels' end and the next pixel: the value is a part of a wider buffer. */
  readonly gap?: number;
  readonly halo?: Halo;
}

/** A layout, and the elements that its buffer needs before and behind element 0. */
export interface Place {
  readonly layout: Layout;
  readonly before: number;
  readonly size: number;
}

/** A value's layout in an arrangement; `gap` and `halo` count for `nhwc` of rank 2 and 4 only. */
export function arrange(type: TensorType, arrangement: Arrangement): Place {
  const { order, gap = 0, halo = noHalo } = arrangement;
  const { shape } = type;
  if (order === "rowMajor" || (shape.length !== 4 && shape.length !== 2)) {
    return {
      layout: { type, strides: stridesOf(shape), halo: noHalo },
      before: 0,
      size: sizeOf(shape),
    };
  }
  const pixel = shape[1]! + gap;
  if (shape.length === 2) {
    const layout = { type, strides: [pixel, 1], halo: noHalo };
    return { layout, before: 0, size: shape[0]! * pixel };
  }
  const [images, , height, width] = shape as [number, number, number, number];
  const row = (halo.left + width + halo.right) * pixel;
  const image = (halo.top + height + halo.bottom) * row;
  return {
    layout: { type, strides: [image, 1, row, pixel], halo },
    before: halo.top * row + halo.left * pixel,
    size: images * image,
  };
}

/** Positions of all elements in row-major order, counted from element 0. */
export function positions({ type, strides }: Layout): number[] {
  let list = [0];
  type.shape.forEach((extent, axis) => {
    const steps = [...Array(extent).keys()].map((i) => i * strides[axis]!);
    list = list.flatMap((at) => steps.map((step) => at + step));
  });
  return list;
}

/** Positions of the halo's elements, counted from element 0. */
export function haloPositions({ type, strides, halo }: Layout): number[] {
  const [n, c, h, w] = type.shape as [number, number, number, number];
  const wide = {
    type: {
      ...type,
      shape: [n, c, h + halo.top + halo.bottom, w + halo.left + halo.right],
    },
    strides,
    halo,
  };
  const start = -halo.top * strides[2]! - halo.left * strides[3]!;
  const own = new Set(positions({ type, strides, halo }));
  return positions(wide)
    .map((at) => at + start)
    .filter((at) => !own.has(at));
}

const canary = 0x7fc0beef;
const margin = 16;

/** Memory with quiet NaNs of a known pattern wherever nothing was put: reading them shows, so does writing. */
class Memory {
  readonly #sizes: number[] = [];
  #floats = margin;

  /** Room for `count` floats; the first one's index. */
  reserve(count: number): number {
    const at = this.#floats;
    this.#sizes.push(count);
    this.#floats += count + margin;
    return at;
  }

  create(): ArrayBuffer {
    const buffer = new ArrayBuffer(this.#floats * 4);
    new Uint32Array(buffer).fill(canary);
    return buffer;
  }
}

/** What `runKernel` runs. */
export interface KernelRun {
  readonly kernel: Kernel;
  readonly arrangements: ReadonlyMap<Value, Place>;
  readonly data: ReadonlyMap<Value, ArrayLike<number>>;
  readonly results: readonly Value[];
  /** Into how many calls the range is cut. */
  readonly calls?: number;
  /** Operands with zeros in their halo; all others have canaries there. */
  readonly zeroHalos?: readonly Value[];
  /** Results that lie where an operand does. */
  readonly inPlace?: ReadonlyMap<Value, Value>;
}

/** How loops are run: the interpreter, or something else that takes a module and its memory. */
export type Execute = (module: LoopModule, memory: ArrayBuffer) => void;

export const inFloat32: Execute = (module, memory) =>
  interpret(module, memory, { precision: "float32" });
export const inFloat64: Execute = (module, memory) =>
  interpret(module, memory, { precision: "float64" });

const cutRange = (units: number, calls: number): (readonly [number, number])[] => {
  const size = Math.ceil(units / calls);
  const starts = [...Array(calls).keys()].map((i) => i * size).filter((at) => at < units);
  return starts.map((start) => [start, Math.min(units, start + size)] as const);
};

/**
 * Runs a kernel over a memory of canaries and gives the results row-major. Throws when anything but a
 * result's own elements (or scratch) was written.
 */
export function runKernel(run: KernelRun, execute: Execute): Float32Array[] {
  const { kernel, arrangements, data, results, calls = 1 } = run;
  const memory = new Memory();
  const bases = new Map<Value, number>();
  const isByte = (value: Value): boolean => value.type.element === "u8";
  for (const [value, { before, size }] of arrangements) {
    if (run.inPlace?.has(value)) continue;
    bases.set(value, memory.reserve(size) + before);
  }
  for (const [result, operand] of run.inPlace ?? []) bases.set(result, bases.get(operand)!);
  const { before: earlier = [] } = kernel;
  const all = new Set([...earlier, kernel].flatMap((own) => own.arguments));
  const own = new Map<KernelArgument, number>();
  const sources = new Map<KernelArgument, number>();
  for (const argument of all) {
    if (argument.kind === "packed") own.set(argument, memory.reserve(argument.data.length));
    if (argument.kind === "scratch" || argument.kind === "derived") {
      own.set(argument, memory.reserve(argument.floats));
    }
    if (argument.kind === "derived") sources.set(argument, memory.reserve(argument.data.length));
  }
  const buffer = memory.create();
  const floats = new Float32Array(buffer);
  const bytes = new Uint8Array(buffer);
  for (const [value, numbers] of data) {
    const { layout } = arrangements.get(value)!;
    const base = bases.get(value)!;
    const view = isByte(value) ? bytes : floats;
    const first = isByte(value) ? base * 4 : base;
    for (const [i, at] of positions(layout).entries()) view[first + at] = numbers[i]!;
  }
  for (const argument of all) {
    if (argument.kind === "packed") floats.set(argument.data, own.get(argument)!);
  }
  for (const argument of all) {
    if (argument.kind !== "derived") continue;
    const places = [sources.get(argument)!, own.get(argument)!];
    floats.set(argument.data, places[0]!);
    const { make } = argument;
    const call = {
      function: make.function.name,
      arguments: [
        ...places.map((at) => ({ kind: "address", bytes: at * 4 }) as const),
        { kind: "rangeStart" } as const,
        { kind: "rangeEnd" } as const,
      ],
      comment: "test",
      range: { units: make.units, parts: Math.min(calls, make.units) },
    };
    const { byteLength } = buffer;
    const module = { functions: [make.function], prepare: [], schedule: [call] };
    execute({ ...module, memoryBytes: byteLength }, buffer);
  }
  for (const value of run.zeroHalos ?? []) {
    const base = bases.get(value)!;
    for (const at of haloPositions(arrangements.get(value)!.layout)) floats[base + at] = 0;
  }
  const before = new Uint32Array(buffer.slice(0));

  const argumentsOf = (part: Kernel, [start, end]: readonly [number, number]): CallArgument[] =>
    part.arguments.map((argument): CallArgument => {
      if (argument.kind === "rangeStart") return { kind: "i32", value: start };
      if (argument.kind === "rangeEnd") return { kind: "i32", value: end };
      const at =
        argument.kind === "operand"
          ? bases.get(argument.value)!
          : argument.kind === "result"
            ? bases.get(results[argument.index]!)!
            : own.get(argument)!;
      return { kind: "address", bytes: at * 4 };
    });
  const runRange = (part: Kernel, range: readonly [number, number]): void => {
    const { function: source } = part;
    const call = { function: source.name, arguments: argumentsOf(part, range), comment: "test" };
    const { byteLength } = buffer;
    execute(
      { functions: [source], prepare: [], schedule: [call], memoryBytes: byteLength },
      buffer,
    );
  };
  for (const part of earlier) {
    for (const range of cutRange(part.units, calls)) runRange(part, range);
  }
  const written = new Map<number, number>();
  const elements = results.flatMap((result) => {
    const base = bases.get(result)!;
    return positions(arrangements.get(result)!.layout).map((at) => base + at);
  });
  const shared = run.inPlace !== undefined;
  for (const range of cutRange(kernel.units, calls)) {
    const bits = new Uint32Array(buffer);
    if (!shared) for (const at of elements) bits[at] = canary;
    runRange(kernel, range);
    if (shared) continue;
    for (const at of elements) {
      if (bits[at] === canary) continue;
      if (written.has(at)) throw new Error(`${kernel.function.name} wrote float ${at} twice`);
      written.set(at, bits[at]!);
    }
  }
  for (const [at, bits] of written) new Uint32Array(buffer)[at] = bits;

  const mayChange = new Set<number>(elements);
  for (const argument of all) {
    if (argument.kind !== "scratch") continue;
    for (let i = 0; i < argument.floats; i++) mayChange.add(own.get(argument)! + i);
  }
  const after = new Uint32Array(buffer);
  for (let i = 0; i < after.length; i++) {
    if (after[i] !== before[i] && !mayChange.has(i)) {
      throw new Error(`${kernel.function.name} wrote float ${i}, which is not its own`);
    }
  }
  return results.map((result) => {
    const base = bases.get(result)!;
    const { layout } = arrangements.get(result)!;
    return Float32Array.from(positions(layout), (at) => floats[base + at]!);
  });
}

/**
 * Runs a function of the given address parameters, all floats, over one memory that the test made; behind
 * them come the ends of its range, where it takes one.
 */
export function runFunction(
  source: LoopFunction,
  memory: Float32Array,
  at: readonly number[],
  range: readonly number[] = [],
): void {
  const schedule = [
    {
      function: source.name,
      arguments: [
        ...at.map((floats) => ({ kind: "address", bytes: floats * 4 }) as const),
        ...range.map((value) => ({ kind: "i32", value }) as const),
      ],
      comment: "test",
    },
  ];
  const { buffer } = memory;
  if (!(buffer instanceof ArrayBuffer)) throw new Error("the memory is shared");
  const module = { functions: [source], prepare: [], schedule, memoryBytes: buffer.byteLength };
  interpret(module, buffer, { precision: "float32" });
}

/**
 * The values that a kernel reads or writes, each in an arrangement that the kernel's needs allow.
 */
export function arrangeAll<K extends OpName>(
  node: NodeOf<K>,
  algorithm: Algorithm<K>,
  wish: (value: Value) => Arrangement,
  operands: readonly Value[],
): Map<Value, Place> {
  const places = new Map<Value, Place>();
  for (const operand of operands) {
    const need = algorithm.needs(node, operand);
    const wished = wish(operand);
    const order = need.order === "any" ? wished.order : need.order;
    const halo = need.halo ?? wished.halo ?? noHalo;
    places.set(operand, arrange(operand.type, { ...wished, order, halo }));
  }
  const order = algorithm.result(node);
  for (const result of node.results) {
    const wished = wish(result);
    places.set(result, arrange(result.type, order === "any" ? wished : { ...wished, order }));
  }
  return places;
}

/** Builds and runs one node's kernel on data of its operands. */
export function runNode<K extends OpName>(
  node: NodeOf<K>,
  algorithm: Algorithm<K>,
  options: {
    readonly target: KernelTarget;
    readonly wish: (value: Value) => Arrangement;
    readonly data: ReadonlyMap<Value, ArrayLike<number>>;
    readonly execute: Execute;
    readonly calls?: number;
  },
): Float32Array[] {
  const operands = [...new Set(operandsOf(node as Node))];
  const arrangements = arrangeAll(node, algorithm, options.wish, operands);
  const site: Site = {
    target: options.target,
    layoutOf: (value) => arrangements.get(value)!.layout,
  };
  const kernel = algorithm.build(node, site);
  const data = new Map(options.data);
  for (const operand of operands) {
    if (operand.node.op === "constant") data.set(operand, operand.node.attrs.data);
  }
  const { calls = 1, execute } = options;
  const zeroHalos = operands.filter((operand) => algorithm.needs(node, operand).halo);
  const { results } = node;
  return runKernel({ kernel, arrangements, data, results, calls, zeroHalos }, execute);
}
