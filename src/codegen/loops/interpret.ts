import { InternalError } from "../../diagnostics/report.js";
import type { Precision } from "./arithmetic.js";
import { checkModule } from "./check.js";
import { expandMath } from "./expand-math.js";
import { FunctionCompiler, type Memory } from "./interpret-function.js";
import { type SettledArgument, type SettledCall, settledCalls } from "./ranges.js";
import type { LoopFunction, LoopModule } from "./types.js";

/** What the interpreter is to imitate. */
export interface InterpretOptions {
  /** `float32` is WebAssembly bit for bit (but for the bits of a NaN), `float64` is TypeScript. */
  readonly precision: Precision;
}

const number = (argument: SettledArgument, type: string): number =>
  argument.kind === "i32" ? argument.value : argument.bytes / (type === "floats" ? 4 : 1);

/**
 * Binds a module to a memory; each call of the result runs the schedule once, the first one after what
 * is to be prepared. Loads and
 * stores outside the memory throw, with the function and the address.
 */
export function prepare(
  loops: LoopModule,
  memory: ArrayBuffer,
  { precision }: InterpretOptions,
): () => void {
  checkModule(loops);
  const views: Memory = {
    floats: new Float32Array(memory, 0, Math.floor(memory.byteLength / 4)),
    bytes: new Uint8Array(memory),
  };
  const compiled = new Map<string, (...values: number[]) => void>();
  const kernels = new Map<string, LoopFunction>(loops.functions.map((k) => [k.name, k]));
  for (const kernel of loops.functions) {
    const source = precision === "float32" ? expandMath(kernel) : kernel;
    compiled.set(kernel.name, new FunctionCompiler(source, views, precision).compile());
  }
  const bind = (call: SettledCall): (() => void) => {
    const run = compiled.get(call.function);
    const params = kernels.get(call.function)?.params ?? [];
    if (!run) throw new InternalError(`no function ${call.function}`);
    const values = call.arguments.map((value, i) => number(value, params[i]?.type ?? "i32"));
    return () => run(...values);
  };
  const [first, calls] = [loops.prepare, loops.schedule].map((list) =>
    settledCalls(list).map(bind),
  );
  let isPrepared = false;
  return () => {
    if (!isPrepared) for (const call of first!) call();
    isPrepared = true;
    for (const call of calls!) call();
  };
}

/** Runs the schedule of a module once over a memory. */
export function interpret(loops: LoopModule, memory: ArrayBuffer, options: InterpretOptions): void {
  prepare(loops, memory, options)();
}
