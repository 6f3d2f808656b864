import type { HalfStep, RegressionOptions } from 'southwell/factorisation';
import type { NullKind } from '../verdicts/ledger.ts';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Rows = HalfStep['rows'];
type Solve = (
  rows: Rows,
  factor: Float64Array,
  k: number,
  options: RegressionOptions,
  out?: Float64Array,
  work?: HalfStep['work'],
) => Float64Array;

/** Another solver of a half-step, which writes to `out`. */
const solving = (
  id: string,
  says: string,
  kinds: readonly NullKind[],
  claims: ReadonlyArray<(typeof record)['claims'][number]['id']>,
  by: (original: Solve) => Solve,
) => ({
  id,
  says,
  kinds,
  claims,
  module: 'southwell/factorisation/completion/regressions',
  name: 'solveRegressions',
  by,
});

/** The same regressions with other options, where the method under test asks for them. */
const asking =
  (change: (options: RegressionOptions) => Partial<RegressionOptions>) =>
  (original: Solve): Solve =>
  (rows, factor, k, options, out, work) =>
    original(rows, factor, k, { ...options, ...change(options) }, out, work);

/** One entry of each line in seventeen, different ones for every half-step. */
function seventeenth(rows: Rows, turn: number): Rows {
  const pointers = new Int32Array(rows.count + 1);
  const kept: number[] = [];
  for (let j = 0; j < rows.count; j++) {
    for (let e = rows.pointers[j]; e < rows.pointers[j + 1]; e++) if ((e + turn) % 17 === 0) kept.push(e);
    pointers[j + 1] = kept.length;
  }
  const indices = Int32Array.from(kept, (e) => rows.indices[e]);
  const values = Float64Array.from(kept, (e) => rows.values[e]);
  return { ...rows, pointers, indices, values, weights: undefined };
}

const all = record.claims.map(({ id }) => id);
const sketched = ({ solver }: RegressionOptions) => solver === 'sketch';

export default nulls(record, [
  solving('zero', 'with zero as the solution of every regression', ['nothing'], all, () => (rows, _f, k, _o, out) => {
    const zero = out ?? new Float64Array(rows.count * k);
    return zero.fill(0);
  }),
  solving(
    'one-gradient-step',
    'with one gradient step from zero for each line',
    ['baseline'],
    ['linear-errors', 'loose-tolerance', 'cost-in-rank', 'fresh-samples', 'condition-number'],
    asking(() => ({ solver: 'cg', maxIter: 1, warm: false })),
  ),
  solving(
    'one-gradient-step-for-sketch',
    'with one gradient step from zero for each line in place of sketched regressions',
    ['unequal'],
    ['sketch-equals-exact', 'sketch-cost', 'ratings'],
    asking((options) => (sketched(options) ? { solver: 'cg', maxIter: 1, warm: false } : {})),
  ),
  solving(
    'rows-skipped',
    'with every second line left as it was, in turn',
    ['ingredient'],
    ['linear-errors', 'condition-number', 'ratings'],
    (original) => (rows, factor, k, options, out, work) => {
      const before = out?.slice();
      const found = original(rows, factor, k, options, out, work);
      // Half-steps come in pairs.
      const turn = Math.floor((options.seed ?? 0) / 2) % 2;
      if (before) for (let j = turn; j < rows.count; j += 2) found.set(before.subarray(j * k, j * k + k), j * k);
      return found;
    },
  ),
  solving(
    'one-step',
    'with a single step behind the sketch, from zero',
    ['ingredient'],
    ['sketch-equals-exact', 'ratings'],
    asking((options) => (sketched(options) ? { maxIter: 1, warm: false } : {})),
  ),
  solving(
    'no-sketch',
    'with plain conjugate gradients in place of sketched ones',
    ['ingredient'],
    ['sketch-equals-exact', 'sketch-cost', 'ratings'],
    asking((options) => (sketched(options) ? { solver: 'cg' } : {})),
  ),
  solving(
    'exact-for-sketch',
    'with exact regressions in place of sketched ones',
    ['ingredient'],
    ['sketch-equals-exact'],
    asking((options) => (sketched(options) ? { solver: 'exact' } : {})),
  ),
  {
    id: 'tolerance-fixed',
    says: 'with a fixed tolerance of 1e-12',
    kinds: ['ingredient', 'baseline'],
    claims: ['loose-tolerance'],
    module: 'southwell/factorisation/completion/alternating',
    name: 'tiedTolerance',
    by: () => () => 1e-12,
  },
  {
    id: 'tolerance-loose',
    says: 'with a fixed tolerance of 0.01',
    kinds: ['ingredient'],
    claims: ['loose-tolerance'],
    module: 'southwell/factorisation/completion/alternating',
    name: 'tiedTolerance',
    by: () => () => 0.01,
  },
  solving(
    'gram-formed',
    'with normal equations in place of conjugate gradients',
    ['ingredient', 'baseline'],
    ['cost-in-rank'],
    asking(({ solver }) => (solver === 'cg' ? { solver: 'exact' } : {})),
  ),
  solving(
    'fresh-entries',
    'with a seventeenth of the entries, others for every half-step',
    ['ingredient'],
    ['fresh-samples'],
    (original) => (rows, factor, k, options, out, work) =>
      original(seventeenth(rows, options.seed ?? 0), factor, k, options, out, work),
  ),
]);
