import type { Communicator, Request } from '@southwell/distributed';
import type { AdmmIterate } from './engine.ts';

/** What all ranks know at the end of a run. */
export interface FederatedResult {
  /** The global model. */
  readonly w: Float64Array;
  readonly rounds: number;
  readonly status: 'converged' | 'max-iterations' | 'diverged';
  /** Residual relative to the norm of the model, where it is known. */
  readonly relative: number | undefined;
  /** Numbers that all clients sent and received. */
  readonly floatsUp: number;
  readonly floatsDown: number;
}

/**
 * Runs iterates up to a number of rounds or a tolerance, on all ranks alike, and tells all of them the model of the first.
 * @throws Error if the iterates end by themselves, which those of rounds never do.
 */
export function* limited(
  comm: Communicator,
  iterates: Generator<AdmmIterate | Request, void, unknown>,
  { rounds = 1000, tol = 0 }: { readonly rounds?: number; readonly tol?: number },
): Generator<AdmmIterate | Request, FederatedResult, unknown> {
  let answer: unknown;
  for (;;) {
    const { value, done } = iterates.next(answer);
    if (done) throw new Error('Rounds have no end of their own.');
    if (!('iteration' in value)) {
      answer = yield value;
      continue;
    }
    answer = undefined;
    yield value;
    const { iteration, certificate, metrics } = value;
    const converged = certificate !== undefined && certificate.relative <= tol;
    if (!value.done && !converged && iteration < rounds) continue;
    const w = value.snapshot();
    iterates.return();
    const phase = yield* comm.phase('result');
    yield* comm.broadcast(w);
    yield* comm.phase(phase);
    const { floatsUp, floatsDown } = metrics as { floatsUp: number; floatsDown: number };
    const status = value.done ? 'diverged' : converged ? 'converged' : 'max-iterations';
    return { ...{ w, rounds: iteration, status, relative: certificate?.relative }, ...{ floatsUp, floatsDown } };
  }
}
