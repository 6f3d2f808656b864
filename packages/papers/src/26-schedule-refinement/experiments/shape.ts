import { Random } from '@southwell/numerics/core';
import { fitWarmupPower, smoothNorms } from 'southwell/optimisers';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { loadDigits } from '../../material/images.ts';
import { pauses } from '../../pauses.ts';
import { libraryMethod, type Refine, refinedShape, shapes, stepsOf, train, tuneRate } from '../lab.ts';
import { locked } from '../locked.ts';
import { network } from '../network.ts';
import { record } from '../record.ts';

const PANEL = 'The schedule that the run would have wanted';

/** The refined schedule of a small network, from the norms of a run under linear decay. */
export default experiment(record, {
  id: 'shape',
  title: 'The schedule that a network asks for',
  panels: [
    {
      title: PANEL,
      x: { label: 'part of the run' },
      y: { label: 'part of the largest rate' },
      series: [
        'refined',
        { id: 'linear decay', name: 'linear' },
        { id: 'smoothed norms, over the largest', name: 'smoothed norms' },
      ],
      control: 'linear decay',
    },
  ],
  claims: ['shape'],
  method: libraryMethod,
  async *run(context, decide, method: Refine) {
    const pause = pauses(context);
    const random = new Random(context.seed);
    const images = await loadDigits();
    const { hidden, epochs, batch, late: part } = locked.claims.shape.sizes[context.size];
    const training = { optimiser: 'SGD', epochs, batchSize: batch } as const;
    const peaks: number[] = [];
    const ends: Array<{ readonly value: number; readonly reference: number }> = [];
    const rows: Cell[][] = [];
    const share = (): number =>
      peaks.filter((peak, k) => peak >= 0.02 && ends[k].value < ends[k].reference).length / peaks.length;
    const values = () => ({ both: share(), peak: { draws: peaks }, end: { draws: ends } });
    for (let k = 0; !decide.enough('shape', k, values); k++) {
      yield { kind: 'progress', label: `network ${k + 1}`, fraction: k / 20 };
      const own = random.split(k);
      const subject = network(images, 16, { hidden, batch, seed: own.integer(2 ** 31) });
      const orders = { tuning: own.integer(2 ** 32), judging: own.integer(2 ** 32) };
      const steps = stepsOf(subject, training);
      const ending = async (rate: number, seed: number) =>
        (await train(subject, training, shapes.linear(rate, steps), seed, pause)).loss;
      const rate = await tuneRate(training.optimiser, (r) => ending(r, orders.tuning));
      const refined = await refinedShape(subject, training, method, rate, orders, pause);
      const curve = refined.values;
      const late = Math.round(part * steps);
      peaks.push(curve.indexOf(1) / steps);
      ends.push({ value: curve[late], reference: 1 - late / steps });
      const linear = await ending(rate, orders.judging);
      const { loss } = await train(subject, training, refined.shape(rate, steps), orders.judging, pause);
      const fit = fitWarmupPower(curve);
      rows.push([k + 1, peaks[k], curve[late], fit.warmup, fit.power, rate, linear, loss]);
      if (k > 0) continue;
      const x = Array.from(curve, (_, t) => t / steps);
      yield { kind: 'points', panel: PANEL, series: 'refined', x, y: [...curve] };
      yield { kind: 'points', panel: PANEL, series: 'linear decay', x, y: x.map((v) => 1 - v) };
      const smooth = smoothNorms(refined.norms);
      const most = smooth.reduce((a, b) => Math.max(a, b));
      yield {
        kind: 'points',
        panel: PANEL,
        series: 'smoothed norms, over the largest',
        x: x.slice(0, -1),
        y: [...smooth.map((g) => g / most)],
      };
    }
    yield decide('shape', values());
    const columns = [
      'network',
      'largest at',
      `at ${100 * part} %`,
      'warm-up of the fit',
      'power of the fit',
      'rate',
      'loss, linear',
      'loss, refined',
    ];
    yield { kind: 'table', title: 'Refined schedules of networks', columns, rows };
  },
});
