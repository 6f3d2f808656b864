import { Random } from '@southwell/numerics/core';
import type { VariationalSettings, variationalIterates } from 'southwell/distributed-methods';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Iterates = typeof variationalIterates;
const solver = 'southwell/distributed-methods/variational/compressed';
const games = [
  ...(['saves-floats', 'top-k', 'naive-stalls', 'linear-rate', 'by-q', 'matrix-games'] as const),
  ...(['variants', 'both-ways'] as const),
] as const;

const masha = ({ method = 'masha1' }: VariationalSettings) => method === 'masha1' || method === 'masha2';
/** Only the methods under test are changed, not their rivals. */
const changed =
  (change: (options: VariationalSettings) => VariationalSettings) =>
  (original: Iterates): Iterates =>
  (comm, problem, options = {}) =>
    original(comm, problem, masha(options) ? change(options) : options);

interface Sending {
  new (compressor: unknown, length: number, random: Random): object;
}

export default nulls(record, [
  {
    id: 'no-step',
    says: 'without a step',
    kinds: ['nothing'],
    claims: [...games, 'adversarial'],
    ...{ module: `${solver}/solveVI`, name: 'variationalIterates' },
    by: changed((options) => ({ ...options, gamma: 1e-300 })),
  },
  {
    id: 'values',
    says: 'with values compressed in place of differences, as compressed extragradient does',
    kinds: ['baseline', 'ingredient'],
    claims: games,
    ...{ module: `${solver}/solveVI`, name: 'variationalIterates' },
    by: changed(({ tau: _, ...options }) => ({ ...options, method: 'ceg' })),
  },
  {
    // One message a step, as the experiment counts it, where compressed extragradient has two.
    id: 'values-once',
    says: 'with values compressed in place of differences, as compressed descent and ascent does',
    kinds: ['baseline', 'ingredient'],
    claims: ['adversarial'],
    ...{ module: `${solver}/solveVI`, name: 'variationalIterates' },
    by: changed(({ tau: _, ...options }) => ({ ...options, method: 'csgda' })),
  },
  {
    id: 'no-renewal',
    says: 'with a reference point that is never renewed (τ = 1)',
    kinds: ['ingredient'],
    claims: ['saves-floats', 'linear-rate', 'matrix-games', 'variants', 'both-ways', 'adversarial'],
    ...{ module: `${solver}/solveVI`, name: 'variationalIterates' },
    by: changed((options) => ({ ...options, tau: 1 - 2 ** -52 })),
  },
  {
    id: 'no-feedback',
    says: 'without error feedback',
    kinds: ['ingredient'],
    claims: ['top-k'],
    ...{ module: `${solver}/options`, name: 'checkedSettings' },
    by:
      (original: (options: VariationalSettings, length: number) => { readonly feedback: object }): unknown =>
      (options: VariationalSettings, length: number) => ({
        ...original(options, length),
        feedback: { up: false, down: false },
      }),
  },
  {
    id: 'shared-supports',
    says: 'with the same random entries on all devices',
    kinds: ['ingredient'],
    claims: ['by-q', 'matrix-games'],
    ...{ module: `${solver}/star`, name: 'Sender' },
    by: (Original: Sending): Sending =>
      class extends Original {
        constructor(compressor: unknown, length: number, random: Random) {
          super(compressor, length, new Random(random.seed));
        }
      },
  },
]);
