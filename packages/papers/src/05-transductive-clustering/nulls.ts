import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Passes = new (a: Float64Array, k: number, W: unknown, lambda: number, fixed?: Int32Array) => { next(): number };

export default nulls(record, [
  {
    id: 'no-message',
    says: 'with neighbours say nothing: λ is 0 in every pass',
    kinds: ['ingredient'],
    claims: ['one-shot', 'clamped-labels', 'clustering', 'bound-passes'],
    module: 'southwell/clustering/bound',
    name: 'BoundUpdates',
    by: (Original: Passes): Passes =>
      class extends Original {
        constructor(...[a, k, W, , fixed]: ConstructorParameters<Passes>) {
          super(a, k, W, 0, fixed);
        }
      },
  },
  {
    id: 'tenth-message',
    says: 'with λ is a tenth of what is asked for',
    kinds: ['ingredient'],
    claims: ['bound-passes'],
    module: 'southwell/clustering/bound',
    name: 'BoundUpdates',
    by: (Original: Passes): Passes =>
      class extends Original {
        constructor(...[a, k, W, lambda, fixed]: ConstructorParameters<Passes>) {
          super(a, k, W, lambda / 10, fixed);
        }
      },
  },
  {
    id: 'one-pass',
    says: 'with the first pass alone',
    kinds: ['ingredient'],
    claims: ['bound-passes'],
    module: 'southwell/clustering/bound',
    name: 'BoundUpdates',
    by: (Original: Passes): Passes =>
      class extends Original {
        private passes = 0;
        override next(): number {
          return this.passes++ === 0 ? super.next() : 0;
        }
      },
  },
  {
    id: 'strangers',
    says: 'with neighbours are points far down the list, not the nearest',
    kinds: ['ingredient'],
    claims: ['one-shot', 'clustering'],
    module: 'southwell/clustering/affinity',
    name: 'neighbourAffinity',
    by:
      (original: (neighbours: Neighbours, options: unknown) => unknown): typeof original =>
      (neighbours, options) => {
        const n = neighbours.indices.length / neighbours.k;
        const indices = neighbours.indices.map((q, t) => {
          const p = Math.floor(t / neighbours.k);
          const stranger = (q + Math.floor(n / 2)) % n;
          return stranger === p ? q : stranger;
        });
        return original({ ...neighbours, indices }, options);
      },
  },
  {
    id: 'prototypes-stay',
    says: 'with prototypes stay where they start',
    kinds: ['ingredient'],
    claims: ['one-shot', 'moving-prototypes', 'clamped-labels', 'clustering'],
    module: 'southwell/clustering/prototypes',
    name: 'mean',
    by: () => () => {},
  },
  {
    id: 'labels-free',
    says: 'with known labels only choose the start',
    kinds: ['ingredient'],
    claims: ['clamped-labels'],
    module: 'southwell/clustering/bound',
    name: 'BoundUpdates',
    by: (Original: Passes): Passes =>
      class extends Original {
        constructor(...[a, k, W, lambda]: ConstructorParameters<Passes>) {
          super(a, k, W, lambda);
        }
      },
  },
]);

interface Neighbours {
  readonly k: number;
  readonly indices: Int32Array;
}
