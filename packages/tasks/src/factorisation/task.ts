import type { Family } from '../declaration/task.ts';
import { anyOf } from '../saved-model.ts';
import { variatesSaved } from './cca/model.ts';
import { cca } from './cca/task.ts';
import { chebyshevSaved } from './chebyshev/model.ts';
import { chebyshev } from './chebyshev/task.ts';
import { completionSaved } from './completion/model.ts';
import { completion } from './completion/task.ts';
import { componentsSaved } from './decomposition/model.ts';
import { nmf } from './decomposition/nmf.ts';
import { sparsePca } from './decomposition/sparsePca.ts';
import { svd } from './decomposition/svd.ts';
import { deepVariatesSaved } from './deepCca/model.ts';
import { deepCca } from './deepCca/task.ts';
import { dictionarySaved } from './dictionary/model.ts';
import { dictionary } from './dictionary/task.ts';
import { functionalSaved } from './functional/model.ts';
import { functional } from './functional/task.ts';
import { ccaRace } from './races/cca.ts';
import { completionRace } from './races/completion.ts';
import { dictionaryRace } from './races/dictionaries.ts';
import { nmfRace } from './races/nmf.ts';
import { svdRace } from './races/svd.ts';
import { recommendationSaved } from './recommendation/model.ts';
import { recommendation } from './recommendation/task.ts';
import { tensorSaved } from './tensor/model.ts';
import { tensor } from './tensor/task.ts';

export const factorisation: Family = {
  id: 'factorisation',
  title: 'Factorisation',
  goal: 'Find components, fill gaps',
  about:
    'Matrix and tensor factorisations: SVD, NMF, canonical correlation, completion, recommendation, dictionary learning, functional tensors.',
  tasks: [svd, nmf, sparsePca, cca, deepCca, completion, recommendation, dictionary, tensor, functional, chebyshev],
  races: [completionRace, svdRace, nmfRace, dictionaryRace, ccaRace],
  models: anyOf(
    componentsSaved,
    variatesSaved,
    deepVariatesSaved,
    completionSaved,
    recommendationSaved,
    dictionarySaved,
    tensorSaved,
    functionalSaved,
    chebyshevSaved,
  ),
};
