/** A worker of Node or of a browser. */
interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): unknown;
  unref?(): void;
  on?(event: string, listener: (detail: unknown) => void): void;
  addEventListener?(event: string, listener: (detail: unknown) => void): void;
}

/** How long the workers may take to start, in milliseconds. */
const startLimit = 5000;

/** A worker takes its turns at each list; in between it looks for the next for a while, then sleeps. */
const workerText = `
const port = typeof postMessage === "function" ? self : require("node:worker_threads").parentPort;
port.onmessage = ({ data: { module, memory, block, thread, threads } }) => {
  const { prepareWork, work } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const words = new Int32Array(memory.buffer, block);
  port.postMessage("ready");
  for (let seen = 0; ; ) {
    for (let looks = 0; looks < 20000 && Atomics.load(words, 0) === seen; looks++);
    Atomics.wait(words, 0, seen);
    seen = Atomics.load(words, 0);
    (seen === 1 && prepareWork ? prepareWork : work)(block, thread, threads);
  }
};
`;

/** What a worker is told; its own number beside it. */
export interface Shared {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of what threads share. */
  readonly block: number;
  readonly threads: number;
}

/** The workers that could be made, and how each of them starts. */
export async function startWorkers(shared: Shared) {
  const workers: WorkerLike[] = [];
  const started: Promise<unknown>[] = [];
  try {
    const make = await workerMaker();
    for (let thread = 1; thread < shared.threads; thread++) {
      const worker = make();
      workers.push(worker);
      started.push(readyOf(worker));
      worker.postMessage({ ...shared, thread });
    }
  } catch (error) {
    started.push(Promise.reject(error));
  }
  return { workers, started };
}

/** Makes workers: the host's own, or those of Node. */
async function workerMaker(): Promise<() => WorkerLike> {
  if (typeof Worker === "function") {
    const url = URL.createObjectURL(new Blob([workerText], { type: "text/javascript" }));
    return () => new Worker(url);
  }
  const specifier = "node:worker_threads";
  const node = await import(/* webpackIgnore: true */ /* @vite-ignore */ specifier);
  return () => new node.Worker(workerText, { eval: true, execArgv: [], env: node.SHARE_ENV });
}

/** Settled when a worker is ready, or not. From then on Node's keeps no process alive. */
const readyOf = (worker: WorkerLike): Promise<void> =>
  new Promise((resolve, reject) => {
    const listen = (event: string, listener: (detail: unknown) => void): void => {
      if (worker.on) worker.on(event, listener);
      else worker.addEventListener?.(event, listener);
    };
    listen("message", () => {
      worker.unref?.();
      resolve();
    });
    for (const event of ["error", "messageerror", "exit"]) listen(event, reject);
  });

/** Why a worker did not start; undefined when all did. */
export async function problemOf(started: readonly Promise<unknown>[]): Promise<string | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(reject, startLimit, { message: `not ready within ${startLimit} ms` });
  });
  try {
    await Promise.race([Promise.all(started), late]);
    return undefined;
  } catch (error) {
    const { message = "it ended" } = Object(error);
    return `a worker could not start: ${message}`;
  } finally {
    clearTimeout(timer);
  }
}
