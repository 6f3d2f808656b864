import type { Random } from '@southwell/numerics/core';
import {
  type CboOptions,
  type ConsensusHoppingOptions,
  cbo,
  consensusHopping,
  type Proposals,
  Search,
  type SwarmState,
} from 'southwell/black-box';
import type { Pause } from '../pauses.ts';

/** The values that a swarm receives: the true ones, or those of a negative control. */
export type Told = (values: Float64Array, random: Random) => Float64Array;
export const libraryMethod: Told = (values) => values;

export interface SwarmRun {
  /** The last consensus point. */
  readonly x: Float64Array;
  readonly path: ReadonlyArray<{ readonly x: number; readonly y: number; readonly evaluations: number }>;
  readonly seconds: readonly number[];
}

export type Swarm =
  | { readonly kind: 'cbo'; readonly options: CboOptions }
  | { readonly kind: 'hopping'; readonly options: ConsensusHoppingOptions };

/** Runs a swarm that begins about x0; `see` is called with every state. */
export async function runSwarm(
  f: (x: Float64Array) => number,
  swarm: Swarm,
  place: { readonly x0: readonly number[]; readonly sigma: number },
  seed: number,
  told: Told,
  pause: Pause,
  see: (state: SwarmState) => void = () => {},
): Promise<SwarmRun> {
  const path: Array<{ x: number; y: number; evaluations: number }> = [];
  const seconds: number[] = [];
  let x = Float64Array.from(place.x0);
  let spent = 0;
  let resumed = performance.now();
  const onStep = (state: SwarmState) => {
    x = state.consensus.slice();
    path.push({ x: x[0], y: x[1], evaluations: (state.step + 1) * state.points.length });
    seconds.push(spent + (performance.now() - resumed) / 1000);
    see(state);
  };
  const search = new Search({ ...place, seed, budget: Number.POSITIVE_INFINITY }, function* (context): Proposals {
    const method =
      swarm.kind === 'cbo'
        ? cbo(context, { tol: 0, ...swarm.options, onStep })
        : consensusHopping(context, { ...swarm.options, onStep });
    const random = context.random.split(1);
    let next = method.next();
    while (!next.done) next = method.next(told(yield next.value, random));
    return next.value;
  });
  for (let c = search.ask(); c; c = search.ask()) {
    search.tell(c.id, f(c.x));
    if ((c.id & 127) === 0) {
      spent += (performance.now() - resumed) / 1000;
      await pause();
      resumed = performance.now();
    }
  }
  return { x, path, seconds };
}
