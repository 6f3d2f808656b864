import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { diagonalDescent, drawRandom, largestOf, sparseProblem } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes } = locked.claims.batches;

/** The largest rates at which SGD with each batch size converges to an interpolating solution. */
export default experiment(record, {
  id: 'batches',
  title: 'Rates and batches at which a diagonal network is learned',
  panels: [
    {
      title: 'Largest rates',
      x: { label: 'batch', log: true },
      y: { label: 'rate', log: true },
      series: ['at which a run converged', 'bound by the trace there'],
    },
  ],
  claims: ['batches'],
  /** The batch size used for each batch size: itself, except in controls. */
  method: ((batch) => batch) as (batch: number) => number,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { batches, draws, steps, first } = sizes[context.size];
    /** Rates are spaced by a factor of √2, starting where all batch sizes converge. */
    const rateAt = (k: number): number => first * 2 ** (k / 2);
    const { examples, coefficients, relevant } = locked.claims.generalisation.sizes[context.size];
    const problems = Array.from({ length: draws }, (_, k) =>
      sparseProblem(drawRandom(context, k), examples, coefficients, relevant),
    );
    const largest: number[] = [];
    const bounds: number[] = [];
    const points: Array<{ x: number; y: number; group: number }> = [];
    const rows: Cell[][] = [];
    const at: number[] = [];
    for (const [k, batch] of batches.entries()) {
      // Rates increase until no run converges at two in a row.
      let [best, misses] = [Number.NaN, 0];
      let [trace, bound] = [Number.NaN, Number.NaN];
      for (let r = 0; misses < 2; r++) {
        const rate = rateAt(r);
        yield {
          kind: 'progress',
          label: `batches of ${batch}, rate ${rate.toPrecision(3)}`,
          fraction: k / batches.length,
        };
        let reached = 0;
        for (const [draw, problem] of problems.entries()) {
          const random = drawRandom(context, draw).split(100 * (k + 1) + r);
          const run = await diagonalDescent(problem, { rate, batch: method(batch), steps }, random, pause);
          points.push({ x: Math.log2(batch), y: Math.log2(rate), group: Number(run.status !== 'converged') });
          if (!run.stability) continue;
          reached++;
          trace = run.stability.trace;
          bound = (2 * batch) / trace;
          bounds.push(rate / bound);
        }
        misses = reached > 0 ? 0 : misses + 1;
        if (reached > 0) best = rate;
      }
      largest.push(best);
      at.push(batch);
      rows.push([batch, best, trace, bound]);
    }
    yield decide('batches', {
      bound: largestOf(bounds),
      grows: largest
        .slice(1)
        .map((rate, k) => ({ label: `${batches[k + 1]} over ${batches[k]}`, value: rate / largest[k] })),
    });
    yield { kind: 'points', panel: 'Largest rates', series: 'at which a run converged', x: at, y: largest };
    yield {
      kind: 'points',
      panel: 'Largest rates',
      series: 'bound by the trace there',
      x: at,
      y: rows.map(([, , , bound]) => Number(bound)),
    };
    yield {
      kind: 'picture',
      title: 'Runs that converged and runs that did not',
      picture: {
        ...{ type: 'scatter', xLabel: 'log₂ of the batch', yLabel: 'log₂ of the rate', points },
        groups: ['converged', 'did not'],
      },
    };
    yield { kind: 'table', title: 'Largest rates', columns: ['batch', 'rate', 'tr H there', '2B/tr H'], rows };
  },
});
