import { elementary, Random } from 'southwell';
import type { HalfStep, ObservedRows } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import {
  type Cell,
  type ExperimentContext,
  type ExperimentEvent,
  type Parameter,
  parameterValue,
} from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { libraryMethod, type Method, type Planted, planted, relativeError, sample, slope } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { normalEquations, orthonormalColumns, solveLines, triangular } from '../rival.ts';

const { sizes } = locked.claims['cost-in-rank'];
const { sweeps: SWEEPS, steps: STEPS } = sizes.quick;
const hard = locked.claims['sketch-cost'].sizes;
const ROWS_AT_A_TIME = 8;

/** Alternating minimisation from a random initial point, with pauses within a half-step. */
async function alternate(p: Planted, regress: (step: HalfStep) => void, seed: number, pause: Pause) {
  const { rank: k, observed } = p;
  const random = new Random(seed);
  const U = Float64Array.from({ length: p.rows * k }, () => random.normal());
  const V = new Float64Array(p.cols * k);
  const work = { multiplyAdds: 0, innerIterations: 0 };
  let seconds = 0;
  const half = async (rows: ObservedRows, factor: Float64Array, out: Float64Array, count: number) => {
    orthonormalColumns(factor, k);
    for (let from = 0; from < rows.count; from += ROWS_AT_A_TIME) {
      const to = Math.min(rows.count, from + ROWS_AT_A_TIME);
      const some = { ...rows, count: to - from, pointers: rows.pointers.subarray(from, to + 1) };
      const begun = performance.now();
      regress({
        rows: some,
        factor,
        rank: k,
        out: out.subarray(from * k, to * k),
        relativeResidual: 1,
        count,
        work,
      });
      seconds += (performance.now() - begun) / 1000;
      await pause();
    }
  };
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    await half(observed.byCol, U, V, 2 * sweep);
    await half(observed.byRow, V, U, 2 * sweep + 1);
  }
  const error = await relativeError(p, { left: U, right: V }, pause);
  return { error, multiplyAdds: work.multiplyAdds / SWEEPS, seconds: seconds / SWEEPS };
}

const side: Parameter = {
  name: 'side',
  title: 'Rows and columns',
  // With nine tenths observed, the lines of the largest rank have more than twenty entries per column.
  default: { quick: sizes.quick.side, full: sizes.full.side },
  min: 100,
  max: 4000,
  integer: true,
};

const LIBRARY_EXACT = "exact, the library's";

const solversOf = (method: Method) => ({
  exact:
    () =>
    ({ rows, factor, rank, out, work }: HalfStep) => {
      work.multiplyAdds += solveLines(rows, factor, rank, out, normalEquations());
    },
  [LIBRARY_EXACT]: () => method.regress({ solver: 'exact' }),
  'four steps': () => method.regress({ solver: 'cg', tol: 0, maxIter: STEPS }),
});
type Solver = keyof ReturnType<typeof solversOf>;

