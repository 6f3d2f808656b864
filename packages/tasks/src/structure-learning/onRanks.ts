import type { Communicator, Exchange, Pending, Received } from '@southwell/distributed';
import { stoppedBy } from '@southwell/numerics/core';
import type { BootstrapDraws, BootstrapSample } from 'southwell/structure-learning';
import { type LimitedSignal, lateReason } from '../deadline.ts';
import { watched } from '../spread/rankSignal.ts';
import type { JobRanks } from '../spread/ranks.ts';

/**
 * Sample b is drawn by rank b modulo the number of ranks: the first rank draws one less, as it fits all rows before.
 */
const shareOf = ({ rank, size }: JobRanks, after: number, resamples: number): number[] =>
  Array.from({ length: resamples - after }, (_, k) => after + 1 + k).filter((b) => b % size === rank);

const SAMPLE = 1;
const STOP = 2;

/** The first byte of a message; the edges follow it. */
const NO_MORE = 0;
const FINISHED = 1;
const UNFINISHED = 2;
/** As NO_MORE, because the time limit was reached. */
const LATE = 3;

/** The first rank's access to the samples of all ranks. */
export interface SharedSamples {
  /** Aborts when this rank is asked to stop; each check also shows the other ranks that this one is alive. */
  readonly signal: AbortSignal;
  /** Returns sample b, whichever rank draws it, and draws one of its own while it waits; for `bootstrapIterates`. */
  sample(b: number, draw: BootstrapDraws['draw']): BootstrapSample | undefined;
  /** Stops the other ranks and receives their remaining messages. */
  end(): void;
}

/** What another rank has sent and is about to send. */
interface Sender {
  readonly next: Uint8Array<ArrayBuffer>;
  coming: Pending<Received>;
  /** Whether its last message announced the end. */
  ended: boolean;
  /** The numbers of its samples, in order. */
  readonly numbers: number[];
}

/** Shared samples for a graph of `d` nodes, after the samples of an earlier run. */
export function sharedSamples(
  ranks: JobRanks,
  own: AbortSignal,
  { nodes, after, resamples }: { readonly nodes: number; readonly after: number; readonly resamples: number },
): SharedSamples {
  const here = new Map<number, BootstrapSample>();
  const mine = shareOf(ranks, after, resamples);
  let late = false;
  const senders = new Map<number, Sender>();
  const listen = (comm: Communicator, rank: number, next: Sender['next']) =>
    comm.begin(comm.receive(rank, next, SAMPLE));
  /** Receives the messages that have arrived from a rank, waiting for one if requested. */
  const take = function* (comm: Communicator, rank: number, wait: boolean): Exchange {
    const sender = senders.get(rank)!;
    // Also when nothing more comes: the test shows waiting ranks that this one is alive.
    const hasCome = yield* comm.test(sender.coming);
    if (sender.ended || !(wait || hasCome)) return;
    yield* comm.wait(sender.coming);
    const [how] = sender.next;
    late ||= how === LATE;
    sender.ended = how === NO_MORE || how === LATE;
    if (sender.ended) return;
    here.set(sender.numbers.shift()!, { edges: sender.next.slice(1), finished: how === FINISHED });
    sender.coming = yield* listen(comm, rank, sender.next);
  };
  ranks.together(function* (comm) {
    for (let rank = 1; rank < ranks.size; rank++) {
      const numbers = shareOf({ ...ranks, rank }, after, resamples);
      const next = new Uint8Array(1 + nodes ** 2);
      senders.set(rank, { next, coming: yield* listen(comm, rank, next), ended: false, numbers });
    }
  });
  const look = () =>
    ranks.together(function* (comm) {
      for (const rank of senders.keys()) yield* take(comm, rank, false);
    });
  // Clocks differ: the first rank that is late ends the work of all.
  const signal = watched(
    own,
    () => {
      look();
      return late;
    },
    () => lateReason((own as LimitedSignal).timeLimit),
  );
  return {
    signal,
    sample(b, draw) {
      look();
      for (;;) {
        const sample = here.get(b);
        if (sample) {
          here.delete(b);
          return sample;
        }
        if (signal.aborted) return undefined;
        const next = mine.shift();
        const drawn = next === undefined ? undefined : draw(next);
        if (drawn) here.set(next!, drawn);
        else if (next !== undefined) return undefined;
        else {
          const owner = b % ranks.size;
          // The rank was stopped, and has announced it: the signal is then aborted, if it was late.
          if (senders.get(owner)!.ended) return undefined;
          ranks.together((comm) => take(comm, owner, true));
        }
      }
    },
    end: () =>
      ranks.together(function* (comm) {
        for (const rank of senders.keys()) yield* comm.send(rank, Int32Array.of(1), STOP);
        for (const [rank, sender] of senders) while (!sender.ended) yield* take(comm, rank, true);
      }),
  };
}

/**
 * The work of the other ranks: draw their samples and send them, until all are drawn or the first rank needs no more.
 */
export function drawShare(
  ranks: JobRanks,
  own: AbortSignal,
  { after, resamples }: { readonly after: number; readonly resamples: number },
  drawing: (signal: AbortSignal) => BootstrapDraws,
  told: (b: number) => void,
): void {
  const stop = ranks.together((comm) => comm.begin(comm.receive(0, new Int32Array(1), STOP)));
  const signal = watched(own, () => ranks.together((comm) => comm.test(stop)));
  const draws = drawing(signal);
  const sending: Pending[] = [];
  const send = (bytes: Uint8Array) =>
    ranks.together(function* (comm) {
      sending.push(yield* comm.begin(comm.send(0, bytes, SAMPLE)));
    });
  try {
    for (const b of shareOf(ranks, after, resamples)) {
      if (signal.aborted) break;
      const sample = draws.draw(b);
      if (!sample) break;
      const message = new Uint8Array(1 + sample.edges.length).fill(sample.finished ? FINISHED : UNFINISHED);
      message.set(sample.edges, 1);
      send(message);
      told(b);
    }
  } finally {
    draws.free();
  }
  send(Uint8Array.of(own.aborted && stoppedBy(own) === 'time-limit' ? LATE : NO_MORE));
  ranks.together(function* (comm) {
    yield* comm.wait(stop);
    for (const sent of sending) yield* comm.wait(sent);
  });
}
