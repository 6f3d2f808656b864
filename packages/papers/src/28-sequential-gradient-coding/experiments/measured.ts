import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { cloudDelays, measuredDelays, someRounds } from '../delays.ts';
import {
  candidates,
  choosing,
  codeText,
  fastest,
  type Rule,
  ruleNames,
  rules,
  saving,
  secondsOf,
  series,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'seconds a job on later rounds';
const REACH = 'saving by the cost of load, measured delays';
const needs = [cloudDelays];

/** Codes that are chosen on the first half of recorded rounds of cloud functions, on the second half. */
export default experiment(record, {
  id: 'measured',
  title: 'Measured delays',
  needs: { quick: needs, full: needs },
  panels: [
    { title: PANEL, x: { label: 'series' }, y: { label: 'seconds a job', log: true }, series, control: 'gc' },
    {
      title: REACH,
      x: { label: 'seconds of the whole data set', log: true },
      y: { label: 'saving over the best gradient code, %' },
      series: ['{network and profile}, {region}, {number} rounds'],
    },
  ],
  claims: ['measured'],
  method: choosing,
  async *run(context, decide, method) {
    const { least, maxDelay, long, slopes } = locked.claims.measured.sizes[context.size];
    const pause = pauses(context);
    const all = await measuredDelays(context);
    const rows: Cell[][] = [];
    const [savings, longer]: { label: string; value: number }[][] = [[], []];
    const overStrict: number[] = [];
    for (const [k, measured] of all.entries()) {
      const { name, n, rounds, slope: loadSlope, slow } = measured;
      const half = Math.floor(rounds / 2);
      const earlier = someRounds(measured, 0, half);
      const later = someRounds(measured, half, rounds);
      // Both have room for the delays of all codes.
      const setting = { jobs: half - maxDelay, loadSlope };
      const many = someRounds(measured, half, rounds, long + maxDelay);
      const seconds = {} as Record<Rule, number>;
      const repeated = {} as Record<Rule, number>;
      const codes = {} as Record<Rule, string>;
      for (const [at, rule] of ruleNames.entries()) {
        yield {
          kind: 'progress',
          label: `${name}: ${rules[rule]}`,
          fraction: (k + at / ruleNames.length) / all.length,
        };
        const { options } = await fastest(candidates(rule, n, maxDelay), method(earlier, later), setting, pause);
        codes[rule] = codeText(options);
        seconds[rule] = secondsOf(options, later, setting);
        repeated[rule] = secondsOf(options, many, { jobs: long, loadSlope });
        yield { kind: 'points', panel: PANEL, series: rule, x: [k + 1], y: [seconds[rule] / setting.jobs] };
      }
      const over = (rule: Rule) => saving(seconds['m-sgc'], seconds[rule]);
      if (rounds >= least) {
        savings.push({ label: name, value: over('gc') });
        longer.push({ label: name, value: saving(repeated['m-sgc'], repeated.gc) });
        overStrict.push(over('strict'));
      }
      for (const rule of ruleNames)
        rows.push([
          ...[k + 1, name, rounds >= least ? 'yes' : 'no', slow, loadSlope, rules[rule], codes[rule]],
          ...[seconds[rule], over(rule), saving(repeated['m-sgc'], repeated[rule])],
        ]);
    }
    yield decide('measured', {
      saving: savings,
      repeated: longer,
      strict: overStrict.reduce((sum, v) => sum + v, 0) / overStrict.length,
      most: Math.max(...savings.map(({ value }) => value)),
    });
    // Where it turns: the same delays, were the data dearer.
    for (const measured of all.filter(({ rounds }) => rounds >= least)) {
      const { name, n, rounds } = measured;
      const half = Math.floor(rounds / 2);
      const [earlier, later] = [someRounds(measured, 0, half), someRounds(measured, half, rounds)];
      for (const loadSlope of slopes) {
        const setting = { jobs: half - maxDelay, loadSlope };
        const seconds = { 'm-sgc': 0, gc: 0 };
        for (const rule of ['m-sgc', 'gc'] as const) {
          const { options } = await fastest(candidates(rule, n, maxDelay), method(earlier, later), setting, pause);
          seconds[rule] = secondsOf(options, later, setting);
        }
        const y = [saving(seconds['m-sgc'], seconds.gc)];
        yield { kind: 'points', panel: REACH, series: name, x: [loadSlope], y };
      }
    }
    yield {
      kind: 'table',
      title: `Seconds on the second half of the rounds, once and repeated to ${long} jobs; the abstract has savings of up to 16 %`,
      columns: [
        ...['series', 'of', 'judges', 'slow', 'slope, s', 'rule', 'code'],
        ...['seconds', 'M-SGC saves, %', 'repeated, %'],
      ],
      rows,
    };
  },
});
