import { alone } from '@southwell/distributed';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { projectSimplex } from '@southwell/numerics/projections';
import { gapFunction, randK, type VariationalSettings } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { libraryRun } from '../lab.ts';
import { record } from '../record.ts';

const PANEL = 'gap by numbers sent';
/** Payoffs are normal numbers, the same on all devices up to others of the standard deviation `apart`. */
const sizes = {
  quick: { d: 20, devices: 10, q: 4, apart: 0.3, gap: 1e-3, steps: 4000 },
  full: { d: 50, devices: 20, q: 10, apart: 0.3, gap: 1e-3, steps: 30_000 },
} as const;
/** Gaps are looked at every so many steps. */
const EVERY = 20;
/** Multiples of 1/L that are tried; the best is shown. */
const MULTIPLES = [0.25, 0.5, 1, 2];

/** A matrix game whose payoffs are the mean of those on several devices, by projections; no claim is decided. */
export default experiment(record, {
  id: 'simplices',
  title: 'Matrix games',
  panels: [
    {
      title: PANEL,
      x: { label: 'numbers sent up by each device' },
      y: { label: 'duality gap', log: true },
      series: [
        { id: 'masha1', name: 'MASHA1, random entries' },
        { id: 'eg', name: 'extragradient' },
      ],
      control: 'eg',
    },
  ],
  claims: [],
  method: libraryRun,
  async *run(context, _, method) {
    const { d, devices, q, apart, gap: wanted, steps } = sizes[context.size];
    const pause = pauses(context);
    const random = new Random(context.seed).split(36);
    const square = (scale: number) => Float64Array.from({ length: d * d }, () => scale * random.normal());
    const common = square(1);
    const parts = Array.from({ length: devices }, () => square(apart).map((v, k) => v + common[k]));
    const mean = common.map((_v, k) => parts.reduce((sum, A) => sum + A[k], 0) / devices);
    // x minimises and comes first, so that the rows of the game belong to y.
    const gapOf = gapFunction(DenseMatrix.fromColumnMajor(mean, d, d));
    const operators = parts.map((A) => (z: Float64Array) => {
      const out = new Float64Array(2 * d);
      for (let j = 0; j < d; j++) {
        for (let i = 0; i < d; i++) {
          out[j] += A[j * d + i] * z[d + i];
          out[d + i] -= A[j * d + i] * z[j];
        }
      }
      return out;
    });
    const prox = (z: Float64Array) => {
      const out = new Float64Array(2 * d);
      out.set(projectSimplex(z.subarray(0, d)));
      out.set(projectSimplex(z.subarray(d)), d);
      return out;
    };
    // Close to the norm of a random matrix.
    const L = 2 * Math.sqrt(d);
    const k = Math.round((2 * d) / q);
    const course = async (settings: VariationalSettings, sent: (step: number, refreshes: number) => number) => {
      const [x, y]: [number[], number[]] = [[], []];
      const problem = { operators, z0: new Float64Array(2 * d).fill(1 / d), prox };
      for (const iterate of alone((comm) => method(comm, problem, settings))) {
        if (!('iteration' in iterate)) continue;
        const { iteration, metrics } = iterate;
        if (iteration % EVERY === 0) {
          const { z, zAverage } = iterate.snapshot();
          x.push(sent(iteration, metrics!.refreshes));
          y.push(Math.min(...[z, zAverage].map((at) => gapOf(at.subarray(d), at.subarray(0, d)).gap)));
          if (y[y.length - 1] <= wanted) return { x, y, solved: true };
        }
        if (iteration >= steps || iterate.done) break;
        await pause();
      }
      return { x, y, solved: false };
    };
    const rows: Cell[][] = [];
    for (const [id, name, settings, sent] of [
      [
        'masha1',
        'MASHA1, random entries',
        { uplink: randK(k, { values: 'f64' }) },
        (t: number, r: number) => t * k + r * 2 * d,
      ],
      ['eg', 'extragradient', { method: 'eg' }, (t: number) => t * 4 * d],
    ] as const) {
      yield { kind: 'progress', label: name, fraction: rows.length / 2 };
      let best: Awaited<ReturnType<typeof course>> | undefined;
      let chosen: number = MULTIPLES[0];
      for (const multiple of MULTIPLES) {
        const found = await course({ ...settings, gamma: multiple / L, seed: 1 }, sent);
        if (best && !(found.solved && (!best.solved || found.x.at(-1)! < best.x.at(-1)!))) continue;
        [best, chosen] = [found, multiple];
      }
      yield { kind: 'points', panel: PANEL, series: id, x: best!.x, y: best!.y };
      rows.push([name, chosen, best!.solved ? best!.x.at(-1)! : null, best!.y.at(-1)!]);
    }
    yield {
      kind: 'table',
      title: `Numbers sent up by each device to a gap of ${wanted}, at the best of ${MULTIPLES.length} step sizes`,
      columns: ['method', 'step over 1/L', 'numbers', 'last gap'],
      rows,
    };
  },
});
