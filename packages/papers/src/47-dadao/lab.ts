import { alone } from '@southwell/distributed';
import { type Iterate, Random } from '@southwell/numerics/core';
import { choleskyInPlace, choleskySolveInPlace, symmetricEigenvalues } from '@southwell/numerics/linalg';
import {
  adomPlusIterates,
  barbellGraph,
  type Client,
  completeGraph,
  continuizedIterates,
  cycleGraph,
  type DadaoPoint,
  type DadaoSettings,
  type DecentralisedProblem,
  type DualClient,
  dadaoProgram,
  type Graph,
  gossipRates,
  gridGraph,
  msdaIterates,
  pathGraph,
  starGraph,
} from 'southwell/distributed-methods';
import type { Pause } from '../pauses.ts';

type Points = Iterable<Iterate<DadaoPoint, number | undefined>>;

/** Functions of nodes with a known minimum of their sum; the conjugates of some are at hand. */
export interface Instance {
  readonly local: readonly Client[];
  readonly dual?: readonly DualClient[];
  readonly mu: number;
  readonly L: number;
  readonly start: Float64Array;
  readonly optimum: Float64Array;
}

/** Graphs by name; n is a square. */
export const graphs = {
  star: starGraph,
  grid: (n: number) => gridGraph(Math.sqrt(n), Math.sqrt(n)),
  cycle: cycleGraph,
  path: pathGraph,
  barbell: barbellGraph,
  complete: completeGraph,
} as const satisfies Readonly<Record<string, (n: number) => Graph>>;
export type GraphName = keyof typeof graphs;
export const graphNames = Object.keys(graphs) as GraphName[];

/** DADAO on one rank: the method under test. */
export const dadaoIterates = (problem: DecentralisedProblem, settings: DadaoSettings): Points =>
  alone((comm) => dadaoProgram(comm, problem, settings));
export type Method = typeof dadaoIterates;

/** Methods in the order of tables and charts. */
export const rules = {
  dadao: 'DADAO',
  'adom-multi': 'ADOM+ with multi-consensus',
  adom: 'ADOM+',
  msda: 'MSDA, by dual gradients',
  continuized: 'continuized, by dual gradients',
} as const;
export type Rule = keyof typeof rules;
export const ruleNames = Object.keys(rules) as Rule[];
export const series = ruleNames.map((id) => ({ id, name: rules[id] }));

/** The iterates of a rule, each with a distance from the minimum. */
export function iteratesOf(rule: Rule, instance: Instance, graph: Graph, seed: number, method: Method): Points {
  const { local, dual = [], mu, L, start, optimum } = instance;
  const problem = { local, graph, mu, L, start };
  const conjugate = { local: dual, graph, mu, L, length: start.length };
  switch (rule) {
    case 'dadao':
      return method(problem, { seed, optimum });
    case 'adom':
      return adomPlusIterates(problem, { optimum });
    case 'adom-multi':
      return adomPlusIterates(problem, { optimum, multiConsensus: true });
    case 'msda':
      return msdaIterates(conjugate, { optimum });
    case 'continuized':
      return continuizedIterates(conjugate, { seed, optimum });
  }
}

/** What it took to come near the minimum. */
export interface Counts {
  readonly solved: boolean;
  /** Until the minimum was near, or until the end of the run. */
  readonly gradients: number;
  readonly communications: number;
  /** Relative squared distances by gradients and communications, some of them. */
  readonly curve: {
    readonly gradients: readonly number[];
    readonly communications: readonly number[];
    readonly error: readonly number[];
  };
}

/** Points of a curve. */
const SHOWN = 60;

/** Follows a method until the mean squared distance from the minimum is `tol` of that at the start, for at most `most` iterates. */
export async function countsOf(
  iterates: Points,
  { tol, most }: { readonly tol: number; readonly most: number },
  pause: Pause,
): Promise<Counts> {
  const all: [number, number, number][] = [];
  let solved = false;
  for (const { iteration, certificate, metrics, done } of iterates) {
    const error = certificate?.relative ?? Number.POSITIVE_INFINITY;
    all.push([metrics?.gradients ?? 0, metrics?.communications ?? 0, error]);
    solved = error <= tol;
    if (solved || done || iteration >= most) break;
    await pause();
  }
  const [gradients, communications] = all.at(-1)!;
  const step = Math.max(1, Math.floor(all.length / SHOWN));
  const shown = all.filter(([, , error], k) => Number.isFinite(error) && (k % step === 0 || k === all.length - 1));
  return {
    ...{ solved, gradients, communications },
    curve: {
      gradients: shown.map(([g]) => g),
      communications: shown.map(([, c]) => c),
      error: shown.map(([, , e]) => e),
    },
  };
}

