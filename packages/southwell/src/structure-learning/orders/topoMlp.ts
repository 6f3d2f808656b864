import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { type NetworkOptions, networkKeys } from '../continuous/notearsMlp.ts';
import { type EstimateOptions, estimateFromRows, type GraphEstimate, type NodeNetworks, split } from '../estimate.ts';
import type { GraphData } from '../moments.ts';
import { type Samples, samples } from '../samples.ts';
import { searchOf } from './candidates.ts';
import { NetworkRegressions, type NetworksState } from './networkRegressions.ts';
import { orderSearchIterates } from './orderSearch.ts';
import { searchKeys, type TopoIterate, type TopoOptions } from './topo.ts';

export interface TopoMlpOptions extends Omit<TopoOptions, 'ridge' | 'resume'>, NetworkOptions {
  /** Networks to start from, as {@link notearsMlpIterates} leaves them. Default: random ones. */
  readonly networks?: NodeNetworks;
  /** Random networks that each fit starts from beside the present one. Default 1. */
  readonly starts?: number;
  /** Ends with `iteration-limit` after so many fits of one network. Default 100 a node. */
  readonly maxFits?: number;
  /** State from a checkpoint of an earlier run, for the same data and options. */
  readonly resume?: NetworksState;
}

const topoMlpKeys: OptionKeys<TopoMlpOptions> = {
  ...searchKeys,
  ...networkKeys,
  networks: true,
  starts: true,
  maxFits: true,
  resume: true,
};

/**
 * TOPO with a network for each node (the nonlinear variant of Deng, Bello, Aragam & Ravikumar, ICML 2023), by the score
 * of {@link notearsMlpIterates}. A swap of positions a < b changes what the nodes between may take of: their networks
 * are fitted anew by L-BFGS from where they are now, weights of what is no longer allowed dropped and those of what is
 * newly allowed begun at 0, and from random ones, of which the best counts. Where nothing is newly allowed and the
 * present network takes nothing of what is dropped, it stays as it is without a fit. Each node and set is fitted once.
 * An iterate is a fit of the start, a round, or a part of one; the objective never rises. W[i, j] ≥ 0 is the norm of
 * what leads from i into network j. Status and checkpoints are those of {@link orderSearchIterates}. O(nd·hidden) a
 * step of a fit; memory O(d·hidden) a fit.
 * @throws INVALID_PARAMETER.
 */
export function* topoMlpIterates(data: Samples, options: TopoMlpOptions = {}): Generator<TopoIterate> {
  knownKeys('topoMlpIterates', options, topoMlpKeys);
  const { d } = data;
  const { largeSearches = 1, maxFits = 100 * d } = options;
  if (!(maxFits >= 0)) fail('INVALID_PARAMETER', `maxFits cannot be ${maxFits}.`);
  const search = searchOf(d, options);
  const { order } = search;
  const fitted = new NetworkRegressions(data, order, options);
  try {
    // The networks of the start, one after the other, so that the caller can stop between them.
    for (let p = 0; p <= d; p++) {
      const objective = fitted.total();
      if (!fitted.replaying) {
        yield {
          iteration: 0,
          objective,
          work: { oracleCalls: 0 },
          evaluations: 0,
          snapshot: () => ({ W: fitted.graph(), order: order.slice(), ...fitted.extra() }),
          checkpoint: () => fitted.state(),
        };
      }
      if (p < d) fitted.fit(order, p);
    }
    yield* orderSearchIterates(fitted, search, { largeSearches, maxFits, slice: 1 });
  } finally {
    fitted.free();
  }
}

/** Learns an order and networks along it by {@link topoMlpIterates}; takes rows, not moments. */
export function topoMlp(X: GraphData, options: TopoMlpOptions & EstimateOptions = {}): GraphEstimate {
  const { own, estimate } = split<TopoMlpOptions>('topoMlp', options, topoMlpKeys);
  return estimateFromRows(X, (data) => topoMlpIterates(data, own), estimate, samples);
}
