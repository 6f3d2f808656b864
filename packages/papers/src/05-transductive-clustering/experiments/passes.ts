import { DenseMatrix, Random } from 'southwell';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { loadDigits } from '../../material/images.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { CLUSTERS, libraryMethod, type Method, type Prepared, prepare } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { boundPass, costs, type Rows, relaxedEnergy, starts } from '../rival.ts';

const { sizes } = locked.claims['bound-passes'];
/** The first passes decrease the energy by more than rounding. */
const { lambdas: LAMBDAS, first: FIRST } = sizes.quick;

/** The bound updates themselves, pass by pass, and the energy by independent code. */
export default experiment(record, {
  id: 'passes',
  title: 'Parallel passes and the energy',
  panels: [
    {
      title: 'the first start',
      x: { label: 'passes' },
      y: { label: 'relaxed energy F above its last' },
      series: LAMBDAS.map((lambda) => `λ = ${lambda}`),
    },
  ],
  claims: ['bound-passes'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { starts: count, passes: most } = sizes[context.size];
    const pause = pauses(context);
    yield { kind: 'progress', label: 'neighbours', fraction: 0 };
    const { X, labels } = await loadDigits();
    const set = await prepare('Digits', { X, labels }, X, pause);
    const rises = LAMBDAS.map(() => 0);
    const idle = LAMBDAS.map(() => 0);
    const above = LAMBDAS.map(() => 0);
    let wrong = 0;
    const rows: Cell[][] = [];
    for (let start = 0; start < count; start++) {
      const from = starts(set.rows, CLUSTERS, new Random(context.seed).split(start));
      const a = costs(set.rows, from);
      for (const [l, lambda] of LAMBDAS.entries()) {
        yield { kind: 'progress', label: `λ = ${lambda}: start ${start + 1}`, fraction: start / count };
        const energies: number[] = [];
        let last: Rows = [];
        for (let passes = 0; passes <= most; passes++) {
          const z = await relaxed(method, set, from, lambda, passes, pause);
          const F = relaxedEnergy(a, set.W, lambda, z);
          const before = energies[passes - 1];
          const rounding = 1e-9 * Math.abs(before);
          const raises = F > before + rounding;
          const idles = passes <= FIRST && F >= before - rounding;
          if (raises) rises[l]++;
          if (idles) idle[l]++;
          // The decrease that the bound predicts at the beginning of this pass. In later passes, where full updates
          // would oscillate and increase F, shorter ones are taken, which must only decrease it.
          const due =
            passes > 0 && passes <= FIRST ? relaxedEnergy(a, set.W, lambda, boundPass(a, set.W, lambda, last)) : F;
          if (F > due + rounding) above[l]++;
          if (raises || idles || F > due + rounding) wrong++;
          energies.push(F);
          last = z;
        }
        rows.push([lambda, start, energies[0], energies[FIRST], energies[most]]);
        if (start > 0) continue;
        const [x, y] = [[...energies.keys()], energies.map((F) => F - energies[most])];
        yield { kind: 'points', panel: 'the first start', series: `λ = ${lambda}`, x, y };
      }
    }
    const of = (values: readonly number[]) => LAMBDAS.map((label, l) => ({ label, value: values[l] }));
    yield decide('bound-passes', { wrong, rises: of(rises), idle: of(idle), above: of(above) });
    const columns = ['λ', 'start', 'F before', `F after ${FIRST} passes`, `after ${most}`];
    yield { kind: 'table', title: 'Relaxed energies, by their own formula', columns, rows };
  },
});

/** The assignments of the method after this many passes with the initial prototypes, row-major. */
async function relaxed(
  method: Method,
  { points, W }: Prepared,
  start: Rows,
  lambda: number,
  passes: number,
  pause: Pause,
): Promise<Float64Array[]> {
  const init = DenseMatrix.fromRows(start.map((row) => Array.from(row)));
  const [first] = method.iterates(points, CLUSTERS, W, {
    prototype: 'fixed',
    lambda,
    init,
    maxInner: passes,
    tolInner: 0,
  });
  await pause();
  const { soft } = first.snapshot();
  return Array.from({ length: points.n }, (_, p) => Float64Array.from(start, (_, k) => soft!.get(p, k)));
}
