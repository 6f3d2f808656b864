import { Random } from 'southwell';
import type { TargetOptions } from 'southwell/optimisers';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { expertLoss, firstPolicy, policyLoss, policyModel, visited } from '../control.ts';
import { drawSeed, libraryMethod, type Method } from '../lab.ts';
import { record } from '../record.ts';

const SAMPLES = 100;
const LENGTHS = [0.03, 0.1, 0.3, 1];
const ETAS = { quick: [0.3, 1], full: [0.1, 0.3, 1] } as const;

/** A policy queries the expert at the states that it visits itself, one batch per round, and imitates it. */
export default experiment(record, {
  id: 'imitation',
  title: 'Imitation of an expert',
  axes: { x: 'states at which the expert was asked', y: 'loss on states of the policy itself', logY: true },
  claims: ['imitation'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const rounds = full ? 50 : 10;
    const most = Math.max(...record.claims[2].draws[context.size]);
    const ratios: number[] = [];
    const rows: Cell[][] = [];
    const values = () => ({ ratio: { draws: ratios } });
    do {
      const draw = ratios.length;
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / most };
      const seed = drawSeed(context, draw);
      const tried = async (steps: readonly number[], of: (step: number) => TargetOptions, beta: 0 | 1) => {
        const all: Course[] = [];
        for (const step of steps) all.push(await imitate(method, of(step), rounds, beta, seed, pause));
        return all.reduce((a, b) => (b.end < a.end ? b : a));
      };
      for (const beta of [0, 1] as const) {
        // States visited by the expert are not used by any claim.
        if (beta === 1 && draw > 0) continue;
        const online = await tried(LENGTHS, (length) => ({ inner: 'gradient', steps: 1, length }), beta);
        const surrogates = await tried(ETAS[context.size], (eta) => ({ steps: 100, eta }), beta);
        if (beta === 0) ratios.push(surrogates.end / online.end);
        rows.push([
          draw + 1,
          beta === 0 ? 'of the policy' : 'of the expert',
          online.end,
          surrogates.end,
          surrogates.end / online.end,
        ]);
        if (draw > 0 || beta > 0) continue;
        const panel = 'loss of the policy, first draw';
        const x = online.losses.map((_, t) => SAMPLES * (t + 1));
        yield { kind: 'points', panel, series: 'online gradient descent', x, y: online.losses };
        yield { kind: 'points', panel, series: 'surrogates, m = 100', x, y: surrogates.losses };
      }
    } while (!decide.enough('imitation', ratios.length, values));
    yield decide('imitation', values());
    const columns = ['draw', 'states', 'online gradient descent', 'm = 100', 'ratio'];
    yield {
      kind: 'table',
      title: `Loss after ${rounds} rounds of ${SAMPLES} states, each at its best step`,
      columns,
      rows,
    };
  },
});

interface Course {
  readonly losses: number[];
  /** Mean over the last fifth of the rounds. */
  readonly end: number;
}

/**
 * Rounds of interaction; the loss after each is evaluated on states that the policy visits from initial states common
 * to all methods.
 */
async function imitate(
  method: Method,
  options: TargetOptions,
  rounds: number,
  beta: 0 | 1,
  seed: number,
  pause: () => Promise<void>,
): Promise<Course> {
  const random = new Random(seed);
  let p = firstPolicy(random.split(0));
  const losses: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const states = visited(p, SAMPLES, random.split(1).split(round), beta === 1);
    const problem = { examples: SAMPLES, model: policyModel(states), loss: expertLoss(states), start: p };
    for (const it of method(problem, { innerTol: 1e-6, ...options, oracleCalls: 1 })) if (it.done) p = it.snapshot();
    losses.push(policyLoss(p, visited(p, 250, random.split(2))));
    await pause();
  }
  const tail = losses.slice(-Math.ceil(rounds / 5));
  const end = tail.reduce((a, b) => a + b, 0) / tail.length;
  return { losses, end: Number.isFinite(end) ? end : Number.POSITIVE_INFINITY };
}
