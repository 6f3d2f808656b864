import { Random } from '@southwell/numerics/core';
import { type SequentialCodeOptions, sequentialCode, simulateStragglers } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { carried, onThreads } from '../executor.ts';
import { codeText } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { apart, digitsOf, mnistImages, mnistTest, uncoded } from '../softmax.ts';

const PANEL = 'jobs by measured seconds, slow {when}';
const n = 16;
/** Codes, and whether two slots are slow in all rounds, which is no burst, or in one of three. */
const cases: ReadonlyArray<
  readonly [name: string, options: Exclude<SequentialCodeOptions, { kind: 'none' }>, always: boolean]
> = [
  ['gradient code', { kind: 'gc', n, s: 3 }, true],
  ['SR-SGC', { kind: 'sr-sgc', n, B: 1, W: 2, lambda: 2 }, false],
  ['M-SGC', { kind: 'm-sgc', n, B: 1, W: 3, lambda: 3 }, false],
];
const ALL = 'all are waited for';

/** Wall seconds of training on threads whose slow slots wait, which a cancellation ends. */
export default experiment(record, {
  id: 'seconds',
  title: 'Seconds on threads',
  timed: true,
  needs: { quick: [mnistTest], full: [mnistTest] },
  panels: [
    {
      title: PANEL,
      x: { label: 'seconds' },
      y: { label: 'jobs that are decoded' },
      series: ['gradient code', 'SR-SGC', 'M-SGC', ALL],
      control: ALL,
    },
  ],
  claims: ['seconds'],
  method: carried,
  async *run(context, decide, method) {
    const { size, seed, signal } = context;
    const { base, factor, loadSlope, slow, every, jobs, rows, block, models, ranks } =
      locked.claims.seconds.sizes[size];
    const start = new Random(seed).split(29).integer(2 ** 31);
    const digits = digitsOf(await mnistImages(context), rows, block, start);
    const reference = uncoded(digits, models, jobs, start);
    const slowSlots = new Random(start).permutation(n).subarray(0, slow);
    /** Seconds of a slot without its load. */
    const delayOf = (round: number, slot: number, always: boolean) =>
      base * (slowSlots.includes(slot) && (always || round % every === 0) ? factor : 1);
    const measured = async (options: SequentialCodeOptions, always: boolean) => {
      const { load, delay } = sequentialCode(options);
      const waits = Array.from({ length: jobs + delay }, (_, r) =>
        Float64Array.from({ length: n }, (__, i) => delayOf(r + 1, i, always) + loadSlope * load),
      );
      const run = await onThreads({ code: options, digits, models, jobs, seed: start, waits }, ranks, signal);
      return { ...run, seconds: run.roundTimes.reduce((sum, v) => sum + v, 0) };
    };
    const predicted = (options: SequentialCodeOptions, always: boolean) => {
      const code = sequentialCode(options);
      const rounds = jobs + code.delay;
      const delays = Float64Array.from({ length: n * rounds }, (_, k) =>
        delayOf((k % rounds) + 1, Math.floor(k / rounds), always),
      );
      return simulateStragglers(code, delays, { jobs, loadSlope }).runtime;
    };
    const curve = (name: string, always: boolean, jobFinish: Float64Array) => {
      const x = [...jobFinish].sort((a, b) => a - b);
      const panel = `jobs by measured seconds, slow ${always ? 'always' : 'in one of three rounds'}`;
      return { kind: 'points', panel, series: name, x, y: x.map((_, k) => k + 1) } as const;
    };
    const table: Cell[][] = [];
    const saved: { label: string; value: number }[] = [];
    let difference = 0;
    const all = new Map<boolean, number>();
    for (const [k, [name, options, always]] of cases.entries()) {
      yield { kind: 'progress', label: name, fraction: k / cases.length };
      if (!all.has(always)) {
        const { seconds, jobFinish } = await measured({ kind: 'none', n }, always);
        all.set(always, seconds);
        yield curve(ALL, always, jobFinish);
        const says = predicted({ kind: 'none', n }, always);
        table.push([ALL, '–', always ? 'always' : 'in one of three rounds', seconds, says, 0, '–', 0]);
      }
      const waiting = all.get(always)!;
      const run = await measured(method(options), always);
      const says = predicted(options, always);
      const expected = predicted({ kind: 'none', n }, always) - says;
      const share = run.status === 'completed' ? (waiting - run.seconds) / expected : 0;
      const off = apart(run.models, reference);
      difference = Math.max(difference, off);
      saved.push({ label: `${name}, ${codeText(options)}`, value: share });
      yield curve(name, always, run.jobFinish);
      const when = always ? 'always' : 'in one of three rounds';
      table.push([name, codeText(options), when, run.seconds, says, run.dropped, share, off]);
    }
    yield decide('seconds', { saved, difference });
    yield {
      kind: 'table',
      title: `Seconds of ${jobs} jobs on ${n} slots, ${slow} of them ${factor} times as slow`,
      columns: [
        ...['rule', 'code', 'slow', 'seconds', 'seconds by the simulation', 'dropped'],
        ...['saved of what the simulation says', 'difference of parameters'],
      ],
      rows: table,
    };
  },
});
