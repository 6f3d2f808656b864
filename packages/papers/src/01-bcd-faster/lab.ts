import {
  type BlockIterate,
  type BlockProblem,
  blockCoordinateDescentIterates,
  graphLabelPropagation,
  type LooseOptions,
  leastSquares,
  logistic,
  type MethodOptions,
  softmax,
} from 'southwell/blocks';
import { nonNegative, type SeparablePenalty } from 'southwell/penalties';
import {
  type Cell,
  type ExperimentContext,
  type ExperimentEvent,
  type Parameter,
  parameterValue,
} from '../experiment.ts';
import type { Panel, Series } from '../panels.ts';
import type { Size } from '../record.ts';
import { type LabelledGraph, setA, setB, setC, setD, setE } from './data.ts';
import { locked } from './locked.ts';
import type { RivalIterate } from './rival.ts';
import {
  labelsOnGraph,
  logisticLoss,
  nonNegativeMinimiser,
  type Quadratic,
  quadraticMinimiser,
  type Smooth,
  softmaxLoss,
  squaredLoss,
} from './rivalFunctions.ts';

/** The method under test: the library's, or a negative control that the verdicts must catch. */
export type Method = (problem: BlockProblem, options: LooseOptions) => Iterable<BlockIterate>;

export const libraryMethod: Method = (problem, options) =>
  blockCoordinateDescentIterates(problem, options as MethodOptions);

/** As in the paper: 500 iterations, or until f − f* < 10⁻⁸. */
export const TARGET = 1e-8;
const figure4 = locked.claims['figure-4-greedy'].sizes;
export const STEPS: Readonly<Record<Size, number>> = { full: figure4.full.steps, quick: figure4.quick.steps };

/** The parameter of figures that run a fixed number of steps. */
export const stepsParameter = (steps: Readonly<Record<Size, number>>, title = 'Iterations, at most'): Parameter => ({
  name: 'steps',
  title,
  default: steps,
  min: 1,
  max: 100_000,
  integer: true,
});
export const usualSteps = stepsParameter(STEPS);

export type SetName = 'A' | 'B' | 'C' | 'D' | 'E';

/** A data set with a function that measures f − f*. */
export interface TestProblem {
  readonly name: SetName | 'A-NN';
  readonly problem: BlockProblem;
  readonly penalty?: SeparablePenalty;
  /** By independent code, from the point alone. */
  gap(x: Float64Array): number;
  /** The same function by independent code, for rivals. */
  readonly own: Smooth;
  /** The minimiser by independent code, unless f* = 0 is known instead. */
  readonly minimiser?: Float64Array;
  readonly lambda?: number;
  /** Side of the lattice of set D. */
  readonly side?: number;
}

/** The last problems created: figures that are run one after the other share them. */
const made = new Map<string, TestProblem>();

export function testProblem(name: SetName | 'A-NN', { size, seed }: ExperimentContext): TestProblem {
  const key = `${name} ${size} ${seed}`;
  let problem = made.get(key);
  if (!problem) {
    if (made.size >= 6) made.clear();
    problem = make(name, size, seed);
    made.set(key, problem);
  }
  return problem;
}

function make(name: SetName | 'A-NN', size: Size, seed: number): TestProblem {
  const { claims } = locked;
  const { rows: n, columns: p } = claims['figure-4-greedy'].sizes[size];
  switch (name) {
    // A has more columns than rows, B and C are separable: f* = 0 in all three, and the gap is f.
    case 'A': {
      const { A, y } = setA(seed, n, p);
      return { name, problem: leastSquares(A, y), ...fromZero(squaredLoss(A, y)) };
    }
    case 'B': {
      const { A, y } = setB(seed, n, p);
      return { name, problem: logistic(A, y), ...fromZero(logisticLoss(A, y)) };
    }
    case 'C': {
      const of = claims['figure-9-estimates-help'].sizes[size];
      const { A, labels, classes } = setC(seed, of.samples, of.features, of.classes);
      return { name, problem: softmax(A, labels, classes), ...fromZero(softmaxLoss(A, labels, classes)) };
    }
    case 'D': {
      const { side, labelled } = claims['figure-6-lattice'].sizes[size];
      return { ...withExactGap(name, setD(seed, side, labelled)), side };
    }
    case 'E': {
      const { nodes, labelled } = claims['figure-6-graph'].sizes[size];
      return withExactGap(name, setE(seed, nodes, labelled));
    }
    case 'A-NN': {
      const { A, y } = setA(seed, n, p);
      const problem = leastSquares(A, y);
      const own = squaredLoss(A, y);
      // λ = 50000 is the paper's; it leaves 40 to 50 non-zeros. That is 0.2 λ_max, which is used at the small size.
      const of = claims['figure-7-active-set'].sizes[size];
      const lambda =
        'lambda' in of ? of.lambda : of.lambdaShare * Math.max(...own.gradient(new Float64Array(p)).map((v) => -v));
      const minimiser = nonNegativeMinimiser(own, lambda);
      const penalty = nonNegative(lambda);
      return { name, problem, penalty, lambda, own, minimiser, gap: differenceFrom(own, minimiser, lambda) };
    }
  }
}

