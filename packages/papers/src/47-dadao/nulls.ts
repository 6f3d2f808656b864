import type { Iterate } from '@southwell/numerics/core';
import {
  adomPlusIterates,
  type Client,
  cycleGraph,
  type DadaoConstants,
  type DadaoPoint,
  type Graph,
  type GraphSpectrum,
  graphSpectrum,
  type RoundCommunications,
} from 'southwell/distributed-methods';
import { nulls } from '../verdicts/nulls.ts';
import type { Method } from './lab.ts';
import { record } from './record.ts';

const gossip = 'southwell/distributed-methods/gossip';
const dadao = { module: 'papers/47-dadao/lab', name: 'dadaoIterates' } as const;
const rates = { module: 'papers/47-dadao/lab', name: 'ratesOf' } as const;
const rounds = { module: `${gossip}/baselines/rounds`, name: 'roundCommunications' } as const;
const counted = ['against-primal', 'dense', 'against-dual', 'acceleration', 'adult'] as const;

/** Gradient tracking (DIGing, Nedić, Olshevsky and Shi 2017) with the weights I − Λ/λ_max, at a step that suits the slowest graph. */
const tracking: Method = function* (problem, { optimum }) {
  const { local, L, mu, start } = problem;
  const graph = problem.graph as Graph;
  const [n, d] = [local.length, start.length];
  const { lambda2, lambdaMax } = graphSpectrum(graph, new Float64Array(graph.from.length).fill(1));
  const step = lambda2 / lambdaMax / (2 * (L + mu));
  const zeros = () => Array.from({ length: n }, () => new Float64Array(d));
  let [x, y, before] = [zeros().map(() => Float64Array.from(start as ArrayLike<number>)), zeros(), zeros()];
  const gradients = (at: Float64Array[]) =>
    at.map((row, i) => {
      const into = new Float64Array(d);
      local.at(i)!.gradient(row, into, undefined as never);
      return into;
    });
  const mixed = (rows: Float64Array[]) => {
    const out = rows.map((row) => row.slice());
    for (let k = 0; k < graph.from.length; k++) {
      const [i, j] = [graph.from[k], graph.to[k]];
      for (let a = 0; a < d; a++) {
        const part = (rows[i][a] - rows[j][a]) / lambdaMax;
        out[i][a] -= part;
        out[j][a] += part;
      }
    }
    return out;
  };
  const distance = () => x.reduce((sum, row) => sum + row.reduce((s, v, a) => s + (v - optimum![a]) ** 2, 0) / n, 0);
  const scale = distance();
  before = gradients(x);
  y = before.map((row) => row.slice());
  for (let iteration = 0; ; iteration++) {
    const value = distance();
    yield {
      iteration,
      objective: undefined,
      certificate: { kind: 'squaredDistance', value, relative: value / scale },
      metrics: { gradients: n * iteration, communications: 2 * graph.from.length * iteration },
      work: {},
      snapshot: () => ({ x, mean: x[0] }),
    } satisfies Iterate<DadaoPoint, undefined>;
    x = mixed(x).map((row, i) => row.map((v, a) => v - step * y[i][a]));
    const now = gradients(x);
    y = mixed(y).map((row, i) => row.map((v, a) => v + now[i][a] - before[i][a]));
    before = now;
  }
};

interface Events {
  time: number;
  node: number;
  link: number;
  graph: Graph;
  next(): void;
}
interface MakesEvents {
  new (sequence: ReadonlyArray<{ graph: Graph; rates: ArrayLike<number> }>, seed: number, period?: number): Events;
}

