import { nulls } from '../verdicts/nulls.ts';
import type { Method } from './learner.ts';
import { record } from './record.ts';

type Weight = (t: number) => number;
type Samples = (...args: readonly unknown[]) => { readonly data: Float64Array };
type Vertex = (G: Float64Array, n: number, near: Float64Array) => Float64Array;
type Floored = (schedule: Weight, floor: number, name: string) => Weight;
type Power = (z: Float64Array, p: number) => number;

export default nulls(record, [
  {
    id: 'still',
    says: 'with the dictionary of the start',
    kinds: ['nothing'],
    claims: record.claims.map(({ id }) => id),
    module: 'papers/14-online-orthogonal-dictionary/learner',
    name: 'libraryMethod',
    by:
      (original: Method): Method =>
      (options) => {
        const learner = original(options);
        return {
          update: () => {},
          dictionary: () => learner.dictionary(),
          iterate: () => learner.iterate(),
          gap: Number.NaN,
        };
      },
  },
  {
    id: 'harmonic',
    says: 'with steps of 1/t',
    kinds: ['baseline'],
    claims: ['recovery', 'beats-stored', 'beats-others', 'gap-rate', 'sensors'],
    module: 'southwell/factorisation/dictionary/orthogonalSteps',
    name: 'stepLength',
    by: () => (t: number) => 1 / t,
  },
  {
    id: 'every-second-sample',
    says: 'with every second batch skipped',
    kinds: ['ingredient'],
    claims: ['recovery'],
    module: 'southwell/factorisation/dictionary/samples',
    name: 'denseSamples',
    by: (original: Samples): Samples => {
      let count = 0;
      return (...args) => {
        const Y = original(...args);
        // Zero samples are skipped.
        if (args[2] === 'The samples of the batch' && ++count % 2 === 0) Y.data.fill(0);
        return Y;
      };
    },
  },
  {
    id: 'no-average',
    says: 'with the gradient of the last batch in place of the average',
    kinds: ['ingredient'],
    claims: ['recovery', 'gap-rate', 'sensors'],
    module: 'southwell/factorisation/dictionary/orthogonalSteps',
    name: 'averagingWeight',
    by: () => () => 1,
  },
  {
    id: 'fourth-power',
    says: 'with the fourth power of the codes',
    kinds: ['ingredient'],
    claims: ['beats-stored', 'beats-others'],
    module: 'southwell/factorisation/dictionary/orthogonalDictionary',
    name: 'powerGradient',
    by:
      (original: Power): Power =>
      (z) =>
        original(z, 4),
  },
  {
    id: 'no-floor',
    says: 'without a floor',
    kinds: ['baseline', 'ingredient'],
    claims: ['drift'],
    module: 'southwell/factorisation/dictionary/orthogonalSteps',
    name: 'floored',
    by:
      (original: Floored): Floored =>
      (schedule, _, name) =>
        original(schedule, 0, name),
  },
  {
    id: 'gradient-step',
    says: 'with steps towards the average itself, as long as a polar factor',
    kinds: ['baseline', 'ingredient'],
    claims: ['within-the-ball'],
    module: 'southwell/factorisation/dictionary/orthogonalSteps',
    name: 'farthestAlong',
    by: (): Vertex => (G, n) => {
      const size = Math.sqrt(G.reduce((sum, v) => sum + v * v, 0));
      return G.map((v) => (v * Math.sqrt(n)) / size);
    },
  },
]);
