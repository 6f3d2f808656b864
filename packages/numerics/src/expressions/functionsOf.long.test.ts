import { test } from 'vitest';
import { expectChains } from './testing.ts';

test('chains of a million operations', () => expectChains(1e6));
