import { Random } from '@southwell/numerics/core';
import type { Schedule } from 'southwell/optimisers';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import type { Size } from '../../record.ts';
import {
  type ExponentName,
  exponents,
  libraryMethod,
  type Optimiser,
  type Orders,
  optimisers,
  type Refine,
  refinedShape,
  type ShapeName,
  shapes,
  stepsOf,
  type Trained,
  type Training,
  type Tried,
  train,
  trained,
  tried,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { optimum } from '../optimum.ts';
import { record } from '../record.ts';
import { type Suite, suites, synthetic } from '../sets.ts';
import { softmax } from '../softmax.ts';

/** The runs on a data set. */
interface Cast {
  readonly suite: Suite;
  readonly optimiser: Optimiser;
  readonly schedules: ReadonlyArray<ShapeName | ExponentName | 'average' | 'refined'>;
}
const everything = [
  ...(Object.keys(shapes) as ShapeName[]),
  ...(Object.keys(exponents) as ExponentName[]),
  'average',
  'refined',
] as const;
const compared = ['flat', '1/√t', 'cosine', 'linear', 'exponent ½', 'exponent 2'] as const;
const casts = (size: Size): Cast[] => {
  const sets: readonly Suite[] = locked.claims['linear-decay'].sizes[size].suites;
  return sets.flatMap((suite): Cast[] => {
    if (size === 'full') return optimisers.map((optimiser) => ({ suite, optimiser, schedules: everything }));
    if (suite !== 'ill') return [{ suite, optimiser: 'SGD', schedules: compared }];
    return optimisers.map((optimiser) => ({ suite, optimiser, schedules: ['linear', 'refined'] }));
  });
};

type Gaps = Readonly<Record<string, number>>;

function meanGap(all: readonly Gaps[], name: string, { rate }: Tried): string {
  const mean = all.reduce((sum, gap) => sum + gap[name], 0) / all.length;
  return `${mean.toExponential(2)} (${rate.toPrecision(2)})`;
}

/** Schedules, each with its own rate, on logistic regressions: their final suboptimality. */
export default experiment(record, {
  id: 'logistic',
  title: 'Schedules on logistic regressions',
  panels: [
    {
      title: 'Gap on ill where the grid of rates ends, first set, {optimiser}',
      x: { label: 'largest rate', log: true },
      y: { label: 'training loss minus optimum', log: true },
      series: ['linear decay', 'refined'],
      control: 'linear decay',
    },
  ],
  claims: ['linear-decay', 'exponents', 'refinement'],
  method: libraryMethod,
  async *run(context, decide, method: Refine) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const root = new Random(context.seed);
    const extent = locked.claims['linear-decay'].sizes[context.size];
    const plan = casts(context.size);
    const gaps = new Map<string, Gaps[]>(plan.map(({ suite, optimiser }) => [`${suite} ${optimiser}`, []]));
    const rates = new Map<string, Tried>();
    const of = (suite: Suite, optimiser: Optimiser, name: string, limit: (gap: Gaps) => number) =>
      gaps.get(`${suite} ${optimiser}`)!.map((gap) => ({ value: gap[name], reference: limit(gap) }));
    const good = extent.suites.filter((suite) => suite !== 'ill') as readonly Suite[];
    const beside = (limit: (gap: Gaps) => number, sets: readonly Suite[] = good) =>
      sets.map((label) => ({ label, draws: of(label, 'SGD', 'linear', limit) }));
    const linear = () => ({
      flat: beside((gap) => gap.flat),
      root: beside((gap) => gap['1/√t']),
      cosine: beside(({ cosine }) => Math.max(1.25 * cosine, cosine + 1e-4), full ? suites : good),
      ...(full && {
        ill: (['flat', '1/√t'] as const).map((label) => ({
          label,
          draws: of('ill', 'SGD', 'linear', (gap) => gap[label]),
        })),
      }),
    });
    const powers = () => ({
      lower: beside((gap) => Math.min(gap['exponent ½'], gap['exponent 2']), full ? suites : good),
    });
    const refined = () => ({
      ill: optimisers.map((label) => ({ label, draws: of('ill', label, 'refined', (gap) => gap.linear) })),
      ...(full && {
        elsewhere: good.flatMap((suite) =>
          optimisers.map((optimiser) => ({
            label: `${suite} by ${optimiser}`,
            draws: of(suite, optimiser, 'refined', (gap) => Math.max(2.5 * gap.linear, gap.linear + 3e-4)),
          })),
        ),
      }),
    });

    // A claim is decided at the first look that settles it; further sets are only run for the other.
    const open = new Set(['linear-decay', 'exponents', 'refinement']);
    const most = locked.claims['linear-decay'].draws[context.size].at(-1)!;
    let draws = 0;
    for (;;) {
      if (open.has('linear-decay') && decide.enough('linear-decay', draws, linear)) {
        open.delete('linear-decay');
        yield decide('linear-decay', linear());
      }
      if (open.has('exponents') && decide.enough('exponents', draws, powers)) {
        open.delete('exponents');
        yield decide('exponents', powers());
      }
      if (open.has('refinement') && decide.enough('refinement', draws, refined)) {
        open.delete('refinement');
        yield decide('refinement', refined());
      }
      if (open.size === 0) break;
      for (const [place, { suite, optimiser, schedules }] of plan.entries()) {
        if (!full && (suite === 'ill' ? !open.has('refinement') : open.size === 1 && open.has('refinement'))) continue;
        const fraction = (draws + place / plan.length) / most;
        yield { kind: 'progress', label: `set ${draws + 1}: ${suite} by ${optimiser}`, fraction };
        const random = root.split(draws).split(suites.indexOf(suite));
        const set = synthetic(suite, extent, random);
        const { loss: least } = await optimum(set, pause);
        const subject = trained(softmax(set));
        const training = { optimiser, epochs: extent.epochs, batchSize: extent.batch };
        const orders = { tuning: random.integer(2 ** 32), judging: random.integer(2 ** 32) };
        const found = await triedAll(subject, training, { schedules, orders, method, pause }, (name, one) =>
          rates.set(`${suite} ${optimiser} ${name}`, one),
        );
        for (const name of Object.keys(found)) found[name] -= least;
        if (schedules.includes('refined') && draws === 0 && suite === 'ill') {
          const { rate } = rates.get(`${suite} ${optimiser} linear`)!;
          const grid = Array.from({ length: 7 }, (_, k) => rate * 2 ** (k - 5));
          const panel = `Gap on ill where the grid of rates ends, first set, ${optimiser}`;
          const ends = await gridEnds(subject, training, method, grid, orders, pause);
          for (const [series, losses] of Object.entries(ends)) {
            yield { kind: 'points', panel, series, x: grid, y: losses.map((loss) => loss - least) };
          }
        }
        gaps.get(`${suite} ${optimiser}`)!.push(found);
      }
      draws++;
    }
    yield {
      kind: 'table',
      title: `Loss minus optimum, mean over sets (largest rate of the last one)`,
      columns: ['set', ...everything],
      rows: plan.map(({ suite, optimiser, schedules }): Cell[] => [
        `${suite}, ${optimiser}`,
        ...everything.map((name) =>
          schedules.includes(name as never)
            ? meanGap(gaps.get(`${suite} ${optimiser}`)!, name, rates.get(`${suite} ${optimiser} ${name}`)!)
            : '',
        ),
      ]),
    };
  },
});

