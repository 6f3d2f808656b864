import { experiment } from '../../define.ts';
import { type Cell, parameterValue } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { stream } from '../lab.ts';
import { errorOf, floor, learnerSeed, libraryMethod, matchPicture, N, share, streamSeed } from '../learner.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** A dictionary that rotates while it is learned. */
export default experiment(record, {
  id: 'drift',
  title: 'A rotation that drifts',
  panels: [
    {
      title: 'error',
      x: { label: 'mini-batches of 20' },
      y: { label: 'error of the dictionary', log: true },
      series: ['floor {share}', { id: 'diminishing', name: 'diminishing steps' }],
      control: 'diminishing',
    },
  ],
  parameters: [share, floor],
  claims: ['drift'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const { sizes, draws } = locked.claims.drift;
    // From `settled` on the initial point has no influence.
    const { steps, batch, angle, every, settled } = sizes[context.size];
    const looks = draws[context.size];
    const pause = pauses(context);
    const rows: Cell[][] = [];
    const [worst, gains]: number[][] = [[], []];
    const values = () => ({ worst: { draws: worst }, gain: { draws: gains } });
    let draw = 0;
    do {
      const end: number[] = [];
      for (const [run, forgetting] of [parameterValue(floor, context), 0].entries()) {
        const name = forgetting > 0 ? `floor ${forgetting}` : 'diminishing';
        const source = stream(N, parameterValue(share, context), streamSeed(context, 200 + draw));
        const learner = method({ dim: N, forgetting, seed: learnerSeed(context, 200 + draw) });
        const errors: number[] = [];
        let [seconds, largest] = [0, 0];
        for (let t = 1; t <= steps; t++) {
          const Y = source.next(batch);
          const start = performance.now();
          learner.update(Y);
          seconds += (performance.now() - start) / 1000;
          Y.free();
          // Just before each rotation, and half-way between two.
          if (t % 50 === 0) {
            const error = errorOf(learner, source.truth);
            errors.push(error);
            if (t >= settled) largest = Math.max(largest, error);
            const work = { seconds: [seconds] };
            if (draw === 0) yield { kind: 'points', panel: 'error', series: name, x: [t], y: [error], work };
            const fraction = (draw + (run + t / steps) / 2) / looks[looks.length - 1];
            yield { kind: 'progress', label: `stream ${draw + 1}, ${name}`, fraction };
            if (t % 500 === 0) rows.push([draw + 1, name, t, error]);
            if (draw + run === 0 && t % 500 === 0) yield matchPicture(learner, source.truth, 'Cosines while it turns');
          }
          if (t % every === 0) source.turn(angle);
          await pause();
        }
        if (run === 0) worst.push(largest);
        // The mean over the last 500 steps, to average out the noise of single ones.
        end.push(errors.slice(-10).reduce((a, b) => a + b, 0) / 10);
      }
      gains.push(end[1] / end[0]);
      draw++;
    } while (!decide.enough('drift', draw, values));
    const columns = ['stream', 'steps', 'step', 'error'];
    yield { kind: 'table', title: 'Turned by 0.1 every 100 steps', columns, rows };
    yield decide('drift', values());
  },
});
