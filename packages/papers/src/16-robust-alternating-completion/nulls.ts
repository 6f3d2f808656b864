import type { HalfStep, RegressionOptions } from 'southwell/factorisation';
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
  claims: ReadonlyArray<(typeof record)['claims'][number]['id']>,
  by: (original: Solve) => Solve,
) => ({
  id,
  says: `with ${says}`,
  kinds: ['ingredient'] as const,
  claims,
  module: 'southwell/factorisation/completion/regressions',
  name: 'solveRegressions',
  by,
});

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

export default nulls(record, [
  solving(
    'rows-skipped',
    'every second line left as it was, in turn',
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
    'a single step behind the sketch, from zero',
    ['sketch-equals-exact'],
    (original) => (rows, factor, k, options, out, work) =>
      original(
        rows,
        factor,
        k,
        options.solver === 'sketch' ? { ...options, maxIter: 1, warm: false } : options,
        out,
        work,
      ),
  ),
  solving(
    'no-sketch',
    'plain conjugate gradients in the place of sketched',
    ['sketch-equals-exact'],
    (original) => (rows, factor, k, options, out, work) =>
      original(rows, factor, k, options.solver === 'sketch' ? { ...options, solver: 'cg' } : options, out, work),
  ),
  solving(
    'exact-for-sketch',
    'exact regressions in the place of sketched',
    ['sketch-equals-exact'],
    (original) => (rows, factor, k, options, out, work) =>
      original(rows, factor, k, options.solver === 'sketch' ? { ...options, solver: 'exact' } : options, out, work),
  ),
  {
    id: 'tolerance-fixed',
    says: 'with a fixed tolerance of 1e-12',
    kinds: ['ingredient'],
    claims: ['loose-tolerance'],
    module: 'southwell/factorisation/completion/alternating',
    name: 'tiedTolerance',
    by: () => () => 1e-12,
  },
  solving(
    'gram-formed',
    'normal equations in the place of conjugate gradients',
    ['cost-in-rank'],
    (original) => (rows, factor, k, options, out, work) =>
      original(rows, factor, k, options.solver === 'cg' ? { ...options, solver: 'exact' } : options, out, work),
  ),
  solving(
    'fresh-entries',
    'a seventeenth of the entries, others for every half-step',
    ['fresh-samples'],
    (original) => (rows, factor, k, options, out, work) =>
      original(seventeenth(rows, options.seed ?? 0), factor, k, options, out, work),
  ),
]);
