import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { covered, cube, libraryFit, noiseOf, relativeError, scattered } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { grids, processes } from '../rivals.ts';

/**
 * A field over three axes, compared with a Gaussian process and a grid, both with the hyperparameters that are best on
 * the test points.
 */
export default experiment(record, {
  id: 'field3',
  title: 'A scattered field over three axes',
  panels: [
    {
      title: 'functions of the first axis',
      x: { label: 'index' },
      y: { label: 'function' },
      series: ['function {number}'],
    },
    {
      title: 'two deviations',
      x: { label: 'index' },
      y: { label: 'function' },
      series: ['function {number}, below', 'function {number}, above'],
    },
  ],
  claims: ['three-dimensional'],
  method: libraryFit,
  async *run(context, decide, fit) {
    const pause = pauses(context);
    const { signal } = context;
    const full = context.size === 'full';
    const { lengthscale, ...of } = locked.claims['three-dimensional'].sizes[context.size];
    const most = Math.max(...locked.claims['three-dimensional'].draws[context.size]);
    const lists: Record<'error' | 'process' | 'grid' | 'noise', number[]> = {
      error: [],
      process: [],
      grid: [],
      noise: [],
    };
    const values = () => ({
      error: { draws: lists.error },
      process: { draws: lists.process },
      grid: { draws: lists.grid },
      noise: full ? { draws: lists.noise } : undefined,
    });
    const rows: Cell[][] = [];
    let draw = 0;
    do {
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / most };
      const data = scattered(cube, 3, of, 1000 * context.seed + draw);
      const options = { lengthscales: lengthscale, centre: false, calibrate: 0, seed: draw, signal } as const;
      const model = await fit(data.indices, data.values, { ...options, rank: 2 });
      await pause();
      const error = relativeError(data, model.predict(data.tests).mean);
      const best = { name: '', error: Number.POSITIVE_INFINITY };
      for (const { name, mean } of processes(data.indices, data.values, data.tests, data.sd)) {
        const own = relativeError(data, mean);
        if (own < best.error) Object.assign(best, { name, error: own });
        await pause();
      }
      const cell = { name: '', error: Number.POSITIVE_INFINITY };
      for (const { name, mean } of grids(data.indices, data.values, data.tests, draw)) {
        const own = relativeError(data, mean);
        if (own < cell.error) Object.assign(cell, { name, error: own });
        await pause();
      }
      const noise = (noiseOf(model) / data.sd) * data.noise;
      lists.error.push(error);
      lists.process.push(error / best.error);
      lists.grid.push(error / cell.error);
      lists.noise.push(noise);
      if (draw < 8) {
        const others = [
          { rank: 3, form: 'tucker' },
          { rank: 3, form: 'cp' },
        ] as const;
        const found = await Promise.all(
          others.map((other) => fit(data.indices, data.values, { ...options, ...other })),
        );
        const errors = found.map((m) => relativeError(data, m.predict(data.tests).mean));
        const raw = covered(model, data.fresh, data.measured, model.deviations(0.9));
        rows.push([draw + 1, error, ...errors, best.error, best.name, cell.error, cell.name, noise, raw]);
        await pause();
      }
      if (draw === 0) {
        const x = Array.from({ length: 101 }, (_, i) => i / 100);
        const { mean, sd } = model.latent(0, x);
        for (const [r, y] of mean.entries()) {
          yield { kind: 'points', panel: 'functions of the first axis', series: `function ${r + 1}`, x, y: [...y] };
          for (const [side, name] of [
            [-2, 'below'],
            [2, 'above'],
          ] as const) {
            const edge = Array.from(y, (v, i) => v + side * sd[r][i]);
            yield { kind: 'points', panel: 'two deviations', series: `function ${r + 1}, ${name}`, x, y: edge };
          }
        }
        yield {
          kind: 'picture',
          title: 'Predicted over true values at the tests',
          picture: {
            type: 'scatter',
            xLabel: 'true',
            yLabel: 'predicted',
            points: Array.from(model.predict(data.tests.slice(0, 800)).mean, (y, n) => ({ x: data.truth[n], y })),
          },
        };
      }
      draw++;
    } while (!decide.enough('three-dimensional', draw, values));
    const columns = [
      'draw',
      'Tucker 2',
      'Tucker 3',
      'CP 3',
      'process',
      'which',
      'grid CP',
      'which',
      'noise',
      '90 % cover',
    ];
    yield { kind: 'table', title: 'Relative errors', columns, rows };
    yield decide('three-dimensional', values());
  },
});
