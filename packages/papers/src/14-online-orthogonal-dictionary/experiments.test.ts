import { test } from 'vitest';
import { expectAbort } from '../testing.ts';
import recovery from './experiments/recovery.ts';

test('an abort ends a run by its reason, soon', () => expectAbort(recovery));