interface Trying {
  readonly schedules: Cast['schedules'];
  readonly orders: Orders;
  readonly method: Refine;
  readonly pause: Pause;
}

/** The loss of each schedule at its own rate; the refined one from the norms of linear decay. */
async function triedAll(
  subject: Trained,
  training: Training,
  { schedules, orders, method, pause }: Trying,
  told: (name: string, one: Tried) => void,
): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  const tell = (name: string, one: Tried): void => {
    told(name, one);
    found[name] = one.loss;
  };
  let rate = Number.NaN;
  for (const name of schedules) {
    if (name === 'refined') continue;
    const shape = name === 'average' ? shapes.flat : { ...shapes, ...exponents }[name];
    const of = name === 'average' ? 'average' : 'loss';
    const one = await tried(subject, training, shape, orders, pause, { of });
    if (name === 'linear') rate = one.rate;
    tell(name, one);
  }
  if (schedules.includes('refined')) {
    const { shape } = await refinedShape(subject, training, method, rate, orders, pause);
    tell('refined', await tried(subject, training, shape, orders, pause));
  }
  return found;
}

/**
 * The results of schedules if rates had only been searched up to each value of a grid: for refined schedules, from the
 * norms at that rate under linear decay, at it or half of it. Below the best rates refinement is ahead.
 */
async function gridEnds(
  subject: Trained,
  training: Training,
  method: Refine,
  grid: readonly number[],
  orders: Orders,
  pause: Pause,
): Promise<{ readonly 'linear decay': number[]; readonly refined: number[] }> {
  const steps = stepsOf(subject, training);
  const [linear, refined]: [number[], number[]] = [[], []];
  const ending = async (schedule: Schedule) => (await train(subject, training, schedule, orders.judging, pause)).loss;
  for (const rate of grid) {
    linear.push(await ending(shapes.linear(rate, steps)));
    const { shape } = await refinedShape(subject, training, method, rate, orders, pause);
    refined.push(Math.min(await ending(shape(rate, steps)), await ending(shape(rate / 2, steps))));
  }
  return { 'linear decay': linear, refined };
}
