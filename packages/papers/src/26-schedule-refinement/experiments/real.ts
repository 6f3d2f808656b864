import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { libraryMethod, type Refine, refinedShape, type ShapeName, shapes, trained, tried } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { realSets } from '../sets.ts';
import { softmax } from '../softmax.ts';

const names = [...(Object.keys(shapes) as ShapeName[]), 'refined'] as const;
type Name = (typeof names)[number];

/** Schedules, each with its own rate, on the bundled data sets: which has the lowest final loss. */
export default experiment(record, {
  id: 'real',
  title: 'Schedules on real sets',
  panels: [
    {
      title: 'Refined, over the part of the run',
      x: { label: 'part of the run' },
      y: { label: 'part of the largest rate' },
      series: ['{data}'],
    },
  ],
  claims: ['real-sets', 'real-ranks'],
  method: libraryMethod,
  async *run(context, decide, method: Refine) {
    const { rows: most, pixels, epochs, orders: repeats, batch, tie } = locked.claims['real-sets'].sizes[context.size];
    const pause = pauses(context);
    const random = new Random(context.seed);
    const training = { optimiser: 'SGD', epochs, batchSize: batch } as const;
    const sets = await realSets(most, pixels, random.split(0));
    const rows: Cell[][] = [];
    const ranks = { linear: 0, refined: 0 };
    let wins = 0;
    for (const [k, set] of sets.entries()) {
      const subject = trained(softmax(set));
      const losses = Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
      for (let r = 0; r < repeats; r++) {
        const own = random.split(1 + k).split(r);
        const orders = { tuning: own.integer(2 ** 32), judging: own.integer(2 ** 32) };
        let rate = Number.NaN;
        for (const name of names) {
          yield { kind: 'progress', label: `${set.name}: ${name}`, fraction: (k + r / repeats) / sets.length };
          const refined = name === 'refined' && (await refinedShape(subject, training, method, rate, orders, pause));
          const one = await tried(
            subject,
            training,
            refined ? refined.shape : shapes[name as ShapeName],
            orders,
            pause,
          );
          if (name === 'linear') rate = one.rate;
          losses[name] += one.loss / repeats;
          if (refined && r === 0) {
            const { values } = refined;
            const x = Array.from(values, (_, t) => t / (values.length - 1));
            yield { kind: 'points', panel: 'Refined, over the part of the run', series: set.name, x, y: [...values] };
          }
        }
      }
      const equal = (name: Name, other: Name) => Math.abs(losses[name] - losses[other]) <= tie * losses[name];
      const rankOf = (name: Name) =>
        names.reduce((rank, other) => rank + (equal(name, other) ? 0.5 : losses[other] < losses[name] ? 1 : 0), 0.5);
      ranks.linear += rankOf('linear') / sets.length;
      ranks.refined += rankOf('refined') / sets.length;
      if ((['flat', '1/t', '1/√t'] as const).every((name) => losses.linear < losses[name])) wins++;
      rows.push([set.name, ...names.map((name) => losses[name])]);
    }
    yield decide('real-sets', { wins: wins / sets.length });
    yield decide('real-ranks', { rank: { value: ranks.refined, reference: ranks.linear } });
    yield { kind: 'table', title: 'Training loss after tuning', columns: ['set', ...names], rows };
  },
});
