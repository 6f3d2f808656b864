import { fail, knownKeys, type OptionKeys, openWorker, type WorkerPort, wholeNumber } from '@southwell/numerics/core';
import { NoAnswerError } from '../faults.ts';
import { errorOf, MOST, type RankReply } from '../threads/threads.ts';
import { pipeMemory } from './pipe.ts';
import { proxyOf, type RemoteMemory } from './remote.ts';
import { type Simulation, type SimulationOptions, simulate, simulationKeys } from './simulate.ts';

/** Options of `simulate`; the default of `look` is 1e-3. */
export interface SimulatedThreadsOptions<Input> extends SimulationOptions {
  /** Cloned to every thread. */
  readonly input?: Input;
  /** The export of the module that is called (default `default`). */
  readonly name?: string;
  /** Called with messages that ranks post. */
  readonly receive?: (message: unknown, rank: number) => void;
  /** Called with iterates of the rank given by `iterates`, as with `threads`. */
  readonly observe?: (iterate: unknown, rank: number) => void;
  /** Ends all threads when aborted. */
  readonly signal?: AbortSignal;
}

const keys: OptionKeys<SimulatedThreadsOptions<unknown>> = {
  ...simulationKeys,
  input: true,
  name: true,
  receive: true,
  observe: true,
  signal: true,
};

/** The task sent to a worker. */
export interface RemoteTask {
  readonly rank: number;
  readonly ranks: number;
  readonly memory: RemoteMemory;
  readonly module: string;
  readonly name: string;
  readonly input: unknown;
  readonly observed: boolean;
}

/** Default duration in seconds of a test, since such threads yield to their event loop between tests. */
const LOOK = 1e-3;

/** Milliseconds between yields to the event loop. */
const SLICE = 25;

/**
 * Like `threads`, over a simulated network: blocking programs, such as jobs, run in one thread each, and their messages
 * go through {@link simulate}, with its delays, losses and faults, on its clock. One rank computes at a time. Blocks
 * the calling thread briefly between messages.
 * @throws INVALID_PARAMETER for options; NOT_SUPPORTED if memory cannot be shared; errors of ranks.
 */
export async function simulateThreads<Input, R>(
  module: string | URL,
  options: SimulatedThreadsOptions<Input>,
): Promise<Simulation<R>> {
  knownKeys('simulateThreads', options, keys);
  const { input, name = 'default', receive, observe, signal, iterates = 0, ...rest } = options;
  // Yielded values, those of the first rank, only give others a turn.
  const simulation = { look: LOOK, ...rest };
  const { ranks } = simulation;
  if (ranks > MOST) fail('INVALID_PARAMETER', `There can be at most ${MOST} threads, not ${ranks}.`);
  wholeNumber('The rank whose iterates are seen', iterates, 0, ranks - 1);
  if (typeof SharedArrayBuffer === 'undefined') {
    fail('NOT_SUPPORTED', 'Threads need shared memory, which pages have only if they are cross-origin isolated.');
  }
  const memories: RemoteMemory[] = [];
  const running = simulate(function* (comm) {
    return yield* proxyOf(comm, memories[comm.rank]);
  }, simulation);
  for (let rank = 0; rank < ranks; rank++) memories.push({ asked: pipeMemory(), answered: pipeMemory() });
  const ports: WorkerPort[] = [];
  const results: Array<R | undefined> = new Array(ranks);
  const ended = new Set<number>();
  let wrong: { readonly error: unknown } | undefined;
  let news = () => {};
  const hear = (rank: number) => (reply: RankReply | { readonly kind: 'ready' }) => {
    if (reply.kind === 'message') receive?.(reply.message, rank);
    else if (reply.kind === 'iterate') observe?.(reply.iterate, rank);
    else if (reply.kind === 'error') wrong ??= { error: errorOf(reply, rank) };
    else if (reply.kind === 'result') results[rank] = reply.value as R;
    if (reply.kind !== 'message' && reply.kind !== 'iterate') ended.add(rank);
    news();
  };
  const lost = (rank: number) => (error: Error) => {
    wrong ??= { error: new NoAnswerError([rank], `Rank ${rank} no longer responds: ${error.message}`) };
    news();
  };
  const stop = () => {
    wrong ??= { error: signal?.reason ?? new Error('Aborted.') };
    news();
  };
  /** Waits until all ranks are ready or have ended. */
  const all = async () => {
    ended.clear();
    while (ended.size < ranks && !wrong) {
      await new Promise<void>((resolve) => {
        news = resolve;
      });
    }
    if (wrong) throw wrong.error;
  };
  signal?.addEventListener('abort', stop);
  try {
    if (signal?.aborted) stop();
    const ready = all();
    for (let rank = 0; rank < ranks; rank++) {
      const open = () => new Worker(new URL('./remote-worker.js', import.meta.url), { type: 'module' });
      openWorker<RankReply>(import.meta.url, './remote-worker.js', open, hear(rank), lost(rank)).then((port) => {
        ports.push(port);
        const observed = observe !== undefined && rank === iterates;
        const task = { rank, ranks, memory: memories[rank], module: String(module), name, input, observed };
        port.post(task satisfies RemoteTask);
      }, lost(rank));
    }
    await ready;
    const over = all();
    over.catch(() => {});
    let turn = performance.now() + SLICE;
    let step = running.next();
    for (; !step.done; step = running.next()) {
      if (performance.now() < turn) continue;
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (wrong) throw wrong.error;
      turn = performance.now() + SLICE;
    }
    const stopped = simulation.stopped ?? {};
    for (const rank of Object.keys(stopped)) hear(Number(rank))({ kind: 'result', value: undefined });
    await over;
    return { ...step.value, results };
  } finally {
    signal?.removeEventListener('abort', stop);
    for (const port of ports) port.close();
    running.return(undefined as never);
  }
}
