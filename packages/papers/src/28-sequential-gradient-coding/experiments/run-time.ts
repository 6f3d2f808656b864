import { sequentialCode, simulateStragglers } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
  type Chosen,
  candidates,
  choosing,
  codeText,
  fastest,
  pathOf,
  type Rule,
  ruleNames,
  rules,
  saving,
  secondsOf,
  series,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'jobs by time';
const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v / values.length, 0);
/** Rules that have something to choose. */
const searched = ['m-sgc', 'sr-sgc', 'gc'] as const satisfies readonly Rule[];

interface Found {
  /** By rule: the best code on the path, its seconds on a fresh one, and those of the best one there. */
  readonly own: Readonly<Record<Rule, Chosen>>;
  readonly fresh: Readonly<Record<Rule, number>>;
  readonly best: Readonly<Partial<Record<Rule, number>>>;
}

/** Run times of codes that are chosen on one path of random delays, there and on a fresh path. */
export default experiment(record, {
  id: 'run-time',
  title: 'Simulated run times',
  panels: [
    { title: PANEL, x: { label: 'seconds' }, y: { label: 'jobs that are decoded' }, series, control: 'gc' },
    {
      title: 'time by path',
      x: { label: 'path' },
      y: { label: 'seconds on a fresh path' },
      series,
      control: 'gc',
    },
  ],
  claims: ['run-time', 'fresh-rounds'],
  method: choosing,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims['run-time'].sizes[size];
    const { n, jobs, loadSlope, paths, maxDelay } = sizes;
    const setting = { jobs, loadSlope };
    const pause = pauses(context);
    const found: Found[] = [];
    for (let path = 0; path < paths; path++) {
      const [earlier, later] = [2 * path, 2 * path + 1].map((at) => pathOf(sizes, jobs + maxDelay, seed, at));
      const own = {} as Record<Rule, Chosen>;
      const fresh = {} as Record<Rule, number>;
      const best: Partial<Record<Rule, number>> = {};
      for (const [at, rule] of ruleNames.entries()) {
        const fraction = (path + at / ruleNames.length) / paths;
        yield { kind: 'progress', label: `path ${path + 1}: ${rules[rule]}`, fraction };
        const tried = candidates(rule, n, maxDelay);
        own[rule] = await fastest(tried, method(earlier, later), setting, pause);
        fresh[rule] = secondsOf(own[rule].options, later, setting);
        if (path === 0) {
          const options = { jobs, loadSlope, waitFor: 'all' } as const;
          const { jobFinish } = simulateStragglers(sequentialCode(own[rule].options), earlier, options);
          const x = [...jobFinish].sort((a, b) => a - b);
          yield { kind: 'points', panel: PANEL, series: rule, x, y: x.map((_, k) => k + 1) };
        }
        yield { kind: 'points', panel: 'time by path', series: rule, x: [path + 1], y: [fresh[rule]] };
        if (searched.some((one) => one === rule)) best[rule] = (await fastest(tried, later, setting, pause)).seconds;
      }
      found.push({ own, fresh, best });
    }
    const savings = found.map(({ own }) => saving(own['m-sgc'].seconds, own.gc.seconds));
    const later = found.map(({ fresh }) => saving(fresh['m-sgc'], fresh.gc));
    const labelled = (values: readonly number[], word: string) =>
      values.map((value, k) => ({ label: `${word} ${k + 1}`, value }));
    const atFull = size === 'full';
    yield decide('run-time', {
      mean: mean(savings),
      each: atFull ? labelled(savings, 'path') : undefined,
      fresh: atFull ? labelled(later, 'fresh path') : undefined,
      selective: atFull ? Math.max(...found.map(({ own }) => own['sr-sgc'].seconds / own.gc.seconds)) : undefined,
    });
    const lost = found.flatMap(({ fresh, best }) => searched.map((rule) => 100 * (fresh[rule] / best[rule]! - 1)));
    yield decide('fresh-rounds', { optimism: mean(lost) });
    const rows: Cell[][] = found.flatMap(({ own, fresh, best }, path) =>
      ruleNames.map((rule) => [
        ...[path + 1, rules[rule], codeText(own[rule].options), sequentialCode(own[rule].options).load],
        ...[own[rule].seconds, saving(own[rule].seconds, own.gc.seconds)],
        ...[fresh[rule], saving(fresh[rule], fresh.gc), best[rule] ?? '–'],
      ]),
    );
    yield {
      kind: 'table',
      title: 'Seconds of the best code of each rule, on the path that chose it and on a fresh one',
      columns: [
        ...['path', 'rule', 'code', 'load', 'seconds', 'saving, %'],
        ...['on a fresh path', 'saving there, %', 'least there'],
      ],
      rows,
    };
  },
});
