import { experiment } from '../../define.ts';
import { type Cell, parameterValue } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { stream } from '../lab.ts';
import { errorOf, floor, learnerSeed, libraryMethod, matchPicture, N, share, streamSeed } from '../learner.ts';
import { record } from '../record.ts';

/** A dictionary that turns while it is learned. */
export default experiment(record, {
  id: 'drift',
  title: 'A rotation that drifts',
  axes: { x: 'mini-batches of 20', y: 'error of the dictionary', logY: true },
  parameters: [share, floor],
  claims: ['drift'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const steps = full ? 6000 : 2000;
    /** From here on the start is forgotten. */
    const settled = 500;
    const pause = pauses(context);
    const rows: Cell[][] = [];
    const end: Record<string, number> = {};
    let worst = 0;
    for (const [run, forgetting] of [parameterValue(floor, context), 0].entries()) {
      const name = forgetting > 0 ? `floor ${forgetting}` : 'diminishing';
      const source = stream(N, parameterValue(share, context), streamSeed(context, 200));
      const learner = method({ dim: N, forgetting, seed: learnerSeed(context, 200) });
      const errors: number[] = [];
      let seconds = 0;
      for (let t = 1; t <= steps; t++) {
        const Y = source.next(20);
        const start = performance.now();
        learner.update(Y);
        seconds += (performance.now() - start) / 1000;
        Y.free();
        // Just before each turn, and between two.
        if (t % 50 === 0) {
          const error = errorOf(learner, source.truth);
          errors.push(error);
          if (run === 0 && t >= settled) worst = Math.max(worst, error);
          yield { kind: 'points', panel: 'error', series: name, x: [t], y: [error], work: { seconds: [seconds] } };
          yield { kind: 'progress', label: name, fraction: (run + t / steps) / 2 };
          if (t % 500 === 0) rows.push([name, t, error]);
          if (run === 0 && t % 500 === 0) yield matchPicture(learner, source.truth, 'Cosines while it turns');
        }
        if (t % 100 === 0) source.turn(0.1);
        await pause();
      }
      // Noise of single steps aside: the mean over the last 500.
      end[run] = errors.slice(-10).reduce((a, b) => a + b, 0) / 10;
    }
    yield { kind: 'table', title: 'Turned by 0.1 every 100 steps', columns: ['steps', 'step', 'error'], rows };
    yield decide('drift', {
      worst: { label: `${settled} to ${steps}`, value: worst },
      gain: full ? { label: `${steps - 450} to ${steps}`, value: end[1] / end[0] } : undefined,
    });
  },
});
