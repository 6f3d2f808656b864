import { choice, flag, numbers, option, positive } from '../declaration/option.ts';
import { taking } from './takers.ts';

export const MODEL_GROUP = 'The model:';

const relaxing = taking('relax');
const adapting = taking('adaptive');
const group = MODEL_GROUP;

/** What makes a lasso choose its features better: relaxed fits, and factors by a pilot. */
export const selectingOptions = {
  relax: option(flag(), {
    title: 'relaxed',
    about: 'blend each fit with the unpenalised one on its features, where there is one',
    ...relaxing,
    group,
    form: { ...relaxing.form, advanced: true },
  }),
  gammas: option(numbers(0, 1), {
    title: 'Shares of the penalised fit',
    about: 'of the penalised fit in the blends, from 1, no relaxation, to 0, among which folds choose',
    argument: 'shares',
    otherwise: '0,0.25,0.5,0.75,1 in folds, else 0',
    only: { relax: true },
    group,
    form: false,
  }),
  adaptive: option(choice({ ridge: 'a ridge', lasso: 'a lasso', unpenalised: 'a fit without a penalty' }), {
    title: 'Adaptive, by the pilot',
    about: 'penalise each feature in proportion to 1/|b| of a pilot fit, in folds to the rows of the fold’s fit',
    argument: 'pilot',
    preset: 'ridge',
    ...adapting,
    group,
    form: { ...adapting.form, hint: 'no', advanced: true },
  }),
  adaptiveGamma: option(positive(), {
    title: 'Power of the pilot',
    about: 'to which |b| is raised',
    argument: 'power',
    otherwise: '1',
    only: { adaptive: true },
    group,
    form: { advanced: true },
  }),
  adaptiveAlpha: option(positive(), {
    title: 'alpha of the pilot',
    about: 'the alpha of the pilot',
    otherwise: 'chosen on five folds of the rows of each fit',
    only: { adaptive: ['ridge', 'lasso'] },
    group,
    form: { advanced: true },
  }),
};
