import type { Engine } from "./description.js";
import { problemOf, type Shared, startWorkers } from "./workers.js";

/** How many threads compute, and why they are not as many as were asked for. */
export interface Threading {
  readonly threads: number;
  readonly threadsReason: string | undefined;
}

/** One thread's turns of a list of calls. */
type TurnList = (block: number, thread: number, threads: number) => void;

const mostThreads = 64;
/** What threads share lies behind the arena: two lines, and one for each thread. */
const lineBytes = 128;
/** i32 words of it: lists begun so far; the others as the kernels count them. */
const words = { lists: 0, first: 1, patience: 2, done: 32 } as const;
/** Rounds of some 20 µs that this thread waits for a turn of another's to end: about ten seconds. */
const patience = 500_000;

/** How many threads can be had. */
export function threadingFor(
  asked: number,
  isShareable: boolean | undefined,
  isCompiled: boolean,
): Threading {
  const one = (threadsReason?: string): Threading => ({ threads: 1, threadsReason });
  if (asked === 1) return one();
  if (!isShareable) return one("no step of the model is worth sharing");
  if (isCompiled)
    return one("wasm is a compiled module, and only bytes can be made to share memory");
  if (typeof SharedArrayBuffer !== "function") {
    const isPage = globalThis.crossOriginIsolated === false;
    return one(isPage ? "the page is not cross-origin isolated" : "there is no SharedArrayBuffer");
  }
  if (asked <= mostThreads) return { threads: asked, threadsReason: undefined };
  return { threads: mostThreads, threadsReason: `${mostThreads} threads are the most` };
}

const blockOf = (memoryBytes: number): number => lineBytes * Math.ceil(memoryBytes / lineBytes);

/** A memory of so many bytes, with room for what threads share where they do. */
export function memoryFor(memoryBytes: number, { threads }: Threading): WebAssembly.Memory {
  const shared = threads > 1;
  const bytes = shared ? blockOf(memoryBytes) + lineBytes * (2 + threads) : memoryBytes;
  const pages = Math.ceil(bytes / 65536);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
}

/** The kernels for a memory that threads share: a bit of their import of it says so. */
export function sharingMemory(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const start = new TextEncoder().encode("\x03env\x06memory\x02\x01");
  const at = wasm.findIndex((_, i) => start.every((byte, j) => wasm[i + j] === byte));
  const sharing = new Uint8Array(wasm);
  if (at >= 0) sharing[at + start.length - 1] = 3;
  return sharing;
}

/** The kernels over a memory that has the weights, on as many threads as start. */
export async function startEngine(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  memoryBytes: number,
  { threads, threadsReason }: Threading,
): Promise<Engine> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const { prepare, prepareWork, run, work } = exports;
  if (typeof run !== "function") throw new TypeError("wasm has no function run");
  const { buffer } = memory;
  const alone = { buffer, infer: () => run(), threads: 1 };
  if (threads === 1 || !isTurnList(work)) {
    if (typeof prepare === "function") prepare();
    return { ...alone, threadsReason };
  }
  const team = await teamOf({ module, memory, block: blockOf(memoryBytes), threads });
  if (isTurnList(prepareWork)) team.share(prepareWork);
  const problem = await team.problem();
  if (problem === undefined) {
    return { buffer, infer: () => team.share(work), threads, threadsReason, stop: team.stop };
  }
  team.stop();
  return { ...alone, threadsReason: problem };
}

const isTurnList = (value: unknown): value is TurnList => typeof value === "function";

/** This thread and its workers. */
interface Team {
  /** Starts a list of calls; back when all are made, with the help of those who are there. */
  share(list: TurnList): void;
  /** Why not all workers are there; known when they are, or have failed to start. */
  problem(): Promise<string | undefined>;
  stop(): void;
}

async function teamOf(shared: Shared): Promise<Team> {
  const { memory, block, threads } = shared;
  const { workers, started } = await startWorkers(shared);
  const state = new Int32Array(memory.buffer, block);
  state[words.patience] = patience;
  let lost: Error | undefined;
  const stop = (): void => {
    for (const worker of workers.splice(0)) worker.terminate();
  };
  const share = (list: TurnList): void => {
    if (lost) throw lost;
    state[words.first] = state[words.done]!;
    Atomics.add(state, words.lists, 1);
    Atomics.notify(state, words.lists);
    try {
      list(block, 0, threads);
    } catch (cause) {
      stop();
      const message = "a thread stopped in the middle of its work: load the model again";
      lost = new Error(message, { cause });
      throw lost;
    }
  };
  return { share, stop, problem: () => problemOf(started) };
}
