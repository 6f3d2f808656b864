import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { drawSeed, libraryMethod, spam } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { chosenOf, columnsOf, gapsOf, inner, ofRivals, rivals, TUNING, tuned, wholeGaps } from '../stochastic.ts';

type Found = Readonly<Record<string, number>>;
const methods = [...rivals, ...inner];
const { draws, sizes } = locked.claims['real-table'];

/** Mails and whether they are spam: the gap after some passes, over orders. */
export default experiment(record, {
  id: 'real-table',
  title: 'Gaps on a real table',
  panels: [
    {
      title: 'gap by draw',
      x: { label: 'draw' },
      y: { label: '(h − h*)/(h₀ − h*)', log: true },
      series: columnsOf,
      control: 'SGD',
    },
  ],
  claims: ['real-table'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { rows: count, passes, batch, calls, inner: m } = sizes[context.size];
    const found: Found[] = [];
    yield { kind: 'progress', label: 'step sizes', fraction: 0 };
    const first = drawSeed(context, TUNING);
    const start = drawSeed(context, 0);
    const trial = { problem: await spam(count, true, start, pause), batch, passes, seed: first };
    const by = await tuned(method, trial, pause);
    const problem = await spam(count, false, start, pause);
    yield { kind: 'progress', label: 'all rows', fraction: 0 };
    const all = { batch: count, passes: calls, seed: first };
    const whole = await wholeGaps(method, { ...all, problem }, { ...all, problem: trial.problem }, m, pause);
    const values = () => ({
      whole: whole.surrogates / whole.rivals,
      more: { draws: found.map((all) => all.surrogates / all[1]) },
      sgd: { draws: found.map((all) => all.surrogates / all.SGD) },
      rivals: { draws: found.map((all) => all.surrogates / ofRivals(all)) },
    });
    for (let draw = 0; !decide.enough('real-table', draw, values); draw++) {
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / draws[context.size].at(-1)! };
      const seed = drawSeed(context, draw);
      const own = await gapsOf(method, { problem, batch, passes, seed }, by, pause);
      found.push(own);
      for (const [k, name] of methods.entries())
        yield { kind: 'points', panel: 'gap by draw', series: columnsOf[k], x: [draw + 1], y: [own[name]] };
    }
    yield decide('real-table', values());
    const rows = found.map((own, draw): Cell[] => [draw + 1, ...methods.map((name) => own[name])]);
    yield { kind: 'table', title: `Relative gap after ${passes} passes`, columns: ['draw', ...columnsOf], rows };
    const ends: Cell[][] = [[calls, whole.surrogates, whole.rivals]];
    yield {
      kind: 'table',
      title: 'Relative gap with all rows',
      columns: ['calls', `m = ${m}`, 'best rival'],
      rows: ends,
    };
    const columns = [...columnsOf, 'best m'];
    yield { kind: 'table', title: 'Step sizes, best on other rows', columns, rows: [chosenOf(by)] };
  },
});
