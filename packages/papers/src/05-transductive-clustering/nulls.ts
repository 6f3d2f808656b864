import { nulls } from '../verdicts/nulls.ts';
import type { Method } from './lab.ts';
import { record } from './record.ts';

type Passes = new (a: Float64Array, k: number, W: unknown, lambda: number, fixed?: Int32Array) => { next(): number };

const lab = { module: 'papers/05-transductive-clustering/lab', name: 'libraryMethod' } as const;

export default nulls(record, [
  {
    id: 'one-class',
    says: 'with all queries, or all points, in one class',
    kinds: ['nothing'],
    claims: ['one-shot', 'moving-prototypes', 'clamped-labels', 'clustering'],
    ...lab,
    by: (original: Method): Method => ({
      classify(...given) {
        const found = original.classify(...given);
        return { ...found, classes: found.classes.map(() => 0) };
      },
      *iterates(...given) {
        for (const it of original.iterates(...given)) {
          const snapshot = () => {
            const found = it.snapshot();
            return { ...found, assignments: found.assignments.map(() => 0) };
          };
          yield { ...it, snapshot };
        }
      },
    }),
  },
  {
    id: 'nearest',
    says: 'with the nearest class mean in place of clustering',
    kinds: ['baseline'],
    claims: ['one-shot', 'moving-prototypes', 'clamped-labels'],
    ...lab,
    by: (original: Method): Method => ({
      ...original,
      classify: (support, labels, query, options) =>
        original.classify(support, labels, query, { ...options, prototype: 'fixed', lambda: 0 }),
    }),
  },
  {
    id: 'k-means',
    says: 'with K-means, whatever λ is',
    kinds: ['baseline'],
    claims: ['clustering'],
    ...lab,
    by: (original: Method): Method => ({
      ...original,
      iterates: (points, k, W, options) => original.iterates(points, k, W, { ...options, lambda: 0 }),
    }),
  },
  {
    id: 'no-pass',
    says: 'without a pass',
    kinds: ['nothing'],
    claims: ['bound-passes'],
    module: 'southwell/clustering/bound',
    name: 'BoundUpdates',
    by: (Original: Passes): Passes =>
      class extends Original {
        override next(): number {
          return 0;
        }
      },
  },
  {
    id: 'costs-alone',
    says: 'with a softmax of the costs in place of every pass',
    kinds: ['baseline'],
    claims: ['bound-passes'],
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
    id: 'no-message',
    says: 'with λ = 0 in every pass, so that neighbours have no say',
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
    says: 'with a tenth of λ',
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
    says: 'with points far down the list in place of the nearest neighbours',
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
    says: 'with prototypes that stay where they start',
    kinds: ['ingredient'],
    claims: ['one-shot', 'moving-prototypes', 'clamped-labels', 'clustering'],
    module: 'southwell/clustering/prototypes',
    name: 'mean',
    by: () => () => {},
  },
  {
    id: 'labels-free',
    says: 'with known labels that only choose the start',
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
