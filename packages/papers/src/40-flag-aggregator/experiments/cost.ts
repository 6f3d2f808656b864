import { aggregate } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { RULES, type Rule } from '../rules.ts';
import { drawOf } from '../training.ts';

const PANEL = 'Seconds of an aggregation';
const MULTI_KRUM = 'multi-krum';

/** Time of an aggregation on one core, beside Multi-Krum. */
export default experiment(record, {
  id: 'cost',
  title: 'Cost of an aggregation',
  panels: [
    {
      title: PANEL,
      x: { label: 'workers' },
      y: { label: 'seconds', log: true },
      series: [
        { id: 'flag', name: RULES['flag-5'].name },
        { id: MULTI_KRUM, name: RULES[MULTI_KRUM].name },
      ],
      control: MULTI_KRUM,
    },
  ],
  timed: true,
  claims: ['cost'],
  method: RULES['flag-5'].options as Rule,
  async *run(context, decide, method) {
    const { length, workers, faulty, repetitions } = locked.claims.cost.sizes[context.size];
    const pause = pauses(context);
    const rules = [
      ['flag', method],
      [MULTI_KRUM, RULES[MULTI_KRUM].options],
    ] as const;
    const seconds = new Map<string, number[]>(rules.map(([id]) => [id, []]));
    for (const [k, p] of workers.entries()) {
      const random = drawOf(context.seed, k);
      const gradients: Float32Array[] = [];
      for (let i = 0; i < p; i++) {
        gradients.push(Float32Array.from({ length }, () => random.normal()));
        await pause();
      }
      const least = new Map(rules.map(([id]) => [id as string, Number.POSITIVE_INFINITY]));
      // The first time is not measured: it compiles, and allocates memory.
      for (let repetition = 0; repetition <= repetitions; repetition++) {
        for (const [id, rule] of rules) {
          yield {
            ...{ kind: 'progress', label: `${p} workers` },
            fraction: (k + repetition / (repetitions + 1)) / workers.length,
          };
          await pause();
          const start = performance.now();
          aggregate(gradients, rule(faulty));
          const taken = (performance.now() - start) / 1000;
          if (repetition > 0) least.set(id, Math.min(least.get(id)!, taken));
        }
      }
      for (const [id] of rules) seconds.get(id)!.push(least.get(id)!);
    }
    const [own, rival] = [seconds.get('flag')!, seconds.get(MULTI_KRUM)!];
    yield decide('cost', { time: workers.map((p, k) => ({ label: `${p} workers`, value: own[k] / rival[k] })) });
    for (const [series, y] of seconds) yield { kind: 'points', panel: PANEL, series, x: [...workers], y };
    const columns = ['workers', 'flag, five passes', 'Multi-Krum', 'ratio'];
    const rows = workers.map((p, k) => [p, own[k], rival[k], own[k] / rival[k]]);
    const title = `Seconds of an aggregation of ${length} numbers a worker, least of ${repetitions}`;
    yield { kind: 'table', title, columns, rows };
  },
});
