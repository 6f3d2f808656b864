import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { drawSeed, type LossName, libraryMethod, losses, regression } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { chosenOf, columnsOf, gapsOf, inner, ofRivals, rivals, TUNING, type Tuned, tuned } from '../stochastic.ts';

type Found = Readonly<Record<string, number>>;
const methods = [...rivals, ...inner];
const { draws, sizes } = locked.claims['mini-batch'];

/** Batches in random order: the gap after some passes, each method with a step size that is best on another problem. */
export default experiment(record, {
  id: 'mini-batch',
  title: 'Gaps by batches',
  panels: [
    {
      title: 'gap by inner steps, first draw',
      x: { label: 'inner steps', log: true },
      y: { label: '(h − h*)/(h₀ − h*)', log: true },
      series: ['SGD: {loss and batch}', '{loss and batch}'],
    },
  ],
  claims: ['mini-batch'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const { rows: n, columns: d, passes, batches } = sizes[context.size];
    const settings = losses.flatMap((name) => batches.map((batch): [LossName, number] => [name, batch]));
    const most = draws[context.size].at(-1)!;
    const found = new Map<string, Found[]>(settings.map(([name, batch]) => [`${name} ${batch}`, []]));
    const steps = new Map<string, Tuned>();
    const rows: Cell[][] = [];
    const ratios = (name: LossName, batch: number, of: (all: Found) => number) => ({
      draws: found.get(`${name} ${batch}`)!.map(of),
    });
    const overSgd = (loss: LossName) =>
      settings
        .filter(([name]) => name === loss)
        .map(([name, batch]) => ({ label: batch, ...ratios(name, batch, (all) => all[10] / all.SGD) }));
    const values = () => ({
      squared: overSgd('squared'),
      rivals: settings.map(([name, batch]) => ({
        label: `${name}, batches of ${batch}`,
        ...ratios(name, batch, (all) => all.surrogates / ofRivals(all)),
      })),
      ...(full && {
        logistic: overSgd('logistic'),
        monotone: settings.flatMap(([name, batch]) =>
          [
            [10, 1],
            [100, 10],
          ].map(([a, b]) => ({
            label: `m = ${a}, ${name}, batches of ${batch}, over that at m = ${b}`,
            ...ratios(name, batch, (all) => all[a] / all[b]),
          })),
        ),
        one: settings.map(([name, batch]) => ({
          label: `${name}, batches of ${batch}`,
          ...ratios(name, batch, (all) => Math.max(all[1] / all.SGD, all.SGD / all[1])),
        })),
      }),
    });
    for (const [name, batch] of settings) {
      yield { kind: 'progress', label: `step sizes: ${name}, batches of ${batch}`, fraction: 0 };
      const seed = drawSeed(context, TUNING);
      const problem = await regression(name, n, d, seed, pause);
      steps.set(`${name} ${batch}`, await tuned(method, { problem, batch, passes, seed }, pause));
    }
    for (let draw = 0; !decide.enough('mini-batch', draw, values); draw++) {
      for (const [place, [name, batch]] of settings.entries()) {
        const label = `draw ${draw + 1}: ${name}, batches of ${batch}`;
        yield { kind: 'progress', label, fraction: (draw + place / settings.length) / most };
        const seed = drawSeed(context, draw);
        const run = { problem: await regression(name, n, d, seed, pause), batch, passes, seed };
        const own = await gapsOf(method, run, steps.get(`${name} ${batch}`)!, pause);
        found.get(`${name} ${batch}`)!.push(own);
        rows.push([name, batch, draw + 1, ...methods.map((one) => own[one])]);
        if (draw > 0) continue;
        const panel = 'gap by inner steps, first draw';
        yield { kind: 'points', panel, series: `${name}, ${batch}`, x: [...inner], y: inner.map((m) => own[m]) };
        const x = [1, inner[inner.length - 1]];
        yield { kind: 'points', panel, series: `SGD: ${name}, ${batch}`, x, y: [own.SGD, own.SGD] };
      }
    }
    yield decide('mini-batch', values());
    const columns = ['loss', 'batch', 'draw', ...columnsOf];
    yield { kind: 'table', title: `Relative gap after ${passes} passes over the examples`, columns, rows };
    const chosen = [...steps].map(([label, by]): Cell[] => [label, ...chosenOf(by)]);
    const titles = ['loss and batch', ...columnsOf, 'best m'];
    yield { kind: 'table', title: 'Step sizes, best on another problem', columns: titles, rows: chosen };
  },
});
