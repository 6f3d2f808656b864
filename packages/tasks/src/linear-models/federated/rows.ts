import type { Communicator, Exchange } from '@southwell/distributed';
import type { SplitRows, Sums } from '@southwell/numerics/core';
import { gathered } from '../../spread/gather.ts';
import type { JobRanks } from '../../spread/ranks.ts';

/** Runs an exchange whose messages are counted under a name. */
export function* counted<T>(comm: Communicator, name: string, exchange: Exchange<T>): Exchange<T> {
  const phase = yield* comm.phase(name);
  const result = yield* exchange;
  yield* comm.phase(phase);
  return result;
}

/** The sum over ranks, added on the first in their order, so that the bits are the same with any driver. */
function* sumOfRanks<T extends Sums>(comm: Communicator, own: T): Exchange<void> {
  if (comm.rank > 0) yield* comm.send(0, own);
  else {
    const part = own.slice() as T;
    for (let rank = 1; rank < comm.size; rank++) {
      yield* comm.receive(rank, part);
      for (let i = 0; i < own.length; i++) own[i] += part[i];
    }
  }
  yield* comm.broadcast(own);
}

/**
 * Rows that stay on their ranks, however many each has: a rank sends one sum over all of its rows at a time, largest values, and
 * plain data such as levels of columns. What it sends is counted by these kinds.
 */
export function rowsThatStay(
  { rank, together }: Pick<JobRanks, 'rank' | 'together'>,
  {
    rows: own,
    before: first = 0,
    all = own,
  }: { readonly rows: number; readonly before?: number; readonly all?: number },
): SplitRows {
  return {
    ...{ spread: true, rank, first, own, all, pieces: [[0, own]] },
    tree: { nodeOf: new Int32Array(1), places: Int32Array.of(rank), nodes: 1 },
    sum(into, add) {
      into.fill(0);
      add(0, 0, own, into);
      together((comm) => counted(comm, 'sums', sumOfRanks(comm, into)));
    },
    sumNodes(into, nodes) {
      into.set(nodes);
      together((comm) => counted(comm, 'sums', sumOfRanks(comm, into)));
    },
    max: (into) => together((comm) => counted(comm, 'largest', comm.allReduce(into, 'max'))),
    tell<T>(own: T): T[] {
      const text = new TextEncoder().encode(JSON.stringify(own));
      const all = together((comm) => counted(comm, 'levels', gathered(comm, text)));
      return all.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as T);
    },
    gather() {
      throw new Error('A federated fit gathers no values of rows.');
    },
  };
}
