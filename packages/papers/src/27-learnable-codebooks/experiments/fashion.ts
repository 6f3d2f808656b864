import { experiment } from '../../define.ts';
import { fashion, fashionSet } from '../../material/fashion.ts';
import { pauses } from '../../pauses.ts';
import { type Arm, armOf, Losses, learn, materialOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'Training loss as layers are compressed to two bits';
const arms = {
  'k-means': { mapping: 'none', values: false },
  'values alone learned': { mapping: 'none' },
  'values and indices learned': {},
} as const;
type Name = keyof typeof arms;
const names = Object.keys(arms) as Name[];

/** All layers of a classifier of Fashion-MNIST at two bits. */
export default experiment(record, {
  id: 'fashion',
  title: 'Pictures of clothes at two bits a weight',
  panels: [
    {
      title: PANEL,
      x: { label: 'compressed layers' },
      y: { label: 'loss on 1000 training images' },
      series: names,
      control: 'k-means',
    },
  ],
  needs: { quick: [fashion], full: [fashion] },
  claims: ['fashion'],
  method: learn,
  async *run(context, decide, method) {
    const sizes = locked.claims.fashion.sizes[context.size];
    const { bits, steps, batch: batchSize } = sizes;
    const pause = pauses(context);
    yield { kind: 'progress', label: 'training', fraction: 0 };
    const material = await materialOf(await fashionSet(context), sizes, context.seed, pause);
    const losses = new Losses(PANEL, material);
    const found: Partial<Record<Name, Arm>> = {};
    for (const [i, name] of names.entries()) {
      yield { kind: 'progress', label: name, fraction: (i + 1) / (names.length + 1) };
      const options = { bits, steps, batchSize, seed: context.seed, ...arms[name] };
      found[name] = yield* armOf(name, method, material.model, material, losses, options, pause);
    }
    const { 'k-means': means, 'values and indices learned': joint } = found as Record<Name, Arm>;
    yield decide('fashion', { share: 1 - joint.rise / means.rise, bits: joint.bits });
    yield losses.table;
  },
});
