import { fail } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { callerLine, withLine } from './line.ts';

test('an error ends with the line of the call, once', () => {
  const failing = withLine(withLine(fail));
  expect(() => failing('INVALID_SHAPE', 'It does not fit.')).toThrow(/^It does not fit \(\S*line\.test\.ts:7:\d+\)\.$/);
  expect(() => failing('INVALID_SHAPE', 'Is it this?')).toThrow(/^Is it this \(\S*line\.test\.ts:8:\d+\)\?$/);
});

test('errors of others, and where no line is known, stay as they are', () => {
  const error = new TypeError('other');
  const throwing = withLine((): void => {
    throw error;
  });
  expect(throwing).toThrow(error);
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = () => 'Error\n    at run (node:internal/modules/run_main:123:12)';
  try {
    expect(callerLine()).toBe('');
    expect(() => withLine(fail)('INVALID_SHAPE', 'It does not fit.')).toThrow(/^It does not fit\.$/);
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
});
