import type { Stability } from 'southwell/diagnostics';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type SecondMoments = (gradients: unknown, curvatures: Float64Array, noise: number) => unknown;
type DrawBatch = (random: unknown, n: number, batch: number, out: number[]) => readonly number[];
type Analyse = (jacobian: unknown, options?: object) => Stability;

const batch = { module: 'papers/35-dynamical-stability/drawBatch', name: 'drawBatch' } as const;
const analysis = { module: 'southwell/diagnostics/stability', name: 'stabilityAnalysis' } as const;

export default nulls(record, [
  {
    ...analysis,
    id: 'no-rate',
    says: 'with zero as the critical rate',
    kinds: ['nothing'],
    claims: ['threshold'],
    by:
      (original: Analyse): Analyse =>
      (jacobian, options) => ({ ...original(jacobian, options), criticalRate: 0 }),
  },
  {
    ...analysis,
    id: 'bound-by-trace',
    says: 'with the bound by the trace as the critical rate',
    kinds: ['baseline'],
    claims: ['threshold'],
    by:
      (original: Analyse): Analyse =>
      (jacobian, options) => {
        const found = original(jacobian, options);
        return { ...found, criticalRate: found.bounds.trace };
      },
  },
  {
    id: 'no-noise',
    says: 'with second moments without the noise of the batches',
    kinds: ['ingredient'],
    claims: ['threshold'],
    module: 'southwell/diagnostics/secondMoments',
    name: 'secondMoments',
    by:
      (original: SecondMoments): SecondMoments =>
      (gradients, curvatures) =>
        original(gradients, curvatures, 0),
  },
  {
    ...batch,
    id: 'no-examples',
    says: 'without a step: no examples are drawn',
    kinds: ['nothing'],
    claims: ['trace-bound', 'generalisation', 'batches', 'two-layer'],
    by:
      (original: DrawBatch): DrawBatch =>
      (random, n, size, out) =>
        Number.isFinite(size) ? [] : original(random, n, size, out),
  },
  {
    ...batch,
    id: 'all-examples',
    says: 'with gradients of all examples',
    kinds: ['baseline', 'ingredient'],
    claims: ['trace-bound', 'generalisation', 'two-layer'],
    by:
      (original: DrawBatch): DrawBatch =>
      (random, n, _, out) =>
        original(random, n, Number.POSITIVE_INFINITY, out),
  },
  {
    ...batch,
    id: 'one-example',
    says: 'with single examples at every batch size',
    kinds: ['baseline'],
    claims: ['batches'],
    by:
      (original: DrawBatch): DrawBatch =>
      (random, n, _, out) =>
        original(random, n, 1, out),
  },
  {
    ...batch,
    id: 'all-in-each',
    says: 'with all examples at every batch size',
    kinds: ['ingredient'],
    claims: ['batches'],
    by:
      (original: DrawBatch): DrawBatch =>
      (random, n, _, out) =>
        original(random, n, Number.POSITIVE_INFINITY, out),
  },
]);
