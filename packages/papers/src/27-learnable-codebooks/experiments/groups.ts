import { Random } from '@southwell/numerics/core';
import { permutationSpec, permuteModel } from 'southwell/merging';
import { experiment } from '../../define.ts';
import type { ExperimentEvent } from '../../experiment.ts';
import { digitSet } from '../../material/perceptrons.ts';
import { pauses } from '../../pauses.ts';
import { type Arm, armOf, Losses, learn, materialOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'Training loss as layers are compressed to two bits';
const VARIANTS = { multi: 'several codebooks', scales: 'scales' } as const;
const LEARNED = { alone: 'k-means', learned: 'learned' } as const;
type Variant = keyof typeof VARIANTS;
type Learned = keyof typeof LEARNED;
type Grouping = 'one group' | 'groups by spread' | 'groups at random';

const nameOf = (learned: Learned, grouping: Grouping, variant?: Variant): string =>
  `${grouping}${variant ? `, ${VARIANTS[variant]}` : ''}, ${LEARNED[learned]}`;
const variants = Object.keys(VARIANTS) as Variant[];
const both = Object.keys(LEARNED) as Learned[];

/** Groups of neurons by the spread of their weights, with values or scales of their own. */
export default experiment(record, {
  id: 'groups',
  title: 'Groups of neurons without a map',
  panels: [
    {
      title: PANEL,
      x: { label: 'compressed layers' },
      y: { label: 'loss on 1000 training images' },
      series: both
        .toReversed()
        .flatMap((learned) => [
          nameOf(learned, 'one group'),
          ...variants.flatMap((variant) => [
            nameOf(learned, 'groups by spread', variant),
            nameOf(learned, 'groups at random', variant),
          ]),
        ]),
      control: nameOf('learned', 'one group'),
    },
  ],
  claims: ['groups'],
  method: learn,
  async *run(context, decide, method) {
    const sizes = locked.claims.groups.sizes[context.size];
    const { bits, steps, batch: batchSize, groups } = sizes;
    const pause = pauses(context);
    yield { kind: 'progress', label: 'training', fraction: 0 };
    const material = await materialOf(await digitSet(), sizes, context.seed, pause);
    const { model, calibrate } = material;
    const losses = new Losses(PANEL, material);
    const spec = permutationSpec(model, calibrate);
    const random = new Random(context.seed).split(1);
    const mixed = permuteModel(
      model,
      spec,
      Object.fromEntries(Object.entries(spec.sizes).map(([name, n]) => [name, random.permutation(n)])),
    );
    const found = new Map<string, Arm>();
    const arm = async function* (
      learned: Learned,
      grouping: Grouping,
      variant?: Variant,
    ): AsyncGenerator<ExperimentEvent> {
      const name = nameOf(learned, grouping, variant);
      yield { kind: 'progress', label: name, fraction: found.size / 10 };
      const at = grouping === 'groups at random' ? mixed : model;
      const options = {
        ...{ bits, steps, batchSize, seed: context.seed },
        ...(variant && { groups, variant }),
        ...(grouping === 'groups at random' && { order: 'given' as const }),
        ...(learned === 'alone' && { mapping: 'none' as const, values: false }),
      };
      found.set(name, yield* armOf(name, method, at, material, losses, options, pause));
    };
    for (const learned of both) {
      yield* arm(learned, 'one group');
      for (const variant of variants) {
        yield* arm(learned, 'groups by spread', variant);
        yield* arm(learned, 'groups at random', variant);
      }
    }
    const of = (...which: Parameters<typeof nameOf>): Arm => found.get(nameOf(...which))!;
    const each = (value: (variant: Variant) => number) =>
      variants.map((variant) => ({ label: VARIANTS[variant], value: value(variant) }));
    const over = (learned: Learned, other: Grouping) =>
      each((variant) => {
        const reference = other === 'one group' ? of(learned, other) : of(learned, other, variant);
        return of(learned, 'groups by spread', variant).rise / reference.rise;
      });
    yield decide('groups', {
      alone: over('alone', 'one group'),
      aloneRandom: over('alone', 'groups at random'),
      learned: over('learned', 'one group'),
      learnedRandom: Math.max(...over('learned', 'groups at random').map(({ value }) => value)),
      harmless: each((variant) => {
        const by = of('learned', 'groups by spread', variant).rise - of('learned', 'one group').rise;
        return by / of('alone', 'one group').rise;
      }),
      bytes: each((variant) => of('learned', 'groups by spread', variant).bytes / of('learned', 'one group').bytes),
    });
    yield losses.table;
    const layer = of('alone', 'groups by spread', 'multi').layers[1];
    const { codebooks, indices, boundaries } = layer.weights.codes;
    const values = Array.from(indices, (place, at) => {
      const row = Math.floor(at / layer.inputs);
      const group = boundaries.findLastIndex((first) => first <= row);
      return codebooks[group * 2 ** bits + place];
    });
    const picture = { type: 'image', width: layer.inputs, height: layer.outputs, values, value: 'weight' } as const;
    yield {
      kind: 'picture',
      title: 'The second layer, neurons by the spread of their weights, four values a group',
      picture,
    };
  },
});
