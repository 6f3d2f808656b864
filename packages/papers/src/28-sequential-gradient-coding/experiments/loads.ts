import { type SequentialCodeOptions, sequentialCode } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'loads by tolerance';

/** The codes of the authors' search, with their loads as fractions. */
const published: ReadonlyArray<
  readonly [name: string, options: SequentialCodeOptions, over: number, under: number, printed: number]
> = [
  ['M-SGC', { kind: 'm-sgc', n: 256, B: 1, W: 2, lambda: 27 }, 56, 256 * 29, 0.00754],
  ['SR-SGC', { kind: 'sr-sgc', n: 256, B: 2, W: 3, lambda: 23 }, 13, 256, 0.0508],
  ['gradient code', { kind: 'gc', n: 256, s: 15 }, 16, 256, 0.0625],
  ['no code', { kind: 'none', n: 256 }, 1, 256, 0.0039],
];

/** The largest share of the data that a worker is assigned in a round in which all jobs of a code are open. */
function assignedShare(options: SequentialCodeOptions): number {
  const { rounds, chunks, delay, n } = sequentialCode(options);
  const course = rounds(delay + 1);
  for (let r = 0; r < delay; r++) course.end(new Uint8Array(n));
  const shares = course
    .assignment()
    .map((own) => own.reduce((sum, { chunks: some }) => sum + some.reduce((all, k) => all + chunks[k], 0), 0));
  return Math.max(...shares);
}

/** Normalised loads, as the library states them and as it assigns work. */
export default experiment(record, {
  id: 'loads',
  title: 'Loads',
  panels: [
    {
      title: PANEL,
      x: { label: 'stragglers that are tolerated', log: true },
      y: { label: 'share of the data for a worker', log: true },
      series: [{ id: 'gc', name: 'gradient code' }, 'M-SGC, B = 1, W = {W}'],
      control: 'gc',
    },
  ],
  claims: ['loads'],
  method: sequentialCode,
  async *run({ size }, decide, method) {
    const { n, tolerances, windows, bursts } = locked.claims.loads.sizes[size];
    let [error, assigned] = [0, 0];
    const rows: Cell[][] = published.map(([name, options, over, under, printed]) => {
      const { load } = method(options);
      const share = assignedShare(options);
      error = Math.max(error, Math.abs(load - over / under));
      assigned = Math.max(assigned, Math.abs(share - over / under));
      return [name, load, share, over / under, printed];
    });
    yield { kind: 'progress', label: 'loads', fraction: 0.5 };
    const plain = (lambda: number) => method({ kind: 'gc', n, s: lambda }).load;
    let ratio = 0;
    for (const lambda of tolerances)
      for (const W of windows)
        for (const B of bursts.filter((length) => length < W))
          ratio = Math.max(ratio, method({ kind: 'm-sgc', n, B, W, lambda }).load / plain(lambda));
    yield decide('loads', { error, assigned, ratio });
    const x = [...tolerances];
    yield { kind: 'points', panel: PANEL, series: 'gc', x, y: x.map(plain) };
    for (const W of windows) {
      const y = x.map((lambda) => method({ kind: 'm-sgc', n, B: 1, W, lambda }).load);
      yield { kind: 'points', panel: PANEL, series: `M-SGC, B = 1, W = ${W}`, x, y };
    }
    yield {
      kind: 'table',
      title: 'Loads of the codes in the authors’ search',
      columns: ['code', 'load', 'assigned in a round', 'as a fraction', 'as published'],
      rows,
    };
  },
});
