import { Random } from 'southwell';
import type { TargetProblem } from 'southwell/optimisers';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { expertLoss, firstPolicy, policyLoss, policyModel, sizeOfPolicy, visited } from '../control.ts';
import { drawSeed, libraryMethod } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { best, optimiserOf, TUNING } from '../stochastic.ts';

const { draws, sizes } = locked.claims.imitation;
const { grids } = locked;
const online = ['SGD', 'Adam', 'AdaGrad'] as const;
type Online = (typeof online)[number];
const columns = [...online, 'surrogates'] as const;

/** A policy queries the expert at the states that it visits itself, one batch per round, and imitates it. */
export default experiment(record, {
  id: 'imitation',
  title: 'Imitation of an expert',
  axes: { x: 'states at which the expert was asked', y: 'loss on states of the policy itself', logY: true },
  claims: ['imitation'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { rounds, inner, states: samples, judged } = sizes[context.size];
    const found: Array<Record<Online | 'surrogates', number>> = [];
    const rows: Cell[][] = [];
    const values = () => ({
      ratio: { draws: found.map((all) => all.surrogates / all.SGD) },
      rivals: { draws: found.map((all) => all.surrogates / Math.min(all.Adam, all.AdaGrad)) },
    });
    // With surrogates in each round, or with one step of an optimiser whose state is kept.
    const bySurrogates = (eta: number, beta: 0 | 1, seed: number) => {
      const round: Round = (problem) => {
        let p: Float64Array = Float64Array.from(problem.start);
        const options = { innerTol: 1e-6, steps: inner, eta, oracleCalls: 1 };
        for (const it of method(problem, options)) if (it.done) p = it.snapshot();
        return p;
      };
      return imitate(round, { rounds, samples, judged, beta, seed }, pause);
    };
    const byOptimiser = async (name: Online, rate: number, beta: 0 | 1, seed: number) => {
      const optimiser = optimiserOf[name](rate);
      const [p, g] = [new Float64Array(sizeOfPolicy), new Float64Array(sizeOfPolicy)];
      const state = optimiser.init(p);
      const round: Round = ({ model, loss, start, examples }) => {
        p.set(start);
        const everyone = Int32Array.from({ length: examples }, (_, i) => i);
        const [z, slope] = [new Float64Array(2 * examples), new Float64Array(2 * examples)];
        model.forward(p, everyone, z);
        loss.evaluate(z, everyone, slope);
        model.pull(
          p,
          everyone,
          slope.map((v) => v / examples),
          g,
        );
        if (g.every(Number.isFinite)) optimiser.step(state, p, g);
        return p.slice();
      };
      try {
        return await imitate(round, { rounds, samples, judged, beta, seed }, pause);
      } finally {
        state.free();
      }
    };
    yield { kind: 'progress', label: 'step sizes', fraction: 0 };
    const other = drawSeed(context, TUNING);
    const rates = { SGD: 0, Adam: 0, AdaGrad: 0 };
    for (const name of online)
      [rates[name]] = await best(
        grids[`policy ${name}`].rate,
        async (rate) => (await byOptimiser(name, rate, 0, other)).end,
      );
    const [eta] = await best(grids['policy surrogates'].eta, async (step) => (await bySurrogates(step, 0, other)).end);
    for (let draw = 0; !decide.enough('imitation', draw, values); draw++) {
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / draws[context.size].at(-1)! };
      const seed = drawSeed(context, draw);
      for (const beta of [0, 1] as const) {
        // States visited by the expert are not used by any claim.
        if (beta === 1 && (draw > 0 || context.size === 'quick')) continue;
        const courses = { surrogates: await bySurrogates(eta, beta, seed) } as Record<Online | 'surrogates', Course>;
        for (const name of online) courses[name] = await byOptimiser(name, rates[name], beta, seed);
        const all = Object.fromEntries(Object.entries(courses).map(([name, { end }]) => [name, end]));
        if (beta === 0) found.push(all as Record<Online | 'surrogates', number>);
        rows.push([draw + 1, beta === 0 ? 'of the policy' : 'of the expert', ...columns.map((name) => all[name])]);
        if (draw > 0 || beta > 0) continue;
        const panel = 'loss of the policy, first draw';
        for (const [name, { losses }] of Object.entries(courses)) {
          const x = losses.map((_, t) => samples * (t + 1));
          yield { kind: 'points', panel, series: name, x, y: losses };
        }
      }
    }
    yield decide('imitation', values());
    const title = `Loss after ${rounds} rounds of ${samples} states`;
    yield { kind: 'table', title, columns: ['draw', 'states', ...columns], rows };
  },
});

interface Course {
  readonly losses: number[];
  /** Mean over the last fifth of the rounds. */
  readonly end: number;
}

/** Parameters after a round from those before it. */
type Round = (problem: TargetProblem) => Float64Array;

interface Game {
  readonly rounds: number;
  readonly samples: number;
  readonly judged: number;
  readonly beta: 0 | 1;
  readonly seed: number;
}

/**
 * Rounds of interaction; the loss after each is evaluated on states that the policy visits from initial states common
 * to all methods.
 */
async function imitate(
  step: Round,
  { rounds, samples, judged, beta, seed }: Game,
  pause: () => Promise<void>,
): Promise<Course> {
  const random = new Random(seed);
  let p = firstPolicy(random.split(0));
  const losses: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const states = visited(p, samples, random.split(1).split(round), beta === 1);
    p = step({ examples: samples, model: policyModel(states), loss: expertLoss(states), start: p });
    losses.push(policyLoss(p, visited(p, judged, random.split(2))));
    await pause();
  }
  const tail = losses.slice(-Math.ceil(rounds / 5));
  const end = tail.reduce((a, b) => a + b, 0) / tail.length;
  return { losses, end: Number.isFinite(end) ? end : Number.POSITIVE_INFINITY };
}
