import { predictedDrift } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import {
  curveOf,
  drawsOf,
  errorsOf,
  growthOf,
  mean,
  names,
  networkOf,
  rivals,
  robustFit,
  scheduleSeed,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'mean squared distance by rounds';

/** The slope of a line through the values from one index on. */
function slopeOf(values: readonly number[], from: number): number {
  const some = values.slice(from);
  const [middle, level] = [(some.length - 1) / 2, mean(some)];
  let [along, square] = [0, 0];
  for (const [k, v] of some.entries()) {
    along += (k - middle) * (v - level);
    square += (k - middle) ** 2;
  }
  return along / square;
}

/** The mean over runs of what noise does to the distance from the solution, in the same clients. */
export default experiment(record, {
  id: 'drift',
  title: 'Drift under noise',
  panels: [
    {
      title: PANEL,
      x: { label: 'round' },
      y: { label: 'mean squared distance from the solution', log: true },
      series: [
        { id: 'robust', name: names.robust },
        { id: 'law', name: 'the law, from the distance after the first rounds' },
        { id: 'dual', name: names.dual },
      ],
      control: 'dual',
    },
  ],
  claims: ['drift'],
  method: robustFit,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims.drift.sizes[size];
    const { perRound, rho, rounds, runs, after } = sizes;
    const pause = pauses(context);
    const noise = { up: sizes.noise, down: sizes.noise };
    const { clients, best } = networkOf(sizes, drawsOf(seed, 0));
    const scale = best.reduce((sum, v) => sum + v * v, 0);
    const sums = { robust: new Float64Array(rounds + 1), dual: new Float64Array(rounds + 1) };
    for (let run = 0; run < runs; run++) {
      for (const [id, fit] of [
        ['robust', method],
        ['dual', rivals.dual],
      ] as const) {
        yield { kind: 'progress', label: names[id], fraction: run / runs };
        const options = { rho, rounds, perRound, noise, seed: scheduleSeed(seed, run), reference: best };
        for (const [round, error] of errorsOf(fit(clients, options)).entries()) sums[id][round] += error * scale;
        const soFar = Array.from(sums[id], (sum) => sum / (run + 1));
        yield { kind: 'points', panel: PANEL, series: id, restart: true, ...curveOf(soFar) };
        await pause();
      }
    }
    const law = predictedDrift(clients, rho, perRound, noise);
    const [own, dual] = [sums.robust, sums.dual].map((sum) => Array.from(sum, (v) => v / runs));
    const from = mean(own.slice(after - 50, after + 50));
    yield {
      kind: 'points',
      panel: PANEL,
      series: 'law',
      x: [after, rounds],
      y: [from, from + (rounds - after) * law],
    };
    const slope = slopeOf(own, after);
    yield decide('drift', { slope: slope / law });
    yield {
      kind: 'table',
      title: `Mean squared distance from the solution, ${runs} runs with ${perRound} of ${sizes.clients} clients at ρ = ${rho}, noise of variance ${sizes.noise}`,
      columns: ['form', 'slope', 'law', 'last over middle fifth'],
      rows: [
        [names.robust, slope, law, growthOf(own)],
        [names.dual, slopeOf(dual, after), '–', growthOf(dual)],
      ],
    };
  },
});
