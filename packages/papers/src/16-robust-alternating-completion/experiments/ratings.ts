import { type Ratings, simulatedRatings } from '@southwell/data';
import { Random } from 'southwell';
import { type CompletionOptions, type Factors, observedMatrix, prepareEntries } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import { type Cell, type ExperimentEvent, type Parameter, parameterValue } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { libraryMethod, type Method, observedOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { exactSweeps, normalEquations, ratingBiases } from '../rival.ts';

const { sizes } = locked.claims.ratings;
const { rank: RANK, sweeps: SWEEPS } = sizes.quick;
const LAMBDAS = locked.grids.ratings.lambda;

const count: Parameter = {
  name: 'ratings',
  title: 'Ratings',
  default: { quick: sizes.quick.ratings, full: sizes.full.ratings },
  min: 10_000,
  max: 500_000,
  integer: true,
};

type Entries = Pick<Ratings, 'user' | 'item' | 'value'>;
const pick = (d: Entries, at: Int32Array): Entries => ({
  user: at.map((e) => d.user[e]),
  item: at.map((e) => d.item[e]),
  value: Float64Array.from(at, (e) => d.value[e]),
});

function prepare({ users, items }: Ratings, { user, item, value }: Entries) {
  const matrix = observedMatrix(users, items, user, item, value);
  const prepared = prepareEntries(matrix, { biases: true });
  matrix.free();
  return { observed: prepared.observed, biases: prepared.biases! };
}
type Prepared = ReturnType<typeof prepare>;

type Bias = (user: number, item: number) => number;
const biasOf =
  ({ biases: { mean, row, col } }: Prepared): Bias =>
  (i, j) =>
    mean + row[i] + col[j];

/** Root-mean-square error on other entries; without factors, of the biases alone. */
function error(bias: Bias, held: Entries, factors?: Factors): number {
  let squares = 0;
  for (let e = 0; e < held.value.length; e++) {
    const [i, j] = [held.user[e], held.item[e]];
    let predicted = bias(i, j);
    if (factors) for (let a = 0; a < RANK; a++) predicted += factors.left[i * RANK + a] * factors.right[j * RANK + a];
    squares += (held.value[e] - predicted) ** 2;
  }
  return Math.sqrt(squares / held.value.length);
}

async function follow(method: Method, p: Prepared, held: Entries, options: Partial<CompletionOptions>, pause: Pause) {
  const [errors, seconds]: [number[], number[]] = [[], []];
  let [spent, begun] = [0, performance.now()];
  for (const it of method.iterates(p.observed, { rank: RANK, tol: 0, ...options })) {
    spent += (performance.now() - begun) / 1000;
    errors.push(error(biasOf(p), held, it.iteration === 0 ? undefined : it.snapshot()));
    seconds.push(spent);
    await pause();
    if (it.iteration >= SWEEPS || it.done) break;
    begun = performance.now();
  }
  return { errors, seconds, last: errors[errors.length - 1] };
}

/** Biases and exact sweeps by independent code, from the library's initial factor. */
async function rival(data: Ratings, train: Entries, held: Entries, lambda: number, left: Float64Array, pause: Pause) {
  const bias = ratingBiases(data.users, data.items, train);
  const value = train.value.map((v, e) => v - bias(train.user[e], train.item[e]));
  const observed = observedOf(data.users, data.items, train.user, train.item, value);
  const [errors, seconds]: [number[], number[]] = [[], []];
  const solve = normalEquations(lambda);
  let [spent, begun] = [0, performance.now()];
  for (const it of exactSweeps(observed, { rank: RANK, random: new Random(0), solve, left, orthonormal: false })) {
    spent += (performance.now() - begun) / 1000;
    errors.push(error(bias, held, it.iteration === 0 ? undefined : it.snapshot()));
    seconds.push(spent);
    await pause();
    if (it.iteration >= SWEEPS) break;
    begun = performance.now();
  }
  return { errors, seconds, alone: errors[0], last: errors[errors.length - 1] };
}

const methods: Readonly<Record<string, Partial<CompletionOptions>>> = {
  als: { method: 'als' },
  sketched: { method: 'robust', solver: 'sketch' },
  robust: { method: 'robust' },
  'soft-impute': { method: 'soft-impute' },
};

/** Ratings: errors on held-out entries. */
export default experiment(record, {
  id: 'ratings',
  title: 'Ratings left out',
  panels: [
    {
      title: 'held out',
      x: { label: 'sweeps' },
      y: { label: 'root mean squared error' },
      series: ['exact', ...Object.keys(methods)],
      control: 'exact',
    },
  ],
  parameters: [count],
  claims: ['ratings'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const seeds = Array.from({ length: sizes[context.size].seeds }, (_, k) => context.seed + k);
    const rows: Cell[][] = [];
    const [exact, gap, gain]: [number[], number[], number[]] = [[], [], []];
    for (const [s, seed] of seeds.entries()) {
      const progress = (label: string, part: number): ExperimentEvent => ({
        kind: 'progress',
        label,
        fraction: (s + part) / seeds.length,
      });
      yield progress('ratings', 0);
      const data = simulatedRatings({ seed, ratings: parameterValue(count, context) });
      const order = new Random(seed).permutation(data.value.length);
      const tenth = Math.floor(order.length / 10);
      const [test, check, train] = [order.slice(0, tenth), order.slice(tenth, 2 * tenth), order.slice(2 * tenth)];
      await pause();
      const tuning = prepare(data, pick(data, train));
      let [lambda, best]: [number, number] = [LAMBDAS[0], Number.POSITIVE_INFINITY];
      for (const candidate of LAMBDAS) {
        yield progress(`λ = ${candidate}`, 0.2);
        const { last } = await follow(method, tuning, pick(data, check), { lambda: candidate }, pause);
        if (last < best) [lambda, best] = [candidate, last];
      }
      const known = pick(data, order.slice(tenth));
      const p = prepare(data, known);
      const held = pick(data, test);
      const bound = Math.sqrt(test.reduce((sum, e) => sum + (data.value[e] - data.expected[e]) ** 2, 0) / tenth);
      yield progress('exact', 0.5);
      const [start] = method.iterates(p.observed, { rank: RANK, method: 'als', lambda, seed });
      const reference = await rival(data, known, held, lambda, start.snapshot().left, pause);
      const { alone } = reference;
      const row = (name: string, { last, seconds }: { readonly last: number; readonly seconds: readonly number[] }) =>
        rows.push([seed, name, lambda, Number(last.toFixed(4)), Number(seconds.at(-1)!.toFixed(2))]);
      rows.push([seed, 'biases alone', null, Number(alone.toFixed(4)), null]);
      row('exact', reference);
      const curve = (name: string, { errors, seconds }: { readonly errors: number[]; readonly seconds: number[] }) =>
        ({
          kind: 'points',
          panel: 'held out',
          series: name,
          x: errors.map((_, k) => k),
          y: errors,
          work: { seconds },
        }) as const;
      if (s === 0) yield curve('exact', reference);
      const errorsOf: Record<string, readonly number[]> = {};
      for (const [name, options] of Object.entries(methods)) {
        yield progress(name, 0.6);
        const run = await follow(method, p, held, { ...options, lambda, seed }, pause);
        errorsOf[name] = run.errors;
        row(name, run);
        if (s === 0) yield curve(name, run);
      }
      rows.push([seed, 'the best there can be', null, Number(bound.toFixed(4)), null]);
      const last = errorsOf.sketched[errorsOf.sketched.length - 1];
      exact.push(last);
      gap.push(...errorsOf.sketched.map((e, t) => Math.abs(e - reference.errors[t])));
      gain.push(last / alone);
    }
    const columns = ['seed', 'method', 'λ', 'error', 'seconds'];
    yield { kind: 'table', title: `Rank ${RANK}, ${SWEEPS} sweeps, a tenth held out`, columns, rows };
    yield decide('ratings', { error: Math.max(...exact), overBiases: Math.max(...gain), toExact: Math.max(...gap) });
  },
});
