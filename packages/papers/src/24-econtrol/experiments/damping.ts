import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { controlled, courseOf, drawOf, finalOf, median, roundsTo, unlike } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'Distance reached by step size';

/** The share of the error that is fed back, over step sizes. */
export default experiment(record, {
  id: 'damping',
  title: 'Damping and step sizes',
  panels: [
    {
      title: PANEL,
      x: { label: 'step size', log: true },
      y: { label: 'least relative squared distance', log: true },
      series: ['η = {eta}'],
      control: 'η = 1',
    },
  ],
  claims: ['damping'],
  method: controlled,
  async *run(context, decide, method) {
    const sizes = locked.claims.damping.sizes[context.size];
    const { length, clients, kept, zeta, rounds, draws } = sizes;
    const pause = pauses(context);
    const arms = [...sizes.etas.map((eta) => [eta, sizes.steps] as const), [1, sizes.fullSteps] as const];
    let damped = 0;
    let full = Number.POSITIVE_INFINITY;
    const rows: Array<Array<string | number>> = [];
    for (const [k, [eta, steps]] of arms.entries()) {
      const least: number[] = [];
      for (const [s, stepSize] of steps.entries()) {
        yield { kind: 'progress', label: `η = ${eta}`, fraction: (k + s / steps.length) / arms.length };
        const [ends, bests, times]: number[][] = [[], [], []];
        for (let draw = 0; draw < draws; draw++) {
          const problem = unlike(clients, length, zeta, 0, drawOf(context.seed, draw));
          const options = { compressor: `top-k=${kept}`, seed: draw, stepSize };
          const course = await courseOf(problem, { ...options, ...method(eta) }, rounds, pause);
          ends.push(finalOf(course));
          bests.push(Math.min(...course.gaps));
          times.push(roundsTo(course, 1e-8));
        }
        if (eta < 1) damped = Math.max(damped, ...ends);
        else full = Math.min(full, ...bests);
        least.push(median(bests));
        rows.push([eta, stepSize, median(times), median(ends)]);
      }
      yield { kind: 'points', panel: PANEL, series: `η = ${eta}`, x: [...steps], y: least };
    }
    yield decide('damping', { damped, full });
    const columns = ['η', 'step size', 'rounds to 1e-8', 'distance at the end'];
    yield { kind: 'table', title: `Medians of ${draws} draws`, columns, rows };
  },
});
