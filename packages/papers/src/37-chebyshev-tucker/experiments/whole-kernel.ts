import { Random } from 'southwell';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { exactSlice, largest, libraryPotential, middles, newtonKernel, particles } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** The truncation of the kernel, from its smooth terms to all of them. */
export default experiment(record, {
  id: 'whole-kernel',
  title: 'More and more of the short range',
  panels: [
    {
      title: 'error by terms',
      x: { label: 'Gaussians of the kernel' },
      y: { label: 'largest error on a slice', log: true },
      series: ['m = 129'],
    },
  ],
  claims: ['split-needed'],
  method: libraryPotential,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { particles: count, slice, rates } = locked.claims['split-needed'].sizes[context.size];
    const drawn = particles(count, new Random(context.seed));
    const kernel = newtonKernel();
    // The long range alone comes first, the whole kernel last.
    const cuts = [...rates, Number.POSITIVE_INFINITY];
    // In the middle of the particles, and through one of them.
    const xs = middles(slice, 0.5);
    const z = drawn.positions[0][2];
    const rows: Array<Array<number | string>> = [];
    const [terms, errors]: [number[], number[]] = [[], []];
    for (const [n, rate] of cuts.entries()) {
      yield { kind: 'progress', label: `rates up to ${rate}`, fraction: n / cuts.length };
      await pause();
      const model = method(drawn, kernel, rate);
      await pause();
      const exact = exactSlice(drawn, kernel, rate, xs, z);
      const found = model.evaluateGrid(xs, xs, [z]).data;
      const error = largest(found.map((v, e) => v - exact[e]));
      terms.push(kernel.rates.filter((r) => r <= rate).length);
      errors.push(error);
      yield { kind: 'points', panel: 'error by terms', series: 'm = 129', x: [terms[n]], y: [error] };
      rows.push([terms[n], Math.max(...model.ranks), error, largest(exact), model.resolved ? 'yes' : 'no']);
    }
    const columns = ['Gaussians', 'rank', 'largest error', 'largest value', 'resolved'];
    yield { kind: 'table', title: 'The kernel cut at rising rates, m = 129', columns, rows };
    const error = errors[errors.length - 1];
    yield decide('split-needed', { ratio: error / errors[0], error });
  },
});
