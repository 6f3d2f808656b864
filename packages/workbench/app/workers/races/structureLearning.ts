import { elementary, type Iterate, Random } from 'southwell/core';
import {
  colideIterates,
  dagmaDefaults,
  type GraphPoint,
  golemIterates,
  graphMetrics,
  moments,
  type NoiseKind,
  notearsIterates,
  simulateGraph,
  simulateSem,
  thresholdToDag,
  topoIterates,
} from 'southwell/structure-learning';
import type { Values } from '../../lib/controls.ts';
import type { Contest, Stride } from './contest.ts';

export async function structureLearning(v: Values): Promise<Contest<GraphPoint>> {
  const [nodes, n, seed] = [Number(v.nodes), Number(v.rows), Number(v.seed)];
  const edges = Math.min((nodes * (nodes - 1)) / 2, Number(v.degree) * nodes);
  const truth = simulateGraph({ nodes, edges, graph: v.graph as 'er' | 'sf', seed });
  const random = new Random(seed).split(1);
  // Standard deviations from half to twice.
  const variances = v.unequal
    ? Float64Array.from({ length: nodes }, () => elementary.power(16, random.uniform() - 0.5))
    : 1;
  const data = moments(simulateSem(truth, { n, noise: v.noise as NoiseKind, variances, seed: seed + 1 }));
  const racer = (start: () => Iterable<Iterate<GraphPoint>>) =>
    function* (): Iterable<Stride<GraphPoint>> {
      for (const it of start()) yield { work: it.iteration, snapshot: () => it.snapshot() };
    };
  return {
    about: `${nodes} variables, ${n} rows, ${graphMetrics(truth, truth).edges.truth} edges`,
    target: 0,
    measure({ W }) {
      const dag = thresholdToDag(W, 0.3);
      const m = graphMetrics(truth, dag);
      dag.free();
      return { value: m.shd, extra: m.edges.estimate };
    },
    racers: {
      'colide-equal': racer(() => colideIterates(data, { variance: 'equal' })),
      'colide-unequal': racer(() => colideIterates(data, { variance: 'unequal' })),
      dagma: racer(() => colideIterates(data, dagmaDefaults)),
      'golem-equal': racer(() => golemIterates(data)),
      'golem-unequal': racer(() => golemIterates(data, { variance: 'unequal' })),
      notears: racer(() => notearsIterates(data)),
      topo: racer(() => topoIterates(data, { seed })),
    },
  };
}