/** A count of a method over that of a rival; infinite where the method did not come near. What a rival that did not has used is a lower bound. */
export const over = (own: Counts, rival: Counts, what: 'gradients' | 'communications'): number =>
  own.solved ? own[what] / rival[what] : Number.POSITIVE_INFINITY;

export const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v / values.length, 0);

/** Independent draws of a run by number. */
export const drawsOf = (seed: number, number: number): Random => new Random(seed).split(47).split(number);

/** A x for a symmetric matrix by rows. */
function times(A: Float64Array, x: ArrayLike<number>, into: Float64Array): void {
  const d = into.length;
  for (let i = 0; i < d; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += A[i * d + j] * x[j];
    into[i] = sum;
  }
}

/** f_i(x) = ½ xᵀA_i x − b_iᵀx with the minimum of the sum, and conjugate gradients A_i⁻¹(y + b_i). */
function quadraticInstance(parts: ReadonlyArray<{ A: Float64Array; b: Float64Array }>, start: Float64Array): Instance {
  const d = start.length;
  const [sumA, optimum] = [new Float64Array(d * d), new Float64Array(d)];
  let [mu, L] = [Number.POSITIVE_INFINITY, 0];
  for (const { A, b } of parts) {
    for (let k = 0; k < d * d; k++) sumA[k] += A[k];
    for (let k = 0; k < d; k++) optimum[k] += b[k];
    const values = symmetricEigenvalues(A.slice(), d);
    mu = Math.min(mu, ...values);
    L = Math.max(L, ...values);
  }
  choleskyInPlace(sumA, d);
  choleskySolveInPlace(sumA, d, optimum);
  const local = parts.map(
    ({ A, b }): Client => ({
      gradient(x, into) {
        times(A, x, into);
        for (let k = 0; k < d; k++) into[k] -= b[k];
        return undefined;
      },
    }),
  );
  const dual = parts.map(({ A, b }): DualClient => {
    const factor = A.slice();
    choleskyInPlace(factor, d);
    return {
      conjugate(y, into) {
        for (let k = 0; k < d; k++) into[k] = y[k] + b[k];
        choleskySolveInPlace(factor, d, into);
      },
    };
  });
  return { local, dual, mu, L, start, optimum };
}

/** Linear regressions of the study: f_i is the mean of (⟨x, w⟩ − y)² over the rows of node i, and nodes have coefficients of their own. */
export function regressionsOf(n: number, d: number, rows: number, random: Random): Instance {
  const parts = Array.from({ length: n }, () => {
    const [A, b] = [new Float64Array(d * d), new Float64Array(d)];
    const w = Float64Array.from({ length: d }, () => 100 * random.uniform());
    const factor = 0.01 + 4.99 * random.uniform();
    for (let row = 0; row < rows; row++) {
      const x = Float64Array.from({ length: d }, () => random.normal());
      const y = factor * x.reduce((sum, v, k) => sum + v * w[k], 0) + 10 * random.normal();
      for (let i = 0; i < d; i++) {
        b[i] += (2 / rows) * x[i] * y;
        for (let j = 0; j < d; j++) A[i * d + j] += (2 / rows) * x[i] * x[j];
      }
    }
    return { A, b };
  });
  return quadraticInstance(
    parts,
    Float64Array.from({ length: d }, () => random.normal()),
  );
}

/** Quadratics with curvatures from 1/κ to 1, and a minimum of their own at each node. */
export function quadraticsOf(n: number, d: number, condition: number, random: Random): Instance {
  const h = Float64Array.from({ length: d }, (_, j) => condition ** (j / (d - 1) - 1));
  const parts = Array.from({ length: n }, () => {
    const A = new Float64Array(d * d);
    for (let j = 0; j < d; j++) A[j * d + j] = h[j];
    return { A, b: h.map((v) => v * 10 * random.normal()) };
  });
  return quadraticInstance(parts, new Float64Array(d));
}

/** The shares of links that need the fewest communications. */
export const ratesOf = (graph: Graph): Float64Array => gossipRates(graph).point.p;
