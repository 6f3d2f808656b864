import { test } from 'vitest';
import { expectAbort } from '../testing.ts';
import smallBatches from './experiments/small-batches.ts';

test('an abort ends a run by its reason, soon', () => expectAbort(smallBatches));
