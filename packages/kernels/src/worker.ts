// The other threads of a pool (threads.ts), whose control block they share.

/** The data passed to a worker of a pool. */
export interface WorkerData {
  memory: WebAssembly.Memory;
  /** Byte offset of the control block, number of slots that follow it, and the slot that this worker tries first. */
  control: number;
  slots: number;
  own: number;
}

/**
 * Runs in the worker. It is sent there as text, so that it works the same from source, from dist and from a bundle; it
 * must therefore not refer to anything outside itself. The first word of a slot is the operation; the second is the
 * current generation as long as nobody has taken the job; the arguments begin at byte 8. Any free thread takes what is
 * left, so that the caller does not wait for a worker that has not been scheduled.
 */
function workerMain(data: WorkerData): void {
  const words = new Int32Array(data.memory.buffer, data.control, 16 + 32 * data.slots);
  const shares = Array.from({ length: data.slots }, (_, k) => {
    const slot = (data.own + k) % data.slots;
    const args = new Float64Array(data.memory.buffer, data.control + 4 * (16 + 32 * slot) + 8, 14);
    return { at: 16 + 32 * slot, args };
  });
  const size = 17;
  const functions: Array<(...args: number[]) => void> = [];
  /** The kernel with a given number, from a module whose code the owner has copied to the memory after the slots. */
  const kernel = (number: number): ((...args: number[]) => void) => {
    if (functions[number] === undefined) {
      const id = Math.floor(number / 256);
      const places = new Int32Array(data.memory.buffer, data.control + 4 * (16 + 32 * data.slots + 2 * id), 2);
      const length = Atomics.load(places, 1);
      const module = new WebAssembly.Module(new Uint8Array(data.memory.buffer, places[0] >>> 0, length).slice());
      const { exports } = new WebAssembly.Instance(module, { env: { memory: data.memory } });
      WebAssembly.Module.exports(module)
        .filter(({ kind }) => kind === 'function')
        .forEach(({ name }, i) => {
          functions[256 * id + i] = exports[name] as (...args: number[]) => void;
        });
    }
    return functions[number];
  };
  /** A separate function, so that it is compiled; the loop below never ends. */
  const runList = (l: Float64Array): void => {
    // Arguments are passed one by one; spreading them would take half a microsecond per call.
    for (let i = 0; i < l.length; i += size) {
      const [a, b, c, d] = [l[i + 1], l[i + 2], l[i + 3], l[i + 4]];
      const [e, f, g, h] = [l[i + 5], l[i + 6], l[i + 7], l[i + 8]];
      const [m, n, o, p] = [l[i + 9], l[i + 10], l[i + 11], l[i + 12]];
      kernel(l[i])(a, b, c, d, e, f, g, h, m, n, o, p, l[i + 13], l[i + 14], l[i + 15], l[i + 16]);
    }
  };
  const work = (operation: number, args: Float64Array): void => {
    try {
      if (operation >= 0) kernel(operation)(...args);
      else runList(new Float64Array(data.memory.buffer, args[0], args[1] * size));
    } catch {
      Atomics.add(words, 2, 1);
    }
    Atomics.sub(words, 1, 1);
    Atomics.notify(words, 1);
  };
  // The owner announces itself from generation 1 on; a worker that starts late finds the announcement waiting.
  let seen = 0;
  for (;;) {
    // Operations follow each other closely, so polling for a while costs less than being woken.
    for (let looks = 0; looks < 4000 && Atomics.load(words, 0) === seen; looks++);
    Atomics.wait(words, 0, seen);
    seen = Atomics.load(words, 0);
    if (Atomics.load(words, 3) !== 0) {
      Atomics.sub(words, 1, 1);
      Atomics.notify(words, 1);
      return;
    }
    for (const { at, args } of shares) {
      if (Atomics.compareExchange(words, at + 1, seen, 0) === seen) work(words[at], args);
    }
  }
}

/** A started worker. */
export interface Handle {
  /** Resolves when the worker has ended; keeps the process alive until then. */
  ended(): Promise<unknown>;
  terminate(): unknown;
}

/** Starts a worker of a pool; resolves once it runs. */
export async function startWorker(data: WorkerData): Promise<Handle> {
  const isNode = typeof process !== 'undefined' && process.versions?.node !== undefined;
  if (isNode) {
    const name = 'node:worker_threads'; // a variable, so that bundlers do not resolve it
    const { Worker: NodeWorker } = (await import(/* @vite-ignore */ name)) as typeof import('node:worker_threads');
    const source = `(${workerMain.toString()})(require('node:worker_threads').workerData)`;
    // Without the parent's flags, which a worker started from text may not support.
    const worker = new NodeWorker(source, { eval: true, workerData: data, execArgv: [] });
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    await new Promise<void>((resolve, reject) => {
      worker.once('online', resolve);
      worker.once('error', reject);
    });
    worker.unref(); // only now: a process that waits only for an unreferenced worker ends at once
    return {
      ended: () => {
        worker.ref();
        return ended;
      },
      terminate: () => worker.terminate(),
    };
  }
  const source = `onmessage = (event) => { postMessage('ready'); (${workerMain.toString()})(event.data); close(); }`;
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  try {
    const worker = new Worker(url);
    // Browsers need this thread to start a worker: if it blocked before the worker has started, it would wait forever.
    await new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = (event) => reject(new Error(event.message || 'The worker could not be started.'));
      worker.postMessage(data);
    });
    return { ended: () => Promise.resolve(), terminate: () => worker.terminate() };
  } finally {
    URL.revokeObjectURL(url);
  }
}
