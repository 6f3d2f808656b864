import type { Degeneracy, DegenerateStep } from 'southwell/geometry';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Analyse = (H: ArrayLike<number>, options?: object) => Degeneracy;
type Solve = (H: ArrayLike<number>, g: ArrayLike<number>, options?: { readonly method?: string }) => DegenerateStep;

export default nulls(record, [
  {
    id: 'projected',
    says: 'with what is weak in H is left out of the step',
    kinds: ['ingredient'],
    claims: ['cylinder'],
    module: 'southwell/geometry/degeneracy/degenerateStep',
    name: 'solveDegenerate',
    by:
      (original: Solve): Solve =>
      (H, g, options) =>
        original(H, g, options?.method === 'dcreg' ? { ...options, method: 'fcn-sr' } : options),
  },
  {
    id: 'no-preconditioner',
    says: 'without preconditioner',
    kinds: ['ingredient'],
    claims: ['conditioning'],
    module: 'southwell/geometry/degeneracy/degeneracy',
    name: 'analyseDegeneracy',
    by:
      (original: Analyse): Analyse =>
      (H, options) => {
        const found = original(H, options);
        const preconditioner = Float64Array.from({ length: 36 }, (_, k) => (k % 7 === 0 ? 1 : 0));
        return { ...found, preconditioner, conditionPreconditioned: found.conditionFull };
      },
  },
  {
    id: 'one-scale',
    says: 'with shifts are judged beside turns, in other units',
    kinds: ['ingredient'],
    claims: ['names-the-axis'],
    module: 'southwell/geometry/degeneracy/degeneracy',
    name: 'analyseDegeneracy',
    by:
      (original: Analyse): Analyse =>
      (H, options) => {
        const found = original(H, options);
        const { rotation, translation } = found;
        const largest = Math.max(...rotation.values, ...translation.values);
        const [x, y, z] = Array.from(translation.values, (v) => 10 * v < largest);
        return { ...found, translation: { ...translation, mask: [x, y, z] } };
      },
  },
]);
