import { describe, expect, test } from 'vitest';
import { casesOf, compare } from './testing.ts';

// Operators one by one, on random numbers and attributes, against onnxruntime. Without it there are the networks of onnx.test.ts.

const cases = casesOf('operators');

describe.skipIf(!cases)('operators give what onnxruntime gives (needs python3 with onnx and onnxruntime)', () => {
  for (const one of cases ?? []) {
    test(one.name, () => {
      expect(one.skipped).toBeUndefined();
      compare(one);
    });
  }
});
