import {
  checkGiven,
  integerOption,
  keysOf,
  knownKeys,
  limitOption,
  type OptionKeys,
  type OptionsOf,
  otherOption,
} from '@southwell/numerics/core';
import { networkRecords } from '../continuous/notearsMlp.ts';
import { type EstimateOptions, estimateFromRows, type GraphEstimate, type NodeNetworks, split } from '../estimate.ts';
import type { GraphData } from '../moments.ts';
import { type Samples, samples } from '../samples.ts';
import { searchOf } from './candidates.ts';
import { NetworkRegressions, type NetworksState } from './networkRegressions.ts';
import { orderSearchIterates } from './orderSearch.ts';
import { searchRecords, type TopoIterate } from './topo.ts';

const topoMlpRecords = {
  ...searchRecords,
  ...networkRecords,
  /** Initial networks, as {@link notearsMlpIterates} returns them. Default: random ones. */
  networks: otherOption<NodeNetworks>('networks, one for each column'),
  /** Number of random initialisations that each fit tries besides the present network. Default 1. */
  starts: integerOption({ min: 0 }),
  /** Maximum number of fits of one network, after which the search ends with `iteration-limit`. Default 100 for each node. */
  maxFits: limitOption(0),
};

export interface TopoMlpOptions extends OptionsOf<typeof topoMlpRecords> {
  /** State from a checkpoint of an earlier run, for the same data and options. */
  readonly resume?: NetworksState;
}

const topoMlpKeys: OptionKeys<TopoMlpOptions> = { ...keysOf(topoMlpRecords), resume: true };

/**
 * TOPO with a network for each node (the nonlinear variant of Deng, Bello, Aragam & Ravikumar, ICML 2023), with the
 * score of {@link notearsMlpIterates}. A swap of positions a < b changes the possible inputs of the nodes between them:
 * their networks are refitted by L-BFGS, once from the present network, with the weights of removed inputs dropped and
 * those of new inputs set to 0, and once from each of several random ones; the best fit is kept. Where there are no new
 * inputs and the present network uses none of the removed ones, it is kept without a fit. Each node and set of inputs
 * is fitted once. Each iterate is a fit of the initial order, a round, or a part of one; the objective never increases.
 * W[i, j] ≥ 0 is the norm of the weights from input i in network j. Status and checkpoints are as for {@link
 * orderSearchIterates}. O(nd·hidden) a step of a fit; memory O(d·hidden) a fit.
 * @throws INVALID_PARAMETER.
 */
export function* topoMlpIterates(data: Samples, options: TopoMlpOptions = {}): Generator<TopoIterate> {
  knownKeys('topoMlpIterates', options, topoMlpKeys);
  checkGiven(topoMlpRecords, options);
  const { d } = data;
  const { largeSearches = 1, maxFits = 100 * d } = options;
  const search = searchOf(d, options);
  const { order } = search;
  const fitted = new NetworkRegressions(data, order, options);
  try {
    // The networks of the initial order, one after the other, so that the caller can stop between them.
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
