import type binaryen from "binaryen";
import { InternalError } from "../../diagnostics/report.js";
import { checkModule } from "../loops/check.js";
import { expandMath } from "../loops/expand-math.js";
import { type SettledArgument, settledCalls } from "../loops/ranges.js";
import type { Call, LoopModule } from "../loops/types.js";
import { FunctionEmitter } from "./emit.js";
import { relaxedMulAdd } from "./relaxed.js";
import { isShared, TurnsEmitter } from "./turns.js";

const pageBytes = 65536;

/** What the module demands of the memory it imports. */
export interface WasmOptions {
  /** Pages of 64 KiB; as many as the loops' memory takes unless told. */
  readonly memoryPages?: number;
  /** Whether `mulAdd` of vectors is one instruction of relaxed SIMD, which not all engines have. */
  readonly relaxed?: boolean;
}

/** All pages that addresses reach: the maximum of a memory that threads can share. */
const mostPages = 65536;

/** Pages of 64 KiB that the constants and the arena of a module take. */
export const pagesOf = (loops: LoopModule): number => Math.ceil(loops.memoryBytes / pageBytes);

function argument(module: binaryen.Module, value: SettledArgument): number {
  return module.i32.const((value.kind === "address" ? value.bytes : value.value) | 0);
}

/** The import of the memory. With a maximum, one bit of it makes it shared. */
function addMemory(module: binaryen.Module, pages: number, hasMost: boolean): void {
  module.setMemory(pages, hasMost ? mostPages : 0xffffffff, null, [], false, false, "memory");
  module.addMemoryImport("memory", "env", "memory", false);
}

/** An exported function that makes a list of calls, with their addresses as constants. */
function addCaller(
  lib: typeof binaryen,
  module: binaryen.Module,
  name: "prepare" | "run",
  calls: readonly Call[],
): void {
  const made = settledCalls(calls).map((call) => {
    const operands = call.arguments.map((value) => argument(module, value));
    return module.call(call.function, operands, lib.none);
  });
  module.addFunction(name, lib.none, lib.none, [], module.block(null, made));
  module.addFunctionExport(name, name);
}

/** The same calls for several threads, each of which calls `prepareWork` once and `work` for every inference. */
function addThreads(lib: typeof binaryen, module: binaryen.Module, loops: LoopModule): void {
  const turns = new TurnsEmitter(lib, module);
  if (loops.prepare.length > 0) turns.addList("prepareWork", loops.prepare);
  turns.addList("work", loops.schedule);
}

/** Builds the module, hands it to `use` and frees it. */
function withModule<T>(
  lib: typeof binaryen,
  loops: LoopModule,
  options: WasmOptions,
  use: (module: binaryen.Module) => T,
): T {
  checkModule(loops);
  const module = new lib.Module();
  try {
    const { Features } = lib;
    const forThreads = isShared(loops.schedule);
    const atomics = forThreads ? Features.Atomics : 0;
    const relaxed = options.relaxed ? Features.RelaxedSIMD : 0;
    module.setFeatures(Features.SIMD128 | Features.NontrappingFPToInt | atomics | relaxed);
    addMemory(module, options.memoryPages ?? pagesOf(loops), forThreads);
    const fused = options.relaxed ? relaxedMulAdd(lib, module) : undefined;
    for (const kernel of loops.functions) {
      new FunctionEmitter(lib, module, expandMath(kernel), fused).emit();
    }
    if (loops.prepare.length > 0) addCaller(lib, module, "prepare", loops.prepare);
    addCaller(lib, module, "run", loops.schedule);
    if (forThreads) addThreads(lib, module, loops);
    if (!module.validate()) throw new InternalError("the WebAssembly module is not valid");
    return use(module);
  } finally {
    module.dispose();
  }
}

/** What turns loops into the bytes of a module. */
export type WasmEmitter = (loops: LoopModule, options?: WasmOptions) => Uint8Array;

/** `emitWasm` without waiting: binaryen is loaded here, once. */
export async function wasmEmitter(): Promise<WasmEmitter> {
  const { default: lib } = await import("binaryen");
  return (loops, options = {}) => withModule(lib, loops, options, (module) => module.emitBinary());
}

/**
 * The module as bytes: imports `env.memory`, exports `run` (one inference) and, where there is something
 * to do once before it, `prepare`; uses SIMD. A schedule that threads can share has the entries `work` and
 * `prepareWork` too, and its memory may be made a shared one in the bytes. The same loops give the same bytes; nothing is optimised, so the code is as the kernels wrote it.
 */
export const emitWasm = async (loops: LoopModule, options: WasmOptions = {}): Promise<Uint8Array> =>
  (await wasmEmitter())(loops, options);

/** The module as text, for people. */
export async function emitWat(loops: LoopModule, options: WasmOptions = {}): Promise<string> {
  const { default: lib } = await import("binaryen");
  return withModule(lib, loops, options, (module) => module.emitText());
}