function withExactGap(name: 'D' | 'E', { W, labels }: LabelledGraph): TestProblem & { readonly own: Quadratic } {
  const problem = graphLabelPropagation(W, labels);
  const own = labelsOnGraph(W, labels);
  const minimiser = quadraticMinimiser(own);
  return { name, problem, own, minimiser, gap: differenceFrom(own, minimiser) };
}

const fromZero = (own: Smooth) => ({ own, gap: own.value });

/** F(x) − F(x*) of a quadratic plus λΣx_i, without cancellation: (∇f(x*) + λ)ᵀd + ½dᵀHd, d = x − x*. */
function differenceFrom(f: Smooth, minimiser: Float64Array, lambda = 0): (x: Float64Array) => number {
  const slope = f.gradient(minimiser).map((v) => v + lambda);
  return (x) => {
    const d = x.map((v, i) => v - minimiser[i]);
    return d.reduce((sum, v, i) => sum + slope[i] * v, 0) + 0.5 * f.square!(d);
  };
}

export interface RunResult {
  readonly series: string;
  /** f − f* after every step, beginning with the initial point. */
  readonly gaps: readonly number[];
  /** f − f* at the end. */
  readonly gap: number;
  /** The first step with f − f* < 10⁻⁸; infinite if there is none. */
  readonly reached: number;
  readonly seconds: number;
  readonly x: Float64Array;
  readonly activeSetIteration: number;
}

/**
 * The maximum ratio of f − f* to that of another run after the same number of steps. The final values would not
 * suffice: the second-best block of a step is often the best of the next, and a run that takes it soon catches up.
 */
export const above = (run: RunResult, other: RunResult): number =>
  run.gaps.reduce((most, gap, k) => Math.max(most, gap / other.gaps[Math.min(k, other.gaps.length - 1)]), 0);

/** Indices of the non-zero coordinates. */
export const supportOf = (x: ArrayLike<number>): number[] => Array.from(x).flatMap((v, i) => (v !== 0 ? [i] : []));

/** The part of a step that is examined, also for rivals. */
type Followed = RivalIterate & Partial<Pick<BlockIterate, 'activeSetIteration'>>;

/** Runs a method, yields its curve, yields to the event loop, and returns the measurements. */
export async function* follow(
  context: ExperimentContext,
  method: (problem: BlockProblem, options: LooseOptions) => Iterable<Followed>,
  test: TestProblem,
  panel: string,
  series: string,
  options: LooseOptions,
  steps = parameterValue(usualSteps, context),
): AsyncGenerator<ExperimentEvent, RunResult, undefined> {
  context.signal?.throwIfAborted();
  // Seconds of the method alone, excluding measurements and the consumer of events.
  let resumed = performance.now();
  let sliceEnd = resumed + 50;
  let x: number[] = [];
  let y: number[] = [];
  let seconds: number[] = [];
  let spent = 0;
  const gaps: number[] = [];
  let last: Followed | undefined;
  let reached = Number.POSITIVE_INFINITY;
  for (const it of method(test.problem, { seed: context.seed, penalty: test.penalty, ...options })) {
    last = it;
    spent += (performance.now() - resumed) / 1000;
    const gap = test.gap(it.x);
    resumed = performance.now();
    gaps.push(gap);
    x.push(it.iteration);
    y.push(gap);
    seconds.push(spent);
    if (gap < TARGET) {
      reached = it.iteration;
      break;
    }
    if (it.iteration >= steps) break;
    if (performance.now() > sliceEnd) {
      yield { kind: 'points', panel, series, x, y, work: { seconds } };
      [x, y, seconds] = [[], [], []];
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      context.signal?.throwIfAborted();
      resumed = performance.now();
      sliceEnd = resumed + 50;
    }
  }
  yield { kind: 'points', panel, series, x, y, work: { seconds } };
  return {
    series,
    gaps,
    gap: gaps[gaps.length - 1],
    reached,
    seconds: spent,
    x: last!.x.slice(),
    activeSetIteration: last!.activeSetIteration ?? 0,
  };
}

