import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { drawSeed, libraryMethod, spam } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { byRival, bySurrogates, rivals, TUNING, tuned } from '../stochastic.ts';

type Found = Readonly<Record<string, number>>;
const { draws, sizes } = locked.claims['real-table'];

/** Mails and whether they are spam: the gap after some passes, over orders. */
export default experiment(record, {
  id: 'real-table',
  title: 'Gaps on a real table',
  axes: { x: 'draw', y: '(h − h*)/(h₀ − h*)', logY: true },
  claims: ['real-table'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { rows: count, passes, batch } = sizes[context.size];
    const found: Found[] = [];
    const values = () => ({
      sgd: { draws: found.map((all) => all.surrogates / all.SGD) },
      rivals: { draws: found.map((all) => all.surrogates / Math.min(all.Adam, all.AdaGrad, all['line search'])) },
    });
    yield { kind: 'progress', label: 'step sizes', fraction: 0 };
    const first = drawSeed(context, TUNING);
    const trial = { problem: await spam(count, first, pause), batch, passes, seed: first };
    const { steps: step, inner: m } = await tuned(method, trial, pause);
    const problem = await spam(count, drawSeed(context, 0), pause);
    for (let draw = 0; !decide.enough('real-table', draw, values); draw++) {
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / draws[context.size].at(-1)! };
      const seed = drawSeed(context, draw);
      const run = { problem, batch, passes, seed };
      const own: Record<string, number> = {};
      for (const rival of rivals) own[rival] = await byRival(rival, run, step[rival], pause);
      own.surrogates = await bySurrogates(method, run, m, step[m], pause);
      found.push(own);
    }
    yield decide('real-table', values());
    const names = [...rivals, 'surrogates'];
    const rows = found.map((own, draw): Cell[] => [draw + 1, ...names.map((name) => own[name])]);
    yield { kind: 'table', title: `Relative gap after ${passes} passes`, columns: ['draw', ...names], rows };
    const x = found.map((_, draw) => draw + 1);
    for (const name of names) {
      const y = found.map((own) => own[name]);
      yield { kind: 'points', panel: 'gap by draw', series: name, x, y };
    }
  },
});
