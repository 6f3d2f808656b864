import {
  type Communicator,
  type EventList,
  type EventMark,
  eventList,
  type Request,
  simulate,
} from '@southwell/distributed';
import { type Iterate, Random } from 'southwell';
import { type Client, type DadaoPoint, dadao, dadaoProgram } from 'southwell/distributed-methods';
import type { NamedGraph } from './links.ts';
import type { GossipResult } from './result.ts';

/** Variables of a node; curvatures from 1/κ to 1, equally spaced in their logarithms. */
const SIZE = 8;
/** The squared error, relative to that of the start, at which counting ends. */
const REACHED = 1e-6;
/** Units of time after which counting ends in any case. */
const MOST = 20_000;
/** Units of time that are recorded, and those between two looks at all nodes. */
const [RECORDED, LOOKS] = [12, 3];
/** Seconds of a gradient and of a message in the recording. */
const [GRADIENT, LATENCY] = [1e-3, 2e-4];

/** More nodes are not recorded: they could not be told apart. */
export const MOST_RECORDED = 100;

type Rates = 'uniform' | 'given' | 'best';

/** Quadratics with common curvatures and minima that differ from node to node. */
function problemOf({ graph }: NamedGraph, kappa: number, seed: number) {
  const random = new Random(seed).split(1);
  const h = Array.from({ length: SIZE }, (_, j) => kappa ** (j / (SIZE - 1) - 1));
  const targets = Array.from({ length: graph.n }, () => h.map(() => random.normal()));
  const optimum = h.map((_, j) => targets.reduce((sum, b) => sum + b[j] / graph.n, 0));
  const local = targets.map(
    (b): Client => ({
      gradient(x, into) {
        for (let j = 0; j < SIZE; j++) into[j] = h[j] * (x[j] - b[j]);
        return undefined;
      },
    }),
  );
  return { problem: { local, graph, mu: 1 / kappa, L: 1, start: h.map(() => 0) }, optimum };
}

/** What DADAO needs on the graph with each of the rates, for quadratics of a condition number. */
export function counted(
  named: NamedGraph,
  shares: Readonly<Partial<Record<Rates, Float64Array>>>,
  { kappa, seed, signal }: { readonly kappa: number; readonly seed: number; readonly signal: AbortSignal },
): NonNullable<GossipResult['simulated']> {
  const { problem, optimum } = problemOf(named, kappa, seed);
  return Object.entries(shares).map(([rates, p]) => {
    const options = { rates: p, optimum, seed, tol: REACHED, maxIter: MOST, signal };
    const { trace, status } = dadao(problem, options);
    const { time, gradients, communications } = trace.at(-1)!.metrics!;
    return { rates: rates as Rates, reached: status === 'converged', time, gradients, communications };
  });
}

/** The first units of time with a rank for each node, on a simulated network. */
export function recordedRun(
  named: NamedGraph,
  p: Float64Array,
  places: ReadonlyArray<readonly [number, number]>,
  { kappa, seed, title }: { readonly kappa: number; readonly seed: number; readonly title: string },
): EventList {
  const { problem, optimum } = problemOf(named, kappa, seed);
  const options = { rates: p, optimum, seed, interval: LOOKS, gradientSeconds: GRADIENT };
  function* program(comm: Communicator): Generator<Request | Iterate<DadaoPoint, number | undefined>, void, unknown> {
    const running = dadaoProgram(comm, problem, options);
    for (let step = running.next(); !step.done; ) {
      if (!('iteration' in step.value)) {
        step = running.next(yield step.value);
        continue;
      }
      yield step.value;
      if (step.value.iteration * LOOKS >= RECORDED) return;
      step = running.next();
    }
  }
  const running = simulate(program, { ranks: named.graph.n, latency: LATENCY, seed, checks: false });
  const values: number[] = [];
  let step = running.next();
  for (; !step.done; step = running.next()) values.push(step.value.certificate?.relative ?? Number.NaN);
  const { times } = step.value;
  const marks = values.map((value, k): EventMark => [times[k], k, value]);
  return eventList(step.value, {
    ...{ title, measure: 'squared error', marks, places },
    links: Array.from(named.graph.from, (from, k) => [from, named.graph.to[k], p[k]] as const),
  });
}
