import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { follow, gamesOf, libraryRun, sentBy, settingsOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'numbers sent by q';

/** Numbers sent to a precise solution as messages become shorter. */
export default experiment(record, {
  id: 'by-q',
  title: 'How much compression pays',
  panels: [
    {
      title: PANEL,
      x: { label: 'q, numbers of a dense message over those of a compressed one', log: true },
      y: { label: 'numbers sent up by each device', log: true },
      series: [
        { id: 'masha1', name: 'MASHA1' },
        { id: 'eg', name: 'extragradient' },
      ],
      control: 'eg',
    },
  ],
  claims: ['by-q'],
  method: libraryRun,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims['by-q'].sizes[size];
    const { lambda, devices, multiple } = sizes;
    const pause = pauses(context);
    const games = gamesOf(devices, sizes, new Random(seed).split(0));
    const sent: number[] = [];
    for (const [at, q] of sizes.q.entries()) {
      yield { kind: 'progress', label: `q = ${q}`, fraction: at / sizes.q.length };
      const { settings, k } = settingsOf('masha1', games, { q, lambda, multiple, seed: 1 });
      sent.push(sentBy(await follow(method, games, settings, { ...sizes, k }, pause)));
      // Without a first solution there is no gain to measure.
      if (sent[0] === Number.POSITIVE_INFINITY) break;
      const solved = sent.map((v, i) => [sizes.q[i], v] as const).filter(([, v]) => Number.isFinite(v));
      yield { kind: 'points', panel: PANEL, series: 'masha1', x: solved.map(([x]) => x), y: solved.map(([, y]) => y) };
    }
    // The last q is the number of devices; no solution is no gain.
    const last = sent[sizes.q.length - 1] ?? Number.POSITIVE_INFINITY;
    yield decide('by-q', { gain: Number.isFinite(sent[0]) ? sent[0] / last : 0 });
    const { settings, k } = settingsOf('eg', games, { q: 1, lambda, multiple: 1, seed: 1 });
    const plain = sentBy(await follow(method, games, settings, { ...sizes, k }, pause));
    yield { kind: 'points', panel: PANEL, series: 'eg', x: [sizes.q[0], sizes.q.at(-1)!], y: [plain, plain] };
    const rows: Cell[][] = sent.map((numbers, i) => [sizes.q[i], numbers, numbers / plain]);
    yield {
      kind: 'table',
      title: `Numbers sent up by each device to a squared error of ${sizes.tol}`,
      columns: ['q', 'numbers', 'over extragradient'],
      rows,
    };
  },
});
