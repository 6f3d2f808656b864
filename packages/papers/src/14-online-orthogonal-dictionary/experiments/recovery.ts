import { experiment } from '../../define.ts';
import { type Cell, parameterValue } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { logSlope, stream, Windows } from '../lab.ts';
import {
  errorOf,
  type Learner,
  learnerSeed,
  libraryMethod,
  matchPicture,
  N,
  share,
  shown,
  streamSeed,
} from '../learner.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { fromOrthogonal, spectralNorm } from '../rival.ts';

const { claims } = locked;

/** One sample per step: errors, the Frank–Wolfe gap, and the distance of iterates from orthogonality. */
export default experiment(record, {
  id: 'recovery',
  title: 'One pass, one sample a step',
  panels: [
    {
      title: 'error',
      x: { label: 'step', log: true },
      y: { label: 'error of the dictionary', log: true },
      series: ['stream 1', 'stream 2', 'stream {number}'],
    },
    {
      title: 'gap',
      x: { label: 'step', log: true },
      y: { label: 'Frank–Wolfe gap', log: true },
      series: ['stream 1', 'stream 2', 'stream {number}'],
    },
  ],
  parameters: [share],
  claims: ['recovery', 'gap-rate', 'within-the-ball'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const looks = claims.recovery.draws[context.size];
    // The windowed gap is evaluated between these steps.
    const { gapFrom, gapTo } = claims['gap-rate'].sizes[context.size];
    const { steps: last, early, late } = claims.recovery.sizes[context.size];
    // The first steps leave an orthogonal matrix.
    const decades: readonly number[] = claims['within-the-ball'].sizes[context.size].decades;
    const pause = pauses(context);
    const at: Record<number, number[]> = { [early]: [], [late]: [] };
    const [slopes, norms, falls]: number[][] = [[], [], []];
    const rows: Cell[][] = [];
    const errors = () => ({ early: { draws: at[early] }, late: full ? { draws: at[late] } : undefined });
    const gaps = () => ({ slope: { draws: slopes } });
    let draw = 0;
    do {
      const series = `stream ${draw + 1}`;
      const source = stream(N, parameterValue(share, context), streamSeed(context, draw));
      const learner = method({ dim: N, seed: learnerSeed(context, draw) });
      const windows = new Windows(gapFrom, 1.35);
      const points = shown(last);
      const off: number[] = [];
      let [seconds, norm] = [0, 0];
      for (let t = 1; t <= last; t++) {
        const Y = source.next(1);
        const start = performance.now();
        learner.update(Y);
        seconds += (performance.now() - start) / 1000;
        Y.free();
        if (Number.isFinite(learner.gap)) windows.add(t, learner.gap);
        if (decades.includes(t)) off.push(iterateOf(learner, fromOrthogonal));
        if (points.has(t)) {
          norm = Math.max(norm, iterateOf(learner, spectralNorm));
          const error = errorOf(learner, source.truth);
          if (at[t]) at[t].push(error);
          rows.push([draw + 1, t, error, learner.gap]);
          const work = { seconds: [seconds] };
          yield { kind: 'points', panel: 'error', series, x: [t], y: [error], work };
          const fraction = (draw + t / last) / looks[looks.length - 1];
          yield { kind: 'progress', label: series, fraction };
          if (draw === 0) yield matchPicture(learner, source.truth, 'Cosines between learned and true atoms');
        }
        await pause();
      }
      const kept = windows.centres.filter((t) => t <= gapTo).length;
      const means = windows.means.slice(0, kept).map((v) => Math.max(v, Number.MIN_VALUE));
      slopes.push(logSlope(windows.centres.slice(0, kept), means));
      norms.push(norm - 1);
      falls.push(Math.max(...off.slice(1).map((v, k) => v / off[k])));
      yield { kind: 'points', panel: 'gap', series, x: windows.centres, y: windows.means };
      draw++;
    } while (!(decide.enough('recovery', draw, errors) && decide.enough('gap-rate', draw, gaps)));
    yield { kind: 'table', title: `${N} atoms`, columns: ['stream', 'step', 'error', 'gap'], rows };
    yield decide('recovery', errors());
    yield decide('gap-rate', gaps());
    yield decide('within-the-ball', { norm: Math.max(...norms), fall: Math.max(...falls) });
  },
});

function iterateOf(learner: Learner, of: (D: Float64Array, n: number) => number): number {
  const D = learner.iterate();
  const value = of(D.data, N);
  D.free();
  return value;
}