/** The operation count of a sweep against the rank. */
export default experiment(record, {
  id: 'rank-cost',
  title: 'Work and rank',
  panels: [
    {
      title: 'work',
      x: { label: 'rank', log: true },
      y: { label: 'multiply-adds a sweep', log: true },
      series: ['exact', 'four steps', LIBRARY_EXACT],
      control: 'exact',
    },
  ],
  parameters: [side],
  claims: ['cost-in-rank', 'sketch-cost'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const solvers = solversOf(method);
    const { ranks, condition, share, maxError, maxRatio } = sizes[context.size];
    const size = parameterValue(side, context);
    const found: Record<Solver, Array<{ error: number; multiplyAdds: number; seconds: number }>> = {
      exact: [],
      [LIBRARY_EXACT]: [],
      'four steps': [],
    };
    const rows: Cell[][] = [];
    // The others are not used by claims.
    const quick: readonly Solver[] = ['exact', 'four steps'];
    const shown = context.size === 'full' ? (Object.keys(solvers) as Solver[]) : quick;
    for (const [k, rank] of ranks.entries()) {
      const random = new Random(context.seed).split(rank);
      const p = await planted({ size, rank, condition, share }, random, pause);
      for (const name of shown) {
        yield { kind: 'progress', label: `rank ${rank}, ${name}`, fraction: k / ranks.length };
        const run = await alternate(p, solvers[name](), context.seed, pause);
        found[name].push(run);
        const [x, y, work] = [[rank], [run.multiplyAdds], { seconds: [run.seconds] }];
        yield { kind: 'points', panel: 'work', series: name, x, y, work };
        rows.push([rank, name, run.multiplyAdds, Number(run.seconds.toFixed(3)), Number(run.error.toPrecision(2))]);
      }
    }
    const columns = ['rank', 'regressions', 'multiply-adds a sweep', 'seconds a sweep', `error after ${SWEEPS} sweeps`];
    yield { kind: 'table', title: `${size} × ${size}, nine tenths seen`, columns, rows };
    const cheaper = (measure: 'multiplyAdds' | 'seconds') =>
      ranks.find((_, k) => found['four steps'][k][measure] < (found[LIBRARY_EXACT][k]?.[measure] ?? 0)) ?? null;
    if (context.size === 'full') {
      yield {
        kind: 'table',
        title: 'The least of these ranks at which four steps cost less than exact regressions',
        columns: ['multiply-adds', 'seconds'],
        rows: [[cheaper('multiplyAdds'), cheaper('seconds')]],
      };
    }
    const rise = (name: Solver) =>
      slope(
        ranks.map((r) => Math.log2(r)),
        found[name].map((run) => Math.log2(run.multiplyAdds)),
      );
    const over = (name: Solver) => Math.max(...ranks.map((_, k) => found[name][k].error / found.exact[k].error));
    const error = (name: Solver) => Math.max(...found[name].map((run) => run.error));
    const paid = (name: Solver) =>
      error(name) <= maxError && over(name) <= maxRatio ? rise(name) : Number.POSITIVE_INFINITY;
    yield decide('cost-in-rank', {
      slope: paid('four steps'),
      slopeOfExact: rise('exact'),
      error: error('four steps'),
      overExact: over('four steps'),
    });
    yield* onHardFactors(context, decide, method, pause);
  },
});

/** Sketched regressions on factors whose columns shrink, so that steps without a preconditioner would be many. */
async function* onHardFactors(
  { size, seed }: ExperimentContext,
  decide: (claim: 'sketch-cost', values: { readonly slope: number }) => ExperimentEvent,
  method: Method,
  pause: Pause,
): AsyncGenerator<ExperimentEvent, void> {
  const { side: across, ranks, share, lines, condition, tol, maxError } = hard[size];
  const rows: Cell[][] = [];
  const counts: number[] = [];
  let worst = 0;
  for (const [k, rank] of ranks.entries()) {
    yield { kind: 'progress', label: `rank ${rank}, sketched`, fraction: k / ranks.length };
    const random = new Random(seed).split(1000 + rank);
    const factor = Float64Array.from(
      { length: across * rank },
      (_, t) => random.normal() * elementary.power(condition, -(t % rank) / (rank - 1)),
    );
    const values = Float64Array.from({ length: across * lines }, () => random.normal());
    const entries = sample(values, across, lines, share, random).byCol;
    const [out, exact] = [new Float64Array(lines * rank), new Float64Array(lines * rank)];
    const work = { multiplyAdds: 0, innerIterations: 0 };
    method.regress({ solver: 'sketch', tol, seed })({
      ...{ rows: entries, factor, rank, out, relativeResidual: 1, count: 0, work },
    });
    await pause();
    solveLines(entries, factor, rank, exact, triangular);
    const ofExact = solveLines(entries, factor, rank, new Float64Array(lines * rank), normalEquations());
    await pause();
    let error = 0;
    for (let j = 0; j < out.length; j += rank) {
      const length = (v: Float64Array) => Math.hypot(...v.subarray(j, j + rank));
      error = Math.max(error, length(out.map((v, t) => v - exact[t])) / length(exact));
    }
    worst = Math.max(worst, error);
    counts.push(work.multiplyAdds);
    rows.push([
      ...[rank, work.innerIterations / lines, work.multiplyAdds / lines, work.multiplyAdds / ofExact, error].map((v) =>
        Number(v.toPrecision(3)),
      ),
    ]);
  }
  const columns = ['rank', 'steps a line', 'multiply-adds a line', 'over normal equations', 'largest error'];
  yield { kind: 'table', title: `Sketched regressions on factors of condition ${condition}`, columns, rows };
  const logs = (v: readonly number[]) => v.map((n) => Math.log2(n));
  yield decide('sketch-cost', {
    slope: worst <= maxError ? slope(logs(ranks), logs(counts)) : Number.POSITIVE_INFINITY,
  });
}
