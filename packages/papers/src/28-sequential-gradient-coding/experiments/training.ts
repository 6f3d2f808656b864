import { loadBundledMnist } from '@southwell/data';
import { type Communicator, complete, simulate } from '@southwell/distributed';
import { Random } from '@southwell/numerics/core';
import { runCoded, type SequentialCodeOptions, sequentialCode } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { codeText } from '../lab.ts';
import { locked } from '../locked.ts';
import { admitted } from '../patterns.ts';
import { record } from '../record.ts';
import { apart, digitsOf, Models, uncoded } from '../softmax.ts';

const PANEL = 'difference of parameters by pattern';
const names = { gc: 'gradient code', 'sr-sgc': 'SR-SGC', 'm-sgc': 'M-SGC' } as const;

/** Codes by number of workers: fractional repetitions and cyclic ones, late by at most one round less than there are models. */
const codes: Readonly<Record<8 | 16, readonly Exclude<SequentialCodeOptions, { kind: 'none' }>[]>> = {
  8: [
    { kind: 'gc', n: 8, s: 3 },
    { kind: 'gc', n: 8, s: 2 },
    { kind: 'sr-sgc', n: 8, B: 1, W: 2, lambda: 3 },
    { kind: 'm-sgc', n: 8, B: 1, W: 2, lambda: 3 },
    { kind: 'm-sgc', n: 8, B: 1, W: 2, lambda: 2 },
  ],
  16: [
    { kind: 'gc', n: 16, s: 3 },
    { kind: 'gc', n: 16, s: 4 },
    { kind: 'sr-sgc', n: 16, B: 2, W: 3, lambda: 6 },
    { kind: 'm-sgc', n: 16, B: 1, W: 3, lambda: 3 },
    { kind: 'm-sgc', n: 16, B: 2, W: 3, lambda: 4 },
  ],
};

/** Softmax models trained in turn under codes, with stragglers that are dropped wherever the code admits it. */
export default experiment(record, {
  id: 'training',
  title: 'The same parameters',
  panels: [
    {
      title: PANEL,
      x: { label: 'pattern of stragglers' },
      y: { label: 'relative difference, at least 1e-17', log: true },
      series: ['gradient code, {code}', 'SR-SGC, {code}', 'M-SGC, {code}'],
    },
  ],
  claims: ['exact-training'],
  method: runCoded,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const { n, models, jobs, rows, block, patterns } = locked.claims['exact-training'].sizes[size];
    const pause = pauses(context);
    const random = new Random(seed).split(28);
    const start = random.integer(2 ** 31);
    const digits = digitsOf(await loadBundledMnist(), rows, block, start);
    const reference = uncoded(digits, models, jobs, start);
    const found: { label: string; value: number }[] = [];
    const table: Cell[][] = [];
    for (const [c, options] of codes[n].entries()) {
      const code = sequentialCode(options);
      const label = `${names[options.kind]}, ${codeText(options)}`;
      let [worst, dropped] = [0, 0];
      for (let pattern = 0; pattern < patterns; pattern++) {
        yield { kind: 'progress', label, fraction: (c + pattern / patterns) / codes[n].length };
        const masks = admitted(code, jobs, random.split(1 + c * patterns + pattern), pattern % 2 === 0);
        const trained = new Models(digits, models, start);
        // Every rank of the simulation has the same memory; only the first moves models.
        const work = trained.jobs(jobs);
        const slowness = (round: number, worker: number) => (masks[round - 1]?.[worker] ? 10 : 1);
        const program = (comm: Communicator) => method(comm, code, work, { slowness });
        const { results } = complete(simulate(program, { ranks: 5 }));
        dropped += results[0]?.dropped ?? 0;
        const difference =
          results[0]?.status === 'completed' ? apart(trained.points, reference) : Number.POSITIVE_INFINITY;
        worst = Math.max(worst, difference);
        yield { kind: 'points', panel: PANEL, series: label, x: [pattern + 1], y: [Math.max(1e-17, difference)] };
        await pause();
      }
      found.push({ label, value: worst });
      table.push([label, code.load, code.delay, patterns, dropped, worst]);
    }
    yield decide('exact-training', { difference: found });
    yield {
      kind: 'table',
      title: 'Parameters under all patterns that were tried',
      columns: ['code', 'load', 'delay', 'patterns', 'answers that were dropped', 'largest difference'],
      rows: table,
    };
  },
});
