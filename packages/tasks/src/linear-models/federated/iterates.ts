import { alone, type Communicator, type Exchange, type Request } from '@southwell/distributed';
import { decodePlain, encodePlain, fail, type Iterate } from '@southwell/numerics/core';
import type { AdmmIterate, AdmmState } from 'southwell/distributed-methods';
import type { JobRanks } from '../../spread/ranks.ts';
import { counted } from './rows.ts';

/** A program of ranks that yields iterates among its exchanges. */
export type Program = (
  comm: Communicator,
  resume: AdmmState | undefined,
) => Generator<AdmmIterate | Request, void, unknown>;

/** The states of all ranks, on the first; the others have their own alone. */
export interface FederatedState {
  readonly ranks: number;
  readonly states: readonly AdmmState[];
}

/** The states of all ranks on the first. Collective. */
function* statesOfAll(comm: Communicator, own: AdmmState): Exchange<readonly AdmmState[]> {
  if (comm.rank > 0) {
    const bytes = new TextEncoder().encode(encodePlain(own));
    yield* comm.send(0, Float64Array.of(bytes.length));
    yield* comm.send(0, bytes);
    return [own];
  }
  const states = [own];
  for (let rank = 1; rank < comm.size; rank++) {
    const length = new Float64Array(1);
    yield* comm.receive(rank, length);
    const bytes = new Uint8Array(length[0]);
    yield* comm.receive(rank, bytes);
    states.push(decodePlain(new TextDecoder().decode(bytes)) as AdmmState);
  }
  return states;
}

/** Runs exchanges up to the next iterate. */
function* next(running: ReturnType<Program>): Exchange<AdmmIterate | undefined> {
  let answer: unknown;
  for (;;) {
    const { value, done } = running.next(answer);
    if (done) return undefined;
    if ('iteration' in value) return value;
    answer = yield value;
  }
}

/**
 * The iterates of a program on the ranks of a job, or in this process. The point is that of the first rank; checkpoints have the states of
 * all ranks there.
 */
export function* iteratesOf(
  ranks: JobRanks | undefined,
  program: Program,
  resume: FederatedState | undefined,
): Generator<Iterate<Float64Array, undefined>, void, unknown> {
  const size = ranks?.size ?? 1;
  if (resume && resume.ranks !== size)
    fail(
      'INVALID_PARAMETER',
      `The checkpoint is of a federated fit on ${resume.ranks} ranks, but there are ${size}: each rank has its own clients, so resume with as many.`,
    );
  const own = resume?.states[ranks?.rank ?? 0];
  if (!ranks) {
    for (const iterate of alone((comm) => program(comm, own)))
      yield {
        ...iterate,
        checkpoint: (): FederatedState => ({ ranks: 1, states: [iterate.checkpoint!() as AdmmState] }),
      };
    return;
  }
  let running: ReturnType<Program> | undefined;
  try {
    for (;;) {
      const iterate = ranks.together((comm) => {
        running ??= program(comm, own);
        return next(running);
      });
      if (!iterate) return;
      yield {
        ...iterate,
        checkpoint: (): FederatedState => ({
          ranks: size,
          states: ranks.together((comm) =>
            counted(comm, 'checkpoint', statesOfAll(comm, iterate.checkpoint!() as AdmmState)),
          ),
        }),
      };
    }
  } finally {
    running?.return();
  }
}
