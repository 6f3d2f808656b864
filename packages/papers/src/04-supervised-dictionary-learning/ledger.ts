import { ledgerOf } from '../verdicts/ledger.ts';
import { record } from './record.ts';

export const ledger = ledgerOf(record, {
  paper: [
    {
      from: 'abstract',
      says: 'Supervised dictionary learning finds latent features that both reconstruct the data and discriminate classes.',
      state: 'narrowed',
      why: 'On simulated digits at rank 2, where quick runs have ξ = 0.1 only.',
      claims: ['accuracy-and-reconstruction'],
      fidelity: 'scaled',
    },
    {
      from: 'abstract',
      says: 'The lifted problem is solved to its global minimum at an exponential rate by low-rank projected gradients from any start.',
      state: 'narrowed',
      why: 'On samples of the rank of the model; on samples that are white in more directions than the rank, limits of random starts differ, see the next entry.',
      claims: ['exponential-convergence'],
      fidelity: 'full',
    },
    {
      from: 'card',
      says: 'On white samples the ratio of successive changes is below 2(1 − τμ), and five starts end at one limit.',
      state: 'checked',
      claims: ['white-samples'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'Auxiliary covariates enter the model of the labels but not the dictionary, and improve the prediction.',
      state: 'narrowed',
      why: 'On simulated data with three true covariates; that codes and covariates are uncorrelated is a check, since it holds without covariates, too.',
      claims: ['covariates'],
      fidelity: 'full',
    },
    {
      from: 'abstract',
      says: 'On imbalanced text, such as fake job postings, it has the best F-score, with topics that can be interpreted.',
      state: 'not checked',
      why: 'That corpus is not available; documents drawn from two topics are shown in a table without a bar.',
      claims: [],
    },
    {
      from: 'abstract',
      says: 'On chest X-rays it finds patterns of pneumonia.',
      state: 'not checked',
      why: 'The images are not available from package registries.',
      claims: [],
    },
    {
      from: 'card',
      says: 'Block coordinate descent reaches an ε-stationary point in O(1/ε (log 1/ε)²) steps.',
      state: 'not checked',
      why: 'It is a bound for the worst case, which no experiment of ours approaches.',
      claims: [],
    },
  ],
  ours: [],
  rivalsLeftOut: [
    {
      name: 'Naive Bayes and convolutional classifiers of texts',
      why: 'They are rivals on the corpus that is not available.',
    },
    { name: 'Principal components, then logistic regression', why: 'Factorise-then-classify stands for both.' },
  ],
});
