import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import {
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

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v / values.length, 0);
const PANEL = 'time by path, one round to spare';

/** Where sending again what was missed is too dear: one round to spare, few slow workers, and load that costs as much as the rest of a round. */
export default experiment(record, {
  id: 'deadline',
  title: 'One round to spare',
  panels: [{ title: PANEL, x: { label: 'path' }, y: { label: 'seconds on a fresh path' }, series, control: 'gc' }],
  claims: ['deadline'],
  method: choosing,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims.deadline.sizes[size];
    const { n, jobs, loadSlope, paths, maxDelay } = sizes;
    const setting = { jobs, loadSlope };
    const pause = pauses(context);
    const rows: Cell[][] = [];
    const [again, code]: number[][] = [[], []];
    for (let path = 0; path < paths; path++) {
      const [earlier, later] = [2 * path, 2 * path + 1].map((at) => pathOf(sizes, jobs + maxDelay, seed, at));
      const seconds = {} as Record<Rule, number>;
      const codes = {} as Record<Rule, string>;
      for (const [at, rule] of ruleNames.entries()) {
        const fraction = (path + at / ruleNames.length) / paths;
        yield { kind: 'progress', label: `path ${path + 1}: ${rules[rule]}`, fraction };
        const { options } = await fastest(candidates(rule, n, maxDelay), method(earlier, later), setting, pause);
        seconds[rule] = secondsOf(options, later, setting);
        codes[rule] = codeText(options);
        yield { kind: 'points', panel: PANEL, series: rule, x: [path + 1], y: [seconds[rule]] };
      }
      again.push(saving(seconds['m-sgc'], seconds.again));
      code.push(saving(seconds['m-sgc'], seconds.gc));
      for (const rule of ruleNames)
        rows.push([path + 1, rules[rule], codes[rule], seconds[rule], saving(seconds['m-sgc'], seconds[rule])]);
    }
    yield decide('deadline', { again: mean(again), code: mean(code) });
    yield {
      kind: 'table',
      title: 'Seconds on fresh paths, and how much less M-SGC takes',
      columns: ['path', 'rule', 'code', 'seconds', 'M-SGC saves, %'],
      rows,
    };
  },
});
