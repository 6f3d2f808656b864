import { SouthwellError } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { flags, labels } from './check.ts';
import { taskOf } from './registry.ts';
import { spelledMessage, withSpelledErrors } from './spelledErrors.ts';

const fit = taskOf('fit');

test.each([
  ['alpha must be finite and at least 0, but is NaN.', '--alpha must be finite and at least 0, but is NaN.'],
  ['Raise maxIter, or ask for a looser tol.', 'Raise --max-iter, or ask for a looser tol.'],
  ['nAlphas must be 1; l1Ratio must be at most 1.', '--n-alphas must be 1; --l1-ratio must be at most 1.'],
  [
    'A survival time must be finite and at least 0; row 3 has -1.',
    'A survival time must be finite and at least 0; row 3 has -1.',
  ],
  ['Set --missing to mean; the target must be of numbers.', 'Set --missing to mean; the target must be of numbers.'],
])('%s', (message, expected) => {
  expect(spelledMessage(message, fit.options, flags(fit).option)).toBe(expected);
});

test('advice to use a value of an option names the option', () => {
  const solve = taskOf('solve');
  const spelledFor = (message: string) => spelledMessage(message, solve.options, flags(solve).option);
  expect(spelledFor('Use method ldlt for indefinite matrices.')).toBe('Use --method ldlt for indefinite matrices.');
  expect(spelledMessage('Fewer: increase alpha.', fit.options, flags(fit).option)).toBe('Fewer: increase --alpha.');
  expect(spelledFor('Use method and patience; the method ldlt.')).toBe('Use method and patience; the method ldlt.');
});

test('errors of jobs, in the words of the shell or of a form; others pass as they are', async () => {
  const failing = (error: Error) => withSpelledErrors(fit.options, labels(fit).option, () => Promise.reject(error));
  await expect(failing(new SouthwellError('INVALID_PARAMETER', 'nAlphas must be 1.'))).rejects.toMatchObject({
    code: 'INVALID_PARAMETER',
    message: '“Number of alphas” must be 1.',
  });
  await expect(failing(new Error('nAlphas must be 1.'))).rejects.toThrow(/^nAlphas must be 1/);
});
