import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { drawSeed, libraryMethod } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { byOnline, bySurrogates, type Course, type Game, type Online, online } from '../rounds.ts';
import { best, TUNING } from '../stochastic.ts';

const { draws, sizes } = locked.claims.imitation;
const { grids } = locked;
const columns = [...online, 'surrogates'] as const;
type Found = Readonly<Record<Online | 'surrogates', number>>;

/** A policy queries the expert at the states that it visits itself, one batch per round, and imitates it. */
export default experiment(record, {
  id: 'imitation',
  title: 'Imitation of an expert',
  panels: [
    {
      title: 'loss of the policy, first draw',
      x: { label: 'states at which the expert was asked' },
      y: { label: 'loss on states of the policy itself', log: true },
      series: [...online, 'surrogates'],
    },
  ],
  claims: ['imitation'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { inner, ...size } = sizes[context.size];
    const found: Found[] = [];
    const rows: Cell[][] = [];
    const values = () => ({
      ratio: { draws: found.map((all) => all.surrogates / all.SGD) },
      rivals: { draws: found.map((all) => all.surrogates / Math.min(...online.map((name) => all[name]))) },
    });
    const end = async (course: Promise<Course>): Promise<number> => (await course).end;
    yield { kind: 'progress', label: 'step sizes', fraction: 0 };
    const other: Game = { ...size, beta: 0, seed: drawSeed(context, TUNING) };
    const steps = new Map<Online, number>();
    for (const name of online) {
      const grid = name === 'line search' ? grids['policy line search'].longest : grids[`policy ${name}`].rate;
      const [step] = await best(grid, (one) => end(byOnline(name, one, other, pause)));
      steps.set(name, step);
    }
    const etas = grids['policy surrogates'].eta;
    const [eta] = await best(etas, (one) => end(bySurrogates(method, one, inner, other, pause)));
    for (let draw = 0; !decide.enough('imitation', draw, values); draw++) {
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / draws[context.size].at(-1)! };
      for (const beta of [0, 1] as const) {
        // States visited by the expert are not used by any claim.
        if (beta === 1 && (draw > 0 || context.size === 'quick')) continue;
        const game: Game = { ...size, beta, seed: drawSeed(context, draw) };
        const courses = { surrogates: await bySurrogates(method, eta, inner, game, pause) } as Record<string, Course>;
        for (const name of online) courses[name] = await byOnline(name, steps.get(name)!, game, pause);
        const all = Object.fromEntries(columns.map((name) => [name, courses[name].end]));
        if (beta === 0) found.push(all as Found);
        rows.push([draw + 1, beta === 0 ? 'of the policy' : 'of the expert', ...columns.map((name) => all[name])]);
        if (draw > 0 || beta > 0) continue;
        const panel = 'loss of the policy, first draw';
        for (const [name, { losses }] of Object.entries(courses)) {
          const x = losses.map((_, t) => size.states * (t + 1));
          yield { kind: 'points', panel, series: name, x, y: losses };
        }
      }
    }
    yield decide('imitation', values());
    const title = `Loss after ${size.rounds} rounds of ${size.states} states`;
    yield { kind: 'table', title, columns: ['draw', 'states', ...columns], rows };
    const chosen: Cell[][] = [...steps, ['surrogates', eta] as const].map(([name, step]) => [name, step]);
    yield { kind: 'table', title: 'Step sizes, best on another draw', columns: ['method', 'step'], rows: chosen };
  },
});
