import { type Graph, graphSpectrum } from '../../graphs/index.ts';
import { consensusOf } from './adomPlus.ts';
import { chebyshevOf } from './msda.ts';

/** Communications, each over one link, in a round of one gradient per node; for `continuized`, in which links are used once in the mean. */
export interface RoundCommunications {
  /** Expected, with uniform rates of links. */
  readonly dadao: number;
  readonly adomPlus: number;
  readonly adomPlusMulti: number;
  readonly msda: number;
  readonly continuized: number;
}

/**
 * What rounds of decentralised methods cost on a connected graph of at least two nodes. O(n³).
 *
 * @throws SouthwellError for a graph that is not connected.
 */
export function roundCommunications(graph: Graph): RoundCommunications {
  const links = graph.from.length;
  return {
    dadao: graphSpectrum(graph).scale,
    adomPlus: links,
    adomPlusMulti: consensusOf(graph, true).exchanges * links,
    msda: chebyshevOf(graph).exchanges * links,
    continuized: links,
  };
}
