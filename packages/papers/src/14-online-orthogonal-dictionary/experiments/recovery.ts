import { experiment } from '../../define.ts';
import { type Cell, parameterValue } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { logSlope, stream, Windows } from '../lab.ts';
import { errorOf, learnerSeed, libraryMethod, matchPicture, N, share, shown, streamSeed } from '../learner.ts';
import { record } from '../record.ts';

/** One sample a step: errors, and the Frank–Wolfe gap. */
export default experiment(record, {
  id: 'recovery',
  title: 'One pass, one sample a step',
  axes: { x: 'step', y: 'error of the dictionary, or Frank–Wolfe gap', logY: true, logX: true },
  parameters: [share],
  claims: ['recovery', 'gap-rate'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const draws = full ? 5 : 2;
    const last = full ? 10_000 : 3000;
    const gapEnd = full ? 5000 : 2000;
    const pause = pauses(context);
    const at: Record<number, number[]> = { 3000: [], 10000: [] };
    const gaps: { centres: number[]; means: number[] }[] = [];
    const rows: Cell[][] = [];
    for (let draw = 0; draw < draws; draw++) {
      const source = stream(N, parameterValue(share, context), streamSeed(context, draw));
      const learner = method({ dim: N, seed: learnerSeed(context, draw) });
      const windows = new Windows(50, 1.35);
      const points = shown(last);
      let seconds = 0;
      for (let t = 1; t <= last; t++) {
        const Y = source.next(1);
        const start = performance.now();
        learner.update(Y);
        seconds += (performance.now() - start) / 1000;
        Y.free();
        if (Number.isFinite(learner.gap)) windows.add(t, learner.gap);
        if (points.has(t)) {
          const error = errorOf(learner, source.truth);
          if (at[t]) at[t].push(error);
          rows.push([draw + 1, t, error, learner.gap]);
          const work = { seconds: [seconds] };
          yield { kind: 'points', panel: 'error', series: `stream ${draw + 1}`, x: [t], y: [error], work };
          yield { kind: 'progress', label: `stream ${draw + 1}`, fraction: (draw + t / last) / draws };
          if (draw === 0) yield matchPicture(learner, source.truth, 'Cosines between learned and true atoms');
        }
        await pause();
      }
      const kept = windows.centres.filter((t) => t <= gapEnd).length;
      const means = windows.means.slice(0, kept);
      gaps.push({ centres: windows.centres.slice(0, kept), means });
      yield { kind: 'points', panel: 'gap', series: `stream ${draw + 1}`, x: windows.centres, y: windows.means };
    }
    yield { kind: 'table', title: `${N} atoms`, columns: ['stream', 'step', 'error', 'gap'], rows };
    const worst = (t: number) => Math.max(...at[t]);
    yield decide('recovery', { early: worst(3000), late: full ? worst(10_000) : undefined });
    const x = gaps.flatMap((g) => g.centres);
    const y = gaps.flatMap((g) => g.means.map((v) => Math.max(v, Number.MIN_VALUE)));
    yield decide('gap-rate', { slope: { label: gapEnd, value: logSlope(x, y) } });
  },
});
