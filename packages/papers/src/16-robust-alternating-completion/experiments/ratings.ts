import { type Ratings, simulatedRatings } from '@southwell/data';
import { Random } from 'southwell';
import { type CompletionOptions, type Factors, observedMatrix, prepareEntries } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import { type Cell, type ExperimentEvent, type Parameter, parameterValue } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { libraryMethod, type Method } from '../lab.ts';
import { record } from '../record.ts';

const RANK = 10;
const LAMBDAS = [3, 6, 9, 12, 18];
const SWEEPS = 12;

const count: Parameter = {
  name: 'ratings',
  title: 'Ratings',
  default: { quick: 100_000, full: 100_000 },
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

/** Root mean squared error on other entries; without factors, of the biases alone. */
function error({ biases }: Prepared, held: Entries, factors?: Factors): number {
  let squares = 0;
  for (let e = 0; e < held.value.length; e++) {
    const [i, j] = [held.user[e], held.item[e]];
    let predicted = biases.mean + biases.row[i] + biases.col[j];
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
    errors.push(error(p, held, it.iteration === 0 ? undefined : it.snapshot()));
    seconds.push(spent);
    await pause();
    if (it.iteration >= SWEEPS || it.done) break;
    begun = performance.now();
  }
  return { errors, seconds, last: errors[errors.length - 1] };
}

const methods: Readonly<Record<string, Partial<CompletionOptions>>> = {
  exact: { method: 'als' },
  sketched: { method: 'robust', solver: 'sketch' },
  robust: { method: 'robust' },
  'soft-impute': { method: 'soft-impute' },
};

/** Ratings: errors on those left out. */
export default experiment(record, {
  id: 'ratings',
  title: 'Ratings left out',
  axes: { x: 'sweeps', y: 'root mean squared error', logY: false },
  parameters: [count],
  claims: ['ratings'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const seeds = Array.from({ length: context.size === 'full' ? 3 : 1 }, (_, k) => context.seed + k);
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
      let [lambda, best] = [LAMBDAS[0], Number.POSITIVE_INFINITY];
      for (const candidate of LAMBDAS) {
        yield progress(`λ = ${candidate}`, 0.2);
        const { last } = await follow(method, tuning, pick(data, check), { lambda: candidate }, pause);
        if (last < best) [lambda, best] = [candidate, last];
      }
      const p = prepare(data, pick(data, order.slice(tenth)));
      const held = pick(data, test);
      const alone = error(p, held);
      const bound = Math.sqrt(test.reduce((sum, e) => sum + (data.value[e] - data.expected[e]) ** 2, 0) / tenth);
      rows.push([seed, 'biases alone', null, Number(alone.toFixed(4)), null]);
      const found: Record<string, number> = {};
      for (const [name, options] of Object.entries(methods)) {
        yield progress(name, 0.6);
        const run = await follow(method, p, held, { ...options, lambda, seed }, pause);
        found[name] = run.last;
        rows.push([seed, name, lambda, Number(run.last.toFixed(4)), Number(run.seconds.at(-1)!.toFixed(2))]);
        if (s > 0) continue;
        const x = run.errors.map((_, k) => k);
        yield { kind: 'points', panel: 'held out', series: name, x, y: run.errors, work: { seconds: run.seconds } };
      }
      rows.push([seed, 'the best there can be', null, Number(bound.toFixed(4)), null]);
      exact.push(found.sketched);
      gap.push(Math.abs(found.sketched - found.exact));
      gain.push(found.sketched / alone);
    }
    const columns = ['seed', 'method', 'λ', 'error', 'seconds'];
    yield { kind: 'table', title: `Rank ${RANK}, ${SWEEPS} sweeps, a tenth held out`, columns, rows };
    yield decide('ratings', { error: Math.max(...exact), overBiases: Math.max(...gain), toExact: Math.max(...gap) });
  },
});