export default nulls(record, [
  {
    id: 'no-gradients',
    says: 'with zero in place of gradients',
    kinds: ['nothing'],
    claims: [...counted, 'graph-independence'],
    ...dadao,
    by: (original: Method) => (problem: Parameters<Method>[0], settings: Parameters<Method>[1]) => {
      const none = (): Client => ({ gradient: (_, into) => void into.fill(0) as undefined });
      return original({ ...problem, local: Array.from({ length: problem.local.length }, none) }, settings);
    },
  },
  {
    id: 'tracking',
    says: 'with gradient tracking in rounds in place of DADAO',
    kinds: ['baseline'],
    claims: counted,
    ...dadao,
    by: () => tracking,
  },
  {
    id: 'single-consensus',
    says: 'with ADOM+ without multi-consensus, whose gradients depend on the graph, in place of DADAO',
    kinds: ['unequal'],
    claims: ['graph-independence'],
    ...dadao,
    by:
      () =>
      (problem: Parameters<Method>[0], { optimum }: Parameters<Method>[1]) =>
        adomPlusIterates(problem, { optimum }),
  },
  {
    id: 'no-momentum',
    says: 'without momentum of what links exchange (β̃ = 0)',
    kinds: ['ingredient'],
    claims: [...counted, 'graph-independence'],
    ...{ module: `${gossip}/constants`, name: 'dadaoConstants' },
    by:
      (original: (...of: number[]) => DadaoConstants) =>
      (...of: number[]) => ({ ...original(...of), betaTilde: 0 }),
  },
  {
    id: 'rounds',
    says: 'with synchronous rounds: at the end of each unit of time all nodes compute a gradient, and then links are used in turn as often as their rates say',
    kinds: ['ingredient'],
    claims: [...counted, 'graph-independence'],
    ...{ module: `${gossip}/events`, name: 'PoissonEvents' },
    by: (Original: MakesEvents): MakesEvents =>
      class extends Original {
        private at = 0;
        private readonly uses: number[];

        constructor(
          sequence: ReadonlyArray<{ graph: Graph; rates: ArrayLike<number> }>,
          seed: number,
          period?: number,
        ) {
          super(sequence, seed, period);
          const [{ rates: own }] = sequence;
          const most = Math.max(1, ...Array.from(own, (rate) => Math.round(rate)));
          this.uses = Array.from({ length: most }, (_, turn) =>
            [...Array.from(own).keys()].filter((k) => turn < Math.max(1, Math.round(own[k]))),
          ).flat();
        }

        override next(): void {
          const { n } = this.graph;
          const all = n + this.uses.length;
          const at = this.at++ % all;
          this.time = Math.floor((this.at - 1) / all) + 1;
          this.node = at < n ? at : -1;
          this.link = at < n ? -1 : this.uses[at - n];
        }
      },
  },
  {
    id: 'uniform',
    says: 'with uniform rates',
    kinds: ['nothing', 'ingredient'],
    claims: ['gossip-rates'],
    ...rates,
    by: () => (graph: Graph) => new Float64Array(graph.from.length).fill(1 / graph.from.length),
  },
  {
    id: 'degrees',
    says: 'with rates by degrees (Metropolis), in proportion to 1 / (1 + the larger degree of the two nodes)',
    kinds: ['baseline'],
    claims: ['gossip-rates'],
    ...rates,
    by: () => (graph: Graph) => {
      const degrees = new Float64Array(graph.n);
      for (const nodes of [graph.from, graph.to]) for (const i of nodes) degrees[i]++;
      const shares = Float64Array.from(graph.from, (i, k) => 1 / (1 + Math.max(degrees[i], degrees[graph.to[k]])));
      const sum = shares.reduce((a, v) => a + v, 0);
      return shares.map((v) => v / sum);
    },
  },
  {
    id: 'no-counts',
    says: 'with zero in place of all counts',
    kinds: ['nothing'],
    claims: ['notebook'],
    ...rounds,
    by: () => (): RoundCommunications => ({ dadao: 0, adomPlus: 0, adomPlusMulti: 0, msda: 0, continuized: 0 }),
  },
  {
    id: 'cycle',
    says: 'with a cycle in place of the star',
    kinds: ['unequal'],
    claims: ['notebook'],
    ...rounds,
    by: (original: (graph: Graph) => RoundCommunications) => (graph: Graph) => original(cycleGraph(graph.n)),
  },
  {
    id: 'chi1-alone',
    says: 'with rates for χ₁ alone, without the largest resistance (χ₂ = χ₁)',
    kinds: ['ingredient'],
    claims: ['notebook'],
    ...{ module: 'southwell/distributed-methods/graphs/spectrum', name: 'graphSpectrum' },
    by:
      (original: (graph: Graph, rates?: ArrayLike<number>) => GraphSpectrum) =>
      (graph: Graph, given?: ArrayLike<number>): GraphSpectrum => {
        const spectrum = original(graph, given);
        return { ...spectrum, chi2: spectrum.chi1, scale: Math.SQRT2 * spectrum.chi1 };
      },
  },
]);