/** The runs by series name, including rivals by independent code; the table of a panel. */
export async function* panel(
  context: ExperimentContext,
  method: Method,
  test: TestProblem,
  title: string,
  runs: Readonly<Record<string, LooseOptions>>,
  steps = parameterValue(usualSteps, context),
  rivals: Readonly<Record<string, Iterable<RivalIterate>>> = {},
): AsyncGenerator<ExperimentEvent, Record<string, RunResult>, undefined> {
  const results: Record<string, RunResult> = {};
  const names = [...Object.keys(runs), ...Object.keys(rivals)];
  for (let k = 0; k < names.length; k++) {
    const name = names[k];
    yield { kind: 'progress', label: `${title}: ${name}`, fraction: k / names.length };
    const tried = name in rivals ? () => rivals[name] : method;
    results[name] = yield* follow(context, tried, test, title, name, runs[name] ?? {}, steps);
  }
  const rows: Cell[][] = names.map((name) => {
    const { gap, reached, seconds } = results[name];
    return [name, gap, Number.isFinite(reached) ? reached : null, Number(seconds.toFixed(2))];
  });
  yield { kind: 'table', title, columns: ['run', 'f − f* at the end', 'iterations to 1e-8', 'seconds'], rows };
  return results;
}

// ---- The rules under the figures' names -----------------------------------------------------------------------------

type Options = LooseOptions;
const rowSums = { rule: 'GSD', diagonal: 'rowSums' } as const;

/** Fixed blocks of a partition. */
export const fixed = (
  selection: LooseOptions['selection'],
  update: string,
  blockSize: number,
  partition = 'sort',
): Options => ({
  blocks: 'fixed',
  partition,
  selection,
  update,
  blockSize,
});

export const variable = (selection: LooseOptions['selection'], update: string, blockSize: number): Options => ({
  blocks: 'variable',
  selection,
  update,
  blockSize,
});

/** The selection rules of Figs. 4 and 8. Their GSL for variable blocks is GSD with row sums. */
export function lipschitzRules(blockSize: number): Record<string, Options> {
  return {
    'GSL-VB': variable(rowSums, 'Lb', blockSize),
    'GSD-VB': variable('GSD', 'Lb', blockSize),
    'GS-VB': variable('GS', 'Lb', blockSize),
    'random-VB': variable('random', 'Lb', blockSize),
    'cyclic-VB': variable('cyclic', 'Lb', blockSize),
    'lipschitz-VB': variable('lipschitz', 'Lb', blockSize),
    'GSL-FB': fixed('GSL', 'Lb', blockSize),
    'GSD-FB': fixed('GSD', 'Lb', blockSize),
    'GS-FB': fixed('GS', 'Lb', blockSize),
    'random-FB': fixed('random', 'Lb', blockSize),
    'cyclic-FB': fixed('cyclic', 'Lb', blockSize),
    'lipschitz-FB': fixed('lipschitz', 'Lb', blockSize),
  };
}

/** The selection rules of Figs. 5, 11 and 12, with the two better searches for GSQ. */
export function matrixRules(update: string, blockSize: number): Record<string, Options> {
  return {
    'GSQ-VB (IHT)': variable('GSQ-IHT', update, blockSize),
    'GSQ-VB (OMP)': variable('GSQ-OMP', update, blockSize),
    'GSQ-VB (IHT, scaled)': variable('GSQ-IHT-scaled', update, blockSize),
    'GSD-VB': variable('GSD', update, blockSize),
    'GSL-VB': variable(rowSums, update, blockSize),
    'GS-VB': variable('GS', update, blockSize),
    'GSQ-FB': fixed('GSQ', update, blockSize),
    'GSD-FB': fixed('GSD', update, blockSize),
    'GSL-FB': fixed('GSL', update, blockSize),
    'GS-FB': fixed('GS', update, blockSize),
  };
}

const updates = { PN: 'proximalNewton', TMP: 'twoMetric', PG: 'proximalGradient' } as const;

/** The updates of Figs. 7 and 13. */
export function proximalRules(selection: 'proximal' | 'random', blockSize: number): Record<string, LooseOptions> {
  const table: Record<string, LooseOptions> = {};
  for (const [name, update] of Object.entries(updates)) {
    table[`${name}-VB`] = variable(selection, update, blockSize);
    table[`${name}-FB`] = fixed(selection, update, blockSize);
  }
  return table;
}

/** Names of rules, each followed by that of the same rule by independent code. */
export const withOwn = (rules: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(rules).flatMap((name) => [name, `${name}, own code`]);

/** Charts of the gap to the minimum, all with the same rules. */
export const rulePanels = (
  titles: readonly string[],
  series: readonly Series[],
  gap: 'f − f*' | 'F − F*',
  control?: string,
): Panel[] =>
  titles.map((title) => ({ title, x: { label: 'iterations' }, y: { label: gap, log: true }, series, control }));

export function pick<T>(table: Record<string, T>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, table[name]]));
}

export function omit<T>(table: Record<string, T>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(table).filter(([name]) => !names.includes(name)));
}
