import type binaryen from "binaryen";
import { InternalError } from "../../diagnostics/report.js";
import { checkModule } from "../loops/check.js";
import { expandMath } from "../loops/expand-math.js";
import { type SettledArgument, settledCalls } from "../loops/ranges.js";
import type { Call, LoopModule } from "../loops/types.js";
import { FunctionEmitter } from "./emit.js";

const pageBytes = 65536;

/** What the module demands of the memory it imports. */
export interface WasmOptions {
  /** Pages of 64 KiB; as many as the loops' memory takes unless told. */
  readonly memoryPages?: number;
  /** The largest number of pages, for a shared memory that several threads import. */
  readonly sharedPages?: number;
}

/** Pages of 64 KiB that the constants and the arena of a module take. */
export const pagesOf = (loops: LoopModule): number => Math.ceil(loops.memoryBytes / pageBytes);

function argument(module: binaryen.Module, value: SettledArgument): number {
  return module.i32.const((value.kind === "address" ? value.bytes : value.value) | 0);
}

function addMemory(module: binaryen.Module, loops: LoopModule, options: WasmOptions): void {
  const pages = options.memoryPages ?? pagesOf(loops);
  const shared = options.sharedPages !== undefined;
  module.setMemory(pages, options.sharedPages ?? 0xffffffff, null, [], shared, false, "memory");
  module.addMemoryImport("memory", "env", "memory", shared);
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

/** Builds the module, hands it to `use` and frees it. */
async function withModule<T>(
  loops: LoopModule,
  options: WasmOptions,
  use: (module: binaryen.Module) => T,
): Promise<T> {
  checkModule(loops);
  const { default: lib } = await import("binaryen");
  const module = new lib.Module();
  try {
    const { Features } = lib;
    const threads = options.sharedPages === undefined ? 0 : Features.Atomics;
    module.setFeatures(Features.SIMD128 | Features.NontrappingFPToInt | threads);
    addMemory(module, loops, options);
    for (const kernel of loops.functions) {
      new FunctionEmitter(lib, module, expandMath(kernel)).emit();
    }
    if (loops.prepare.length > 0) addCaller(lib, module, "prepare", loops.prepare);
    addCaller(lib, module, "run", loops.schedule);
    if (!module.validate()) throw new InternalError("the WebAssembly module is not valid");
    return use(module);
  } finally {
    module.dispose();
  }
}

/**
 * The module as bytes: imports `env.memory`, exports `run` (one inference) and, where there is something
 * to do once before it, `prepare`; uses SIMD. The same loops give the same
 * bytes; nothing is optimised, so the code is as the kernels wrote it.
 */
export const emitWasm = (loops: LoopModule, options: WasmOptions = {}): Promise<Uint8Array> =>
  withModule(loops, options, (module) => module.emitBinary());

/** The module as text, for people. */
export const emitWat = (loops: LoopModule, options: WasmOptions = {}): Promise<string> =>
  withModule(loops, options, (module) => module.emitText());
