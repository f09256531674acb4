import type binaryen from "binaryen";

type Binaryen = typeof binaryen;
type Ref = binaryen.ExpressionRef;

/**
 * What threads share of one list of calls: a block of memory that begins with nothing but zeros, i32 words at
 * these byte offsets.
 */
const words = {
  /** Where the units of the list are counted from: `taken`, set before the list begins. */
  first: 4,
  /** How many rounds of looking thread 0 waits for the others before it traps; set once. */
  patience: 8,
  /** Units handed out and units done since the memory was made; both wrap. */
  taken: 128,
  done: 132,
} as const;

/** What a thread knows; each has an instance of the module, so globals are its own. */
const globals = [
  "block",
  "thread",
  "threads",
  /** Where the units of the present call are counted from. */
  "base",
  /** Behind the last unit of the turn. */
  "end",
  /** Units of the turn, until it is handed in. */
  "held",
] as const;
export type TurnGlobal = (typeof globals)[number];

/** A turn is one of so many parts for each thread of the units that are left. */
const turnsPerThread = 2;
/** A round of looking whether the others are done; all threads but 0 sleep after each. */
const looksPerRound = 16384;
const sleepNanoseconds = 100_000n;

const locals = ["units", "least", "next", "count", "looks", "rounds"] as const;
type Local = (typeof locals)[number];

/**
 * Writes the function `turn(units, least)`: hands in the turn that the thread has done and gives the first
 * unit of its next, with the global `end` behind the last; −1 when all units are done, by whomever. Nobody
 * waits for a thread without a turn: one that comes late finds that the units of a call are taken and done.
 */
export class TurnFunction {
  readonly #lib: Binaryen;
  readonly #module: binaryen.Module;

  constructor(lib: Binaryen, module: binaryen.Module) {
    this.#lib = lib;
    this.#module = module;
  }

  emit(): void {
    const { i32, createType } = this.#lib;
    const { i32: int, addGlobal, addFunction, block } = this.#module;
    for (const name of globals) addGlobal(name, i32, true, int.const(0));
    const body = block(
      null,
      [
        this.#handIn(),
        this.#handOut(),
        this.setGlobal("base", int.add(this.global("base"), this.#get("units"))),
        this.#waitForOthers(),
        int.const(-1),
      ],
      i32,
    );
    addFunction("turn", createType([i32, i32]), i32, [i32, i32, i32, i32], body);
  }

  /**
   * Begins a list: takes down what the thread is told, and where the list's units are counted from. That is
   * 0 for the first of all lists, so that a thread that comes to it late does not take the next for it.
   */
  begin(block: Ref, thread: Ref, threads: Ref, isFirst: boolean): Ref[] {
    return [
      this.setGlobal("block", block),
      this.setGlobal("thread", thread),
      this.setGlobal("threads", threads),
      this.setGlobal("base", isFirst ? this.#module.i32.const(0) : this.#word("first")),
    ];
  }

  global(name: TurnGlobal): Ref {
    return this.#module.global.get(name, this.#lib.i32);
  }

  setGlobal(name: TurnGlobal, value: Ref): Ref {
    return this.#module.global.set(name, value);
  }

  #get(name: Local): Ref {
    return this.#module.local.get(locals.indexOf(name), this.#lib.i32);
  }

  #set(name: Local, value: Ref): Ref {
    return this.#module.local.set(locals.indexOf(name), value);
  }

  #word(name: keyof typeof words): Ref {
    return this.#module.i32.atomic.load(words[name], this.global("block"));
  }

  /** Units of the present call that a word counts: differences, since the words wrap. */
  #counted(name: "taken" | "done"): Ref {
    return this.#module.i32.sub(this.#word(name), this.global("base"));
  }

  #handIn(): Ref {
    const { i32, block, drop, if: when } = this.#module;
    const add = i32.atomic.rmw.add(words.done, this.global("block"), this.global("held"));
    return when(
      this.global("held"),
      block(null, [drop(add), this.setGlobal("held", i32.const(0))]),
    );
  }

  /** Returns with some of the units that are left; goes on when there are none. */
  #handOut(): Ref {
    const { i32, loop, block, br, if: when, return: give } = this.#module;
    const parts = (): Ref => i32.mul(this.global("threads"), i32.const(turnsPerThread));
    const from = (): Ref => i32.add(this.global("base"), this.#get("next"));
    const to = i32.add(from(), this.#get("count"));
    const found = i32.atomic.rmw.cmpxchg(words.taken, this.global("block"), from(), to);
    const left = (): Ref => i32.sub(this.#get("units"), this.#get("next"));
    const take = [
      this.#set("count", i32.div_u(left(), parts())),
      when(
        i32.lt_s(this.#get("count"), this.#get("least")),
        this.#set("count", this.#get("least")),
      ),
      when(i32.lt_s(left(), this.#get("count")), this.#set("count", left())),
      when(
        i32.eq(found, from()),
        block(null, [
          this.setGlobal("held", this.#get("count")),
          this.setGlobal("end", i32.add(this.#get("next"), this.#get("count"))),
          give(this.#get("next")),
        ]),
      ),
      br("again"),
    ];
    return loop(
      "again",
      block(null, [
        this.#set("next", this.#counted("taken")),
        when(i32.gt_s(left(), i32.const(0)), block(null, take)),
      ]),
    );
  }

  /** Until the units of all calls so far are done. */
  #waitForOthers(): Ref {
    const { i32, i64, loop, block, br, if: when, memory, drop, unreachable } = this.#module;
    const one = (name: Local): Ref => this.#set(name, i32.add(this.#get(name), i32.const(1)));
    const where = i32.add(this.global("block"), i32.const(words.done));
    const sleep = memory.atomic.wait32(where, this.#word("done"), i64.const(sleepNanoseconds));
    const isOver = i32.gt_s(this.#get("rounds"), this.#word("patience"));
    const endRound = [
      this.#set("looks", i32.const(0)),
      one("rounds"),
      when(this.global("thread"), drop(sleep), when(isOver, unreachable())),
    ];
    const isRound = i32.eq(this.#get("looks"), i32.const(looksPerRound));
    return loop(
      "wait",
      when(
        i32.lt_s(this.#counted("done"), i32.const(0)),
        block(null, [one("looks"), when(isRound, block(null, endRound)), br("wait")]),
      ),
    );
  }
}
