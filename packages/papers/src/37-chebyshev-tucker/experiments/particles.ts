import { Random } from 'southwell';
import type { ChebyshevTucker } from 'southwell/functional-tensors';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { exactSlice, LONG, largest, libraryPotential, middles, newtonKernel, particles } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** Number of values in a 256³ array. */
const ARRAY = 256 ** 3;

/** Ranks and errors of long-range potentials as the number of particles grows. */
export default experiment(record, {
  id: 'particles',
  title: 'The long range of many particles',
  panels: [
    {
      title: 'singular values',
      x: { label: 'number of the singular value' },
      y: { label: 'singular value', log: true },
      series: ['{count} particles'],
    },
  ],
  claims: ['particles'],
  method: libraryPotential,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const { sizes, measures: bars } = locked.claims.particles;
    const { counts, slice: width } = sizes[context.size];
    const random = new Random(context.seed);
    const kernel = newtonKernel();
    const xs = middles(width, 1);
    const z = 1 / 256;
    const [error, rank] = [0, 1].map((): Array<{ label: number; value: number }> => []);
    const rows: number[][] = [];
    const most = { recompressed: 0, loss: 0, storage: 0 };
    for (const [n, count] of counts.entries()) {
      yield { kind: 'progress', label: `${count} particles`, fraction: n / counts.length };
      await pause();
      const drawn = particles(count, random.split(count));
      const model = method(drawn, kernel, LONG);
      await pause();
      const exact = exactSlice(drawn, kernel, LONG, xs, z);
      await pause();
      const slice = (of: ChebyshevTucker) => of.evaluateGrid(xs, xs, [z]).data;
      const differences = (of: ChebyshevTucker) => slice(of).map((v, e) => v - exact[e]);
      const less = model.recompress(1e-7);
      const off = differences(model);
      const lost = largest(differences(less));
      const ranks = Math.max(...model.ranks);
      const scale = largest(exact);
      error.push({ label: count, value: largest(off) });
      rank.push({ label: count, value: ranks });
      most.recompressed = Math.max(most.recompressed, ...less.ranks);
      most.loss = Math.max(most.loss, lost / scale);
      most.storage = Math.max(most.storage, model.parameters / ARRAY);
      rows.push([count, ranks, largest(off), scale, Math.max(...less.ranks), lost, model.parameters / ARRAY]);
      const { core } = model.recompress(1e-13);
      const sizes = Array.from({ length: core.shape[0] }, (_, a) =>
        Math.hypot(...core.data.subarray(a * core.strides[0], (a + 1) * core.strides[0])),
      );
      const x = sizes.map((_, a) => a + 1);
      yield { kind: 'points', panel: 'singular values', series: `${count} particles`, x, y: sizes };
      if (n > 0) continue;
      yield heat('long-range potential on the middle slice', slice(model), 'potential');
      const digits = off.map((v) => Math.log10(Math.max(Math.abs(v), 1e-12)));
      yield heat('error on the middle slice', digits, 'log₁₀ |error|');
    }
    const columns = ['particles', 'rank', 'error', 'largest value', 'recompressed', 'its error', 'of a 256³ array'];
    yield { kind: 'table', title: 'Potentials at m = 129', columns, rows };
    const growth = rank[rank.length - 1].value - rank[0].value;
    const met = counts.filter(
      (_, n) =>
        error[n].value <= bars.error['≤'] &&
        rank[n].value <= bars.rank['≤'] &&
        rank[n].value - rank[0].value <= bars.growth['≤'].full,
    );
    const both = met.length / counts.length;
    yield decide('particles', { both, error, rank, ...(full && { ...most, growth }) });

    function heat(title: string, values: Float64Array, value: string) {
      const size = xs.length;
      // Rows from the top, i.e. by decreasing y; in the values y varies fastest.
      const shown = Array.from(
        { length: size * size },
        (_, e) => values[(e % size) * size + (size - 1 - Math.floor(e / size))],
      );
      const axes = { x: { label: 'x', from: -1, to: 1 }, y: { label: 'y', from: 1, to: -1 } };
      const picture = { type: 'image', width: size, height: size, values: shown, ...axes, value } as const;
      return { kind: 'picture', title, picture } as const;
    }
  },
});
