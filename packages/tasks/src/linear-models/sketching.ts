import { SKETCHES } from '@southwell/numerics/sketches';
import { REFINEMENTS } from 'southwell/linear-systems';
import { choice, option, whole } from '../declaration/option.ts';
import { MODEL_GROUP as model } from './selecting.ts';
import { taking } from './takers.ts';

/** Tables are no Kronecker products. */
const { 'tensor-srht': _, ...sketches } = SKETCHES;

/** Of least squares by a random sketch. */
export const sketchingOptions = {
  sketch: option(choice(sketches), {
    title: 'Sketch',
    about: 'how rows are compressed at random before they are fitted',
    argument: 'kind',
    otherwise: 'osnap; srht with {refine} none',
    ...taking('sketch'),
    group: model,
    form: { ...taking('sketch').form, advanced: true },
  }),
  sketchRows: option(whole(1), {
    title: 'Rows of the sketch',
    about: 'rows of the sketch, at least as many as features',
    otherwise: 'what makes the work least',
    ...taking('sketchRows'),
    group: model,
    form: { ...taking('sketchRows').form, advanced: true },
  }),
  refine: option(choice(REFINEMENTS), {
    title: 'Refinement',
    about: 'what takes the error of the sketch out, up to {tol}',
    argument: 'how',
    otherwise: 'lsqr',
    ...taking('refine'),
    group: model,
  }),
};
