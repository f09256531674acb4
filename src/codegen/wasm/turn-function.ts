import type binaryen from "binaryen";

type Binaryen = typeof binaryen;
type Ref = binaryen.ExpressionRef;

/**
 * What threads share: a block of memory that begins with nothing but zeros, i32 words at these byte offsets.
 * Units are counted on from call to call and from list to list, and the counters wrap.
 */
const words = {
  /** Where the units of the list are counted from: `done`, set before the list begins. */
  first: 4,
  /** How many rounds of looking thread 0 waits for the others before it traps; set once. */
  patience: 8,
  /** Units done. */
  done: 128,
  /** The next unit of the first thread's share of a call; those of the others follow, each on a line of its own. */
  next: 256,
} as const;
const lineShift = 7;

/** What a thread knows; each has an instance of the module, so globals are its own. */
const globals = [
  "block",
  "thread",
  "threads",
  /** Where the units of the present call are counted from. */
  "base",
  /** Behind the last unit of the turn. */
  "end",
  /** Units of the present call that the thread has done and not handed in. */
  "held",
] as const;
export type TurnGlobal = (typeof globals)[number];

/** A round of looking whether the others are done; all threads but 0 sleep after each. */
const looksPerRound = 16384;
const sleepNanoseconds = 100_000n;

const locals = [
  "units",
  "least",
  "tried",
  "owner",
  "line",
  "seen",
  "from",
  "count",
  "looks",
  "rounds",
] as const;
type Local = (typeof locals)[number];

/**
 * Writes the function `turn(units, least)`: gives the first unit of the thread's next turn at a call, with the
 * global `end` behind the last; −1 when all units are done, by whomever. Each thread has a share of the units,
 * about the same in every call, since what it wrote lies in its cache; it takes half of what is left of it, and
 * when nothing is, half of what is left of another's. Nobody waits for a thread without a turn: one that comes
 * late finds that all units are taken and done.
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
        this.#handOut(),
        this.#handIn(),
        this.setGlobal("base", int.add(this.global("base"), this.#get("units"))),
        this.#waitForOthers(),
        int.const(-1),
      ],
      i32,
    );
    addFunction(
      "turn",
      createType([i32, i32]),
      i32,
      locals.slice(2).map(() => i32),
      body,
    );
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

  #handIn(): Ref {
    const { i32, block, drop, if: when } = this.#module;
    const add = i32.atomic.rmw.add(words.done, this.global("block"), this.global("held"));
    return when(
      this.global("held"),
      block(null, [drop(add), this.setGlobal("held", i32.const(0))]),
    );
  }

  /** Where a thread's share of the call begins: the first ones have a unit more where they differ. */
  #shareOf(thread: Ref): Ref {
    const { i32 } = this.#module;
    const product = i32.mul(this.#get("units"), thread);
    const above = i32.add(product, i32.sub(this.global("threads"), i32.const(1)));
    return i32.add(this.global("base"), i32.div_u(above, this.global("threads")));
  }

  /** Returns with some of the units that are left; goes on when there are none. */
  #handOut(): Ref {
    const { i32, loop, block, br, if: when } = this.#module;
    const all = [
      ...this.#look(),
      when(
        i32.gt_s(this.#get("count"), i32.const(0)),
        this.#take(),
        this.#set("tried", i32.add(this.#get("tried"), i32.const(1))),
      ),
      br("again"),
    ];
    const hasOthers = i32.lt_u(this.#get("tried"), this.global("threads"));
    return loop("again", when(hasOthers, block(null, all)));
  }

  /** Finds `count` units left in the share of the next thread to try, counted `from` on. */
  #look(): Ref[] {
    const { i32, if: when } = this.#module;
    const own = (): Ref => this.#get("owner");
    const isBehind = i32.ge_u(own(), this.global("threads"));
    const line = i32.add(this.global("block"), i32.shl(own(), i32.const(lineShift)));
    const isBegun = i32.gt_s(i32.sub(this.#get("seen"), this.#get("from")), i32.const(0));
    const end = this.#shareOf(i32.add(own(), i32.const(1)));
    return [
      this.#set("owner", i32.add(this.global("thread"), this.#get("tried"))),
      when(isBehind, this.#set("owner", i32.sub(own(), this.global("threads")))),
      this.#set("line", line),
      this.#set("seen", i32.atomic.load(words.next, this.#get("line"))),
      this.#set("from", this.#shareOf(own())),
      when(isBegun, this.#set("from", this.#get("seen"))),
      this.#set("count", i32.sub(end, this.#get("from"))),
    ];
  }

  /** Returns with half of the units found, unless another thread was faster. */
  #take(): Ref {
    const { i32, block, if: when, return: give, select } = this.#module;
    const half = (): Ref => i32.shr_u(this.#get("count"), i32.const(1));
    const part = (): Ref =>
      select(i32.lt_s(half(), this.#get("least")), this.#get("least"), half());
    const isLess = i32.lt_s(part(), this.#get("count"));
    const to = i32.add(this.#get("from"), this.#get("count"));
    const seen = this.#get("seen");
    const found = i32.atomic.rmw.cmpxchg(words.next, this.#get("line"), seen, to);
    const start = (): Ref => i32.sub(this.#get("from"), this.global("base"));
    const taken = block(null, [
      this.setGlobal("held", i32.add(this.global("held"), this.#get("count"))),
      this.setGlobal("end", i32.add(start(), this.#get("count"))),
      give(start()),
    ]);
    return block(null, [
      when(isLess, this.#set("count", part())),
      when(i32.eq(found, this.#get("seen")), taken),
    ]);
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
        i32.lt_s(i32.sub(this.#word("done"), this.global("base")), i32.const(0)),
        block(null, [one("looks"), when(isRound, block(null, endRound)), br("wait")]),
      ),
    );
  }
}
