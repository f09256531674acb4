import type binaryen from "binaryen";
import type { Call, CallArgument } from "../loops/types.js";
import { TurnFunction } from "./turn-function.js";

type Binaryen = typeof binaryen;
type Ref = binaryen.ExpressionRef;

/** A call that is divided, or calls that one thread makes in one turn. */
type Turns =
  | { readonly kind: "shared"; readonly call: Call; readonly units: number; readonly least: number }
  | { readonly kind: "alone"; readonly calls: Call[] };

function turnsOf(calls: readonly Call[]): Turns[] {
  const list: Turns[] = [];
  for (const call of calls) {
    const { units = 1, least = units } = call.range ?? {};
    const last = list.at(-1);
    if (least < units) list.push({ kind: "shared", call, units, least });
    else if (last?.kind === "alone") last.calls.push(call);
    else list.push({ kind: "alone", calls: [call] });
  }
  return list;
}

/** Whether a list has a call that threads can share. */
export const isShared = (calls: readonly Call[]): boolean =>
  turnsOf(calls).some(({ kind }) => kind === "shared");

/**
 * Writes the entries of several threads: all make the calls of a list in order and take turns at each. A turn
 * is some units of a call's range, or calls that cannot be divided; who takes it changes nothing in what is
 * computed.
 */
export class TurnsEmitter {
  readonly #lib: Binaryen;
  readonly #module: binaryen.Module;
  readonly #turn: TurnFunction;

  constructor(lib: Binaryen, module: binaryen.Module) {
    this.#lib = lib;
    this.#module = module;
    this.#turn = new TurnFunction(lib, module);
    this.#turn.emit();
  }

  /**
   * Exports `name(block, thread, threads)`: one thread's turns of a list; `block` is what threads share.
   * `prepareWork` is the first list, if it is there, and called once.
   */
  addList(name: "prepareWork" | "work", calls: readonly Call[]): void {
    const { i32, none, createType } = this.#lib;
    const param = (index: number): Ref => this.#module.local.get(index, i32);
    const body = [
      ...this.#turn.begin(param(0), param(1), param(2), name === "prepareWork"),
      ...turnsOf(calls).map((turns, index) => this.#take(turns, `turns${index}`)),
    ];
    const block = this.#module.block(null, body);
    this.#module.addFunction(name, createType([i32, i32, i32]), none, [i32], block);
    this.#module.addFunctionExport(name, name);
  }

  /** `while ((start = turn(units, least)) >= 0) calls`. */
  #take(turns: Turns, label: string): Ref {
    const { i32, local, call, loop, if: when, block, br } = this.#module;
    const start = 3;
    const { units, least } = turns.kind === "shared" ? turns : { units: 1, least: 1 };
    const turn = call("turn", [i32.const(units), i32.const(least)], this.#lib.i32);
    const getStart = (): Ref => local.get(start, this.#lib.i32);
    const made =
      turns.kind === "shared"
        ? [this.#call(turns.call, getStart, () => this.#turn.global("end"))]
        : turns.calls.map((alone) => this.#whole(alone));
    const hasTurn = i32.ge_s(local.tee(start, turn, this.#lib.i32), i32.const(0));
    return loop(label, when(hasTurn, block(null, [...made, br(label)])));
  }

  #whole(call: Call): Ref {
    const constant = (value: number) => (): Ref => this.#module.i32.const(value);
    return this.#call(call, constant(0), constant(call.range?.units ?? 1));
  }

  #call(call: Call, start: () => Ref, end: () => Ref): Ref {
    const value = (argument: CallArgument): Ref => {
      if (argument.kind === "rangeStart") return start();
      if (argument.kind === "rangeEnd") return end();
      const number = argument.kind === "address" ? argument.bytes : argument.value;
      return this.#module.i32.const(number | 0);
    };
    return this.#module.call(call.function, call.arguments.map(value), this.#lib.none);
  }
}
