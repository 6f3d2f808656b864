import { test } from 'vitest';
import { expectAbort } from '../testing.ts';
import rules from './experiments/rules.ts';

test('an abort ends a run by its reason', () => expectAbort(rules));
