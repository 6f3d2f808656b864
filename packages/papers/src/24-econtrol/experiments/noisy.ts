import type { FeedbackMethod } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import {
  type Course,
  controlled,
  courseOf,
  drawOf,
  METHODS,
  median,
  NAMES,
  optionsOf,
  SERIES,
  shownRounds,
  unlike,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'Distance under noise, {n} clients';

/** Mean over the last quarter of the rounds. */
function floorOf({ gaps }: Course): number {
  const last = gaps.slice(Math.floor((3 * gaps.length) / 4));
  return last.reduce((sum, gap) => sum + gap, 0) / last.length;
}

/** Noisy gradients of unlike clients, at a fixed step size. */
export default experiment(record, {
  id: 'noisy',
  title: 'Unlike clients with noise',
  panels: [
    {
      title: PANEL,
      x: { label: 'round' },
      y: { label: 'relative squared distance', log: true },
      series: SERIES,
      control: 'sgd',
    },
  ],
  claims: ['noise-floor'],
  method: controlled,
  async *run(context, decide, method) {
    const sizes = locked.claims['noise-floor'].sizes[context.size];
    const { length, kept, eta, zeta, sigma, momentum, rounds, draws, stepSize } = sizes;
    const pause = pauses(context);
    /** Floors by number of clients and method, one for each draw. */
    const floors = new Map<number, Map<FeedbackMethod, number[]>>();
    // At zero the gap falls with the number of clients, too, so that relative floors do not show what more clients bring.
    const gapsAtZero = new Map<number, number[]>();
    for (const [at, n] of sizes.clients.entries()) {
      const own = new Map<FeedbackMethod, number[]>(METHODS.map((name) => [name, []]));
      floors.set(n, own);
      gapsAtZero.set(n, []);
      for (let draw = 0; draw < draws; draw++) {
        const problem = unlike(n, length, zeta, sigma, drawOf(context.seed, draw));
        gapsAtZero.get(n)!.push(problem.gapAtZero);
        for (const [k, name] of METHODS.entries()) {
          const done = (at + (draw + k / METHODS.length) / draws) / sizes.clients.length;
          yield { kind: 'progress', label: `${NAMES[name]}, ${n} clients`, fraction: done };
          const options = { compressor: `top-k=${kept}`, seed: draw, momentum, stepSize };
          const course = await courseOf(problem, { ...options, ...optionsOf(name, method, eta) }, rounds, pause);
          own.get(name)!.push(floorOf(course));
          if (draw > 0) continue;
          const x = shownRounds(rounds).filter((t) => Number.isFinite(course.gaps[t]));
          yield {
            kind: 'points',
            panel: PANEL.replace('{n}', `${n}`),
            series: name,
            x,
            y: x.map((t) => course.gaps[t]),
          };
        }
      }
    }
    const over = (other: FeedbackMethod) =>
      [...floors].map(([n, own]) => ({
        label: `${n} clients`,
        value: median(own.get('econtrol')!.map((floor, draw) => floor / own.get(other)![draw])),
      }));
    const gaps = (n: number) =>
      floors
        .get(n)
        ?.get('econtrol')
        ?.map((floor, draw) => floor * gapsAtZero.get(n)![draw]);
    const [few, many] = [gaps(5), gaps(80)];
    yield decide('noise-floor', {
      sgd: over('sgd'),
      ec: over('ec'),
      ef21: over('ef21'),
      ...(few && many && { clients: median(few.map((gap, draw) => gap / many[draw])) }),
    });
    const rows = [...floors].map(([n, own]) => [n, ...METHODS.map((name) => median(own.get(name)!))]);
    const columns = ['clients', ...METHODS.map((name) => NAMES[name])];
    yield { kind: 'table', title: `Noise floors, medians of ${draws} draws`, columns, rows };
  },
});
