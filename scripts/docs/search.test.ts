import { expect, test } from 'vitest';
import { found, indexed } from './search.mjs';
import { pagesOf, sectionsOf } from './site.mjs';

/**
 * Questions of people who know the field but not this project, and the pages of which one must be among the first three.
 * A question that fails shows what the pages do not say: mend them.
 */
const questions: ReadonlyArray<readonly [question: string, ...pages: string[]]> = [
  ['tutorial', 'start.html'],
  ['getting started', 'start.html'],
  ['install', 'start.html'],
  ['k-means', 'guides/group-rows.html'],
  ['conjugate gradient', 'guides/solve-equations.html'],
  ['elastic net', 'guides/predict-numbers.html'],
  ['logistic regression', 'guides/classify.html'],
  ['PCA', 'guides/reduce-dimensions.html'],
  ['principal component analysis', 'guides/reduce-dimensions.html'],
  ['missing values', 'how-to/missing-values.html'],
  ['imputation', 'how-to/missing-values.html', 'guides/fill-gaps.html'],
  ['save model', 'how-to/save-and-predict.html'],
  ['how do I load a saved model', 'how-to/save-and-predict.html'],
  ['predict on new data', 'how-to/save-and-predict.html', 'guides/predict-numbers.html'],
  ['GPU', 'guides/train-networks.html', 'how-to/clusters.html'],
  ['slurm', 'how-to/clusters.html'],
  ['run on several machines', 'how-to/clusters.html'],
  ['out of memory', 'how-to/large-data.html'],
  ['how to choose lambda', 'how-to/choose-alpha.html'],
  ['cross validation', 'how-to/choose-alpha.html', 'guides/predict-numbers.html'],
  ['gaussian mixture', 'guides/group-rows.html'],
  ['neural network', 'guides/train-networks.html'],
  ['image classification', 'guides/train-networks.html'],
  ['text generation', 'guides/train-networks.html'],
  ['causal discovery', 'guides/find-causes.html'],
  ['NOTEARS', 'guides/find-causes.html', 'structure-learning.html'],
  ['isotonic regression', 'guides/monotone-fits.html'],
  ['probability calibration', 'guides/monotone-fits.html'],
  ['sparse linear solver', 'guides/solve-equations.html'],
  ['ICP point clouds', 'guides/align-clouds.html'],
  ['hyperparameter search', 'guides/minimise.html'],
  ['nelder-mead', 'guides/minimise.html', 'black-box.html'],
  ['matrix completion', 'guides/fill-gaps.html'],
  ['collaborative filtering', 'guides/recommend.html'],
  ['tucker decomposition', 'guides/tensors.html', 'tensors.html'],
  ['differential privacy', 'guides/private-regression.html'],
  ['what is a duality gap', 'concepts/certificates.html'],
  ['sklearn', 'from-scikit-learn.html'],
  ['resume interrupted training', 'how-to/stop-and-resume.html'],
  ['learning rate schedule', 'guides/schedules.html'],
];

const index = indexed(sectionsOf(pagesOf()));
const ranked = (question: string): string[] => found(index, question).map(({ href }) => href.replace(/#.*/, ''));

test('there are forty questions', () => {
  expect(new Set(questions.map(([question]) => question)).size).toBe(40);
});

test.each(questions)('“%s” finds its page among the first three', (question, ...pages) => {
  const first = ranked(question).slice(0, 3);
  expect(
    first.filter((page) => pages.includes(page)),
    `found: ${first.join(', ')}`,
  ).not.toEqual([]);
});

test('a question in words that no page has finds nothing, and a misspelt one its page', () => {
  expect(ranked('xyzzyqwv')).toEqual([]);
  expect(ranked('kmeens clustring').slice(0, 3)).toContain('guides/group-rows.html');
});
