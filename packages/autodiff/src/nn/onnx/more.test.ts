import { describe, expect, test } from 'vitest';
import { casesOf, compare } from './testing.ts';

// Operators of onnxruntime and of opset 23 that networks have less often.

const cases = casesOf('more');

describe.skipIf(!cases)(
  'further operators give what onnxruntime gives (needs python3 with onnx and onnxruntime)',
  () => {
    for (const one of cases ?? []) {
      test(one.name, () => {
        expect(one.skipped).toBeUndefined();
        compare(one);
      });
    }
  },
);
