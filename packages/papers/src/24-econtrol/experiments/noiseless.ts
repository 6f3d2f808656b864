import type { FeedbackMethod } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import type { ExperimentEvent } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
  type Course,
  controlled,
  courseOf,
  drawOf,
  finalOf,
  METHODS,
  median,
  NAMES,
  optionsOf,
  roundsTo,
  SERIES,
  shownRounds,
  unlike,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const LIMIT = 1e-8;
const BYTES = 'Distance without noise';
const ROUNDS = 'Distance by rounds';

/** Exact gradients of unlike clients. */
export default experiment(record, {
  id: 'noiseless',
  title: 'Unlike clients without noise',
  panels: [
    {
      title: BYTES,
      x: { label: 'bytes sent by a client', log: true },
      y: { label: 'relative squared distance', log: true },
      series: SERIES,
      control: 'sgd',
    },
    {
      title: ROUNDS,
      x: { label: 'round' },
      y: { label: 'relative squared distance', log: true },
      series: SERIES,
      control: 'sgd',
    },
  ],
  claims: ['rounds'],
  method: controlled,
  async *run(context, decide, method) {
    const sizes = locked.claims.rounds.sizes[context.size];
    const { length, clients, kept, eta, zeta, rounds, draws, stepSize } = sizes;
    const pause = pauses(context);
    const found = new Map<FeedbackMethod, Course[]>(METHODS.map((name) => [name, []]));
    const stalls = new Map<number, number[]>(sizes.steps.map((step) => [step, []]));
    for (let draw = 0; draw < draws; draw++) {
      const problem = unlike(clients, length, zeta, 0, drawOf(context.seed, draw));
      const common = { compressor: `top-k=${kept}`, seed: draw } as const;
      for (const [k, name] of METHODS.entries()) {
        yield { kind: 'progress', label: NAMES[name], fraction: (draw + k / (METHODS.length + 2)) / draws };
        const course = await courseOf(problem, { ...common, ...optionsOf(name, method, eta), stepSize }, rounds, pause);
        found.get(name)!.push(course);
        if (draw === 0) yield* curves(name, course, clients);
      }
      for (const step of sizes.steps) {
        const known = step === stepSize ? found.get('ec')![draw] : undefined;
        const course = known ?? (await courseOf(problem, { ...common, method: 'ec', stepSize: step }, rounds, pause));
        if (finalOf(course) < 1) stalls.get(step)!.push(finalOf(course));
      }
    }
    const to = (name: FeedbackMethod) => found.get(name)!.map((course) => roundsTo(course, LIMIT));
    const sent = (name: FeedbackMethod) =>
      found.get(name)!.map(({ bytes }, draw) => bytes[to(name)[draw]] ?? Number.POSITIVE_INFINITY);
    const whole = to('sgd').map((t) => 4 * length * clients * t);
    yield decide('rounds', {
      ratio: median(to('econtrol').map((t, draw) => t / to('sgd')[draw])),
      bytes: median(sent('econtrol').map((bytes, draw) => whole[draw] / bytes)),
      stall: [...stalls].flatMap(([step, gaps]) =>
        gaps.length > 0 ? [{ label: `step size ${step}`, value: median(gaps) }] : [],
      ),
    });
    const columns = ['method', 'rounds to 1e-8', 'bytes of a client until then', 'distance at the end'];
    const rows = METHODS.map((name) => [
      NAMES[name],
      median(to(name)),
      median(sent(name)) / clients,
      median(found.get(name)!.map(finalOf)),
    ]);
    yield { kind: 'table', title: `Medians of ${draws} draws, step size ${stepSize}`, columns, rows };
  },
});

function* curves(series: FeedbackMethod, { gaps, bytes }: Course, clients: number): Generator<ExperimentEvent> {
  const shown = shownRounds(gaps.length - 1).filter((t) => Number.isFinite(gaps[t]));
  const y = shown.map((t) => gaps[t]);
  yield { kind: 'points', panel: ROUNDS, series, x: shown, y };
  const some = shown.filter((t) => bytes[t] > 0);
  yield { kind: 'points', panel: BYTES, series, x: some.map((t) => bytes[t] / clients), y: some.map((t) => gaps[t]) };
}
