import { test } from 'vitest';
import { expectAbort } from '../testing.ts';
import scale from './experiments/scale.ts';

test('an abort ends a run by its reason, soon', () => expectAbort(scale));
