import { expect, test } from 'vitest';
import { Catalogue } from './closeness.ts';

const catalogue = new Catalogue([
  'Greedy block coordinate descent with message passing',
  'Sparse graphs learned by continuous optimisation; sparse weights',
  'Low-rank matrix completion and robust factorisation',
]);

// The cosines of scikit-learn 1.x: TfidfVectorizer(token_pattern=r"[^\W_]{2,}", stop_words=["with", "by", "and", "for",
// "of"], vocabulary=<all words of all texts>).fit(catalogue).
test.each([
  ['Block coordinate descent for sparse regression: greedy descent', 0, 0.6459378088780175],
  ['Factorisation of matrix products, 2024', 2, 0.3340935398500993],
])('%s has the cosine of scikit-learn', (text, index, cosine) => {
  const near = catalogue.nearest(text);
  expect(near.index).toBe(index);
  expect(near.closeness).toBeCloseTo(cosine, 14);
});

test('a text without a shared word is not close; the same text is as close as can be', () => {
  expect(catalogue.nearest('Galaxies and stars').closeness).toBe(0);
  expect(catalogue.nearest('').closeness).toBe(0);
  expect(catalogue.nearest('LOW-RANK matrix completion; robust factorisation').closeness).toBeCloseTo(1, 14);
});
