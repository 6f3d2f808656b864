import { fail, Random, wholeNumber } from '@southwell/numerics/core';

/** Which clients take part in a round. Every rank evaluates it, so it must depend on its arguments only. */
export interface ClientSchedule {
  /** Describes the schedule; ranks compare it before the first round. */
  readonly name: string;
  /** Clients of the round (from 0), ascending and without repetitions; they are numbered from 0 in the order of the ranks. */
  at(round: number, clients: number): readonly number[];
}

/**
 * The same number of clients in each round, drawn uniformly without replacement. The draw of a round depends on the seed and the round
 * only, so that a resumed run goes on with the same sets. O(clients) for each round.
 * @throws INVALID_PARAMETER for a `count` below 1, or above the number of clients once this is known.
 */
export function uniformSubsets(count: number, seed = 0): ClientSchedule {
  wholeNumber('The number of clients of a round', count, 1);
  const random = new Random(seed);
  return {
    name: `uniform ${count} ${seed}`,
    at(round, clients) {
      checkCount(count, clients);
      return [...random.split(round).sample(clients, count)].sort((a, b) => a - b);
    },
  };
}

/**
 * The same number of consecutive clients in each round, in turn.
 * @throws INVALID_PARAMETER for a `count` below 1, or above the number of clients once this is known.
 */
export function roundRobin(count: number): ClientSchedule {
  wholeNumber('The number of clients of a round', count, 1);
  return {
    name: `round robin ${count}`,
    at(round, clients) {
      checkCount(count, clients);
      const first = (round * count) % clients;
      return Array.from({ length: count }, (_, i) => (first + i) % clients).sort((a, b) => a - b);
    },
  };
}

/**
 * Given sets of clients, one for each round, which are repeated from the beginning when they are used up. A set may be empty.
 * @throws EMPTY without a set; INVALID_PARAMETER for a client that does not exist or is named twice in a set.
 */
export function givenSets(sets: ReadonlyArray<ArrayLike<number>>): ClientSchedule {
  if (sets.length === 0) fail('EMPTY', 'A schedule of given sets needs at least one set of clients.');
  const sorted = sets.map((set, round) => {
    const clients = Array.from(set).sort((a, b) => a - b);
    clients.forEach((client, i) => {
      wholeNumber(`A client of set ${round}`, client, 0);
      if (i > 0 && client === clients[i - 1])
        fail('INVALID_PARAMETER', `Set ${round} of the schedule names client ${client} twice.`);
    });
    return clients;
  });
  return {
    name: `given ${JSON.stringify(sorted)}`,
    at(round, clients) {
      const set = sorted[round % sorted.length];
      const last = set.at(-1) ?? 0;
      if (last >= clients)
        fail('INVALID_PARAMETER', `The schedule names client ${last}, but there are only ${clients}, from 0.`);
      return set;
    },
  };
}

function checkCount(count: number, clients: number): void {
  if (count > clients)
    fail('INVALID_PARAMETER', `${count} clients cannot take part in a round, because there are only ${clients}.`);
}
