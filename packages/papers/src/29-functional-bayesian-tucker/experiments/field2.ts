import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { libraryFit, noiseOf, plane, relativeError, scattered } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const FORMS = [
  { label: 'CP of rank 1', form: 'cp', rank: 1 },
  { label: 'Tucker of rank 2', form: 'tucker', rank: 2 },
] as const;

/** The field of the paper's notebook, without noise and with noise of a tenth of its standard deviation. */
export default experiment(record, {
  id: 'field2',
  title: 'The field of the paper over two axes',
  panels: [
    {
      title: 'error without noise',
      x: { label: 'draw' },
      y: { label: 'relative error', log: true },
      series: FORMS.map(({ label }) => label),
    },
    {
      title: 'error with noise',
      x: { label: 'draw' },
      y: { label: 'relative error', log: true },
      series: FORMS.map(({ label }) => label),
    },
  ],
  claims: ['two-dimensional'],
  method: libraryFit,
  async *run(context, decide, fit) {
    const pause = pauses(context);
    const { signal } = context;
    const full = context.size === 'full';
    const { noise: usual, lengthscale, points, tests } = locked.claims['two-dimensional'].sizes[context.size];
    const most = Math.max(...locked.claims['two-dimensional'].draws[context.size]);
    const lists = FORMS.map(() => ({ clean: [] as number[], noisy: [] as number[], noise: [] as number[] }));
    const of = (name: 'clean' | 'noisy' | 'noise') => FORMS.map(({ label }, f) => ({ label, draws: lists[f][name] }));
    const values = () => ({ clean: of('clean'), noisy: of('noisy'), noise: full ? of('noise') : undefined });
    const rows: Cell[][] = [];
    let draw = 0;
    do {
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / most };
      for (const [f, { label, form, rank }] of FORMS.entries()) {
        const found: Array<{ error: number; noise: number; sd: number }> = [];
        for (const noise of [0, usual]) {
          const data = scattered(plane, 2, { points, noise, tests }, 1000 * context.seed + draw);
          // The field has rank one; after subtraction of its mean it would have rank two.
          const options = { form, rank, lengthscales: lengthscale, centre: false, calibrate: 0, seed: draw, signal };
          const model = await fit(data.indices, data.values, options);
          const { mean } = model.predict(data.tests);
          found.push({ error: relativeError(data, mean), noise: noiseOf(model), sd: data.sd });
        }
        const [clean, noisy] = found;
        const off = Math.abs(noisy.noise / noisy.sd - 1);
        lists[f].clean.push(clean.error);
        lists[f].noisy.push(noisy.error);
        lists[f].noise.push(off);
        const x = [draw + 1];
        yield { kind: 'points', panel: 'error without noise', series: label, x, y: [clean.error] };
        yield { kind: 'points', panel: 'error with noise', series: label, x, y: [noisy.error] };
        if (draw < 8) rows.push([label, draw + 1, clean.error, noisy.error, noisy.noise, noisy.sd]);
        await pause();
      }
      draw++;
    } while (!decide.enough('two-dimensional', draw, values));
    const columns = ['form', 'draw', 'error without noise', 'with noise', 'estimated noise', 'true noise'];
    yield { kind: 'table', title: 'Relative errors', columns, rows };
    yield decide('two-dimensional', values());
  },
});
