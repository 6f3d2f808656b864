import { Random } from 'southwell';
import { alternating, type HalfStep, type Observed } from 'southwell/factorisation';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
  libraryMethod,
  median,
  observedOf,
  type Planted,
  planted,
  rivalTrace,
  sweepsAndParts,
  sweepsTo,
  trace,
  traceOf,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes } = locked.claims['fresh-samples'];
const { halves: HALVES, until: RECOVERED } = sizes.quick;

/** A random partition of the entries into parts of equal size. */
function parts({ rows, cols, byCol }: Observed, count: number, random: Random): Observed[] {
  const entries = Array.from({ length: count }, (): [number[], number[], number[]] => [[], [], []]);
  const order = random.permutation(byCol.values.length);
  for (let j = 0; j < cols; j++) {
    for (let e = byCol.pointers[j]; e < byCol.pointers[j + 1]; e++) {
      const [r, c, v] = entries[order[e] % count];
      r.push(byCol.indices[e]);
      c.push(j);
      v.push(byCol.values[e]);
    }
  }
  return entries.map(([r, c, v]) => observedOf(rows, cols, r, c, v));
}

/** The number of entries required, and whether each half-step needs fresh entries. */
export default experiment(record, {
  id: 'fresh-samples',
  title: 'How many entries, and fresh ones',
  panels: [
    {
      title: 'relative error by sweeps',
      x: { label: 'sweeps' },
      y: { label: 'relative error of the whole matrix', log: true },
      series: ['all entries in every half-step', 'all entries, code of its own', '{count} parts'],
      control: 'all entries, code of its own',
    },
    {
      title: 'success',
      x: { label: 'share of entries seen' },
      y: { label: 'share of runs that recover the matrix' },
      series: ['error < {limit}'],
    },
  ],
  claims: ['fresh-samples'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { size, rank, condition, share: known, sweeps, shares, runs, runSweeps } = sizes[context.size];
    const pause = pauses(context);
    const { seed } = context;
    const shape = { size, rank, condition };
    const p = await planted({ ...shape, share: known }, new Random(seed), pause);
    const exact = method.regress({ solver: 'exact' });
    const draw = (series: string, errors: readonly number[], seconds: readonly number[]) =>
      ({
        kind: 'points',
        panel: 'relative error by sweeps',
        series,
        x: errors.map((_, k) => k),
        y: errors,
        work: { seconds },
      }) as const;
    const all = await trace(p, exact, { seed, pause, sweeps, until: RECOVERED });
    yield draw('all entries in every half-step', all.errors, all.seconds);
    const rival = await rivalTrace(p, { random: new Random(seed).split(3) }, { pause, sweeps, until: RECOVERED });
    yield draw('all entries, code of its own', rival.errors, rival.seconds);
    const fresh = parts(p.observed, 2 * HALVES + 1, new Random(seed).split(1));
    // The first part is used for initialisation, each of the others for one half-step.
    const regress = (step: HalfStep) => {
      const part = fresh[step.count + 1];
      exact({ ...step, rows: step.count % 2 === 0 ? part.byCol : part.byRow });
    };
    const method2 = alternating(fresh[0], { rank: p.rank, tol: 0, seed, regress });
    const split = await traceOf(p, method2, { sweeps: HALVES, pause });
    yield draw(`${2 * HALVES + 1} parts`, split.errors, split.seconds);

    const rows: Cell[][] = [];
    const successes: number[] = [];
    for (const [k, share] of shares.entries()) {
      yield { kind: 'progress', label: `${100 * share} % seen`, fraction: k / shares.length };
      const found: number[] = [];
      for (let run = 0; run < runs; run++) {
        const q: Planted = await planted({ ...shape, share }, new Random(seed).split(2).split(run), pause);
        found.push(sweepsTo(RECOVERED, await trace(q, exact, { seed, pause, sweeps: runSweeps, until: RECOVERED })));
      }
      const success = found.filter(Number.isFinite).length / runs;
      successes.push(success);
      const middle = median(found);
      rows.push([share, success, Number.isFinite(middle) ? middle : null]);
      yield { kind: 'points', panel: 'success', series: `error < ${RECOVERED}`, x: [share], y: [success] };
    }
    const columns = ['share seen', 'runs that recover', 'median sweeps'];
    yield { kind: 'table', title: `${runs} matrices each`, columns, rows };
    const enough = shares[successes.findIndex((s) => s >= 0.8)] ?? Number.POSITIVE_INFINITY;
    const few = shares[successes.findLastIndex((s) => s <= 0.2)] ?? Number.NaN;
    yield decide('fresh-samples', {
      all: Math.min(...all.errors),
      later: sweepsAndParts(RECOVERED, all) - sweepsAndParts(RECOVERED, rival),
      parts: split.errors[split.errors.length - 1] / Math.min(...all.errors),
      sharpness: enough / few,
    });
  },
});
