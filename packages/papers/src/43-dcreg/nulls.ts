import type { Degeneracy, DegenerateStep } from 'southwell/geometry';
import { nulls } from '../verdicts/nulls.ts';
import { conditionOf, uncoupled } from './lab.ts';
import { record } from './record.ts';

type Analyse = (H: ArrayLike<number>, options?: object) => Degeneracy;
interface Options {
  readonly method?: string;
  readonly targetCondition?: number;
}
type Solve = (H: ArrayLike<number>, g: ArrayLike<number>, options?: Options) => DegenerateStep;

const step = { module: 'southwell/geometry/degeneracy/degenerateStep', name: 'solveDegenerate' } as const;
const analysis = { module: 'southwell/geometry/degeneracy/degeneracy', name: 'analyseDegeneracy' } as const;
const isOurs = (options: Options | undefined) => options?.method === 'dcreg';

export default nulls(record, [
  {
    ...step,
    id: 'no-step',
    says: 'without a step',
    kinds: ['nothing'],
    claims: ['cylinder', 'conditioning', 'beyond-plain', 'nearer-than-others'],
    by:
      (original: Solve): Solve =>
      (H, g, options) => {
        const found = original(H, g, options);
        return isOurs(options) ? { ...found, step: new Float64Array(6) } : found;
      },
  },
  {
    ...analysis,
    id: 'no-names',
    says: 'with no motion named',
    kinds: ['nothing'],
    claims: ['names-the-axis'],
    by:
      (original: Analyse): Analyse =>
      (H, options) => {
        const found = original(H, options);
        const mask = [false, false, false] as const;
        return { ...found, rotation: { ...found.rotation, mask }, translation: { ...found.translation, mask } };
      },
  },
  {
    ...step,
    id: 'plain',
    says: 'with plain Gauss–Newton steps',
    kinds: ['baseline'],
    claims: ['cylinder', 'beyond-plain', 'nearer-than-others'],
    by:
      (original: Solve): Solve =>
      (H, g, options) =>
        original(H, g, isOurs(options) ? { ...options, method: 'none' } : options),
  },
  {
    ...analysis,
    id: 'no-preconditioner',
    says: 'without a preconditioner',
    kinds: ['baseline'],
    claims: ['conditioning'],
    by:
      (original: Analyse): Analyse =>
      (H, options) => {
        const found = original(H, options);
        const preconditioner = Float64Array.from({ length: 36 }, (_, k) => (k % 7 === 0 ? 1 : 0));
        return { ...found, preconditioner, conditionPreconditioned: found.conditionFull };
      },
  },
  {
    ...analysis,
    id: 'one-scale',
    says: 'with turns and shifts judged together, in their different units',
    kinds: ['baseline'],
    claims: ['names-the-axis'],
    by:
      (original: Analyse): Analyse =>
      (H, options) => {
        const found = original(H, options);
        const { rotation, translation } = found;
        const largest = Math.max(...rotation.values, ...translation.values);
        const masked = (values: ArrayLike<number>) => {
          const [x, y, z] = Array.from(values, (v) => 10 * v < largest);
          return [x, y, z] as const;
        };
        return {
          ...found,
          rotation: { ...rotation, mask: masked(rotation.values) },
          translation: { ...translation, mask: masked(translation.values) },
        };
      },
  },
  {
    ...step,
    id: 'projected',
    says: 'with the directions that are weak in H left out of the step',
    kinds: ['ingredient'],
    claims: ['cylinder'],
    by:
      (original: Solve): Solve =>
      (H, g, options) =>
        original(H, g, isOurs(options) ? { ...options, method: 'fcn-sr' } : options),
  },
  {
    ...analysis,
    id: 'no-schur-complement',
    says: 'without Schur complements, from the diagonal blocks of H',
    kinds: ['ingredient'],
    claims: ['conditioning', 'names-the-axis'],
    by:
      (original: Analyse): Analyse =>
      (H, options) => {
        const found = original(uncoupled(H), options);
        const { conditionFull } = original(H, options);
        return { ...found, conditionFull, conditionPreconditioned: conditionOf(H, found.preconditioner) };
      },
  },
  {
    ...step,
    id: 'undamped',
    says: 'without raising small eigenvalues in the preconditioner',
    kinds: ['ingredient'],
    claims: ['beyond-plain', 'nearer-than-others'],
    by:
      (original: Solve): Solve =>
      (H, g, options) =>
        original(H, g, isOurs(options) ? { ...options, targetCondition: Number.MAX_VALUE } : options),
  },
]);
