import { test } from 'vitest';
import { byFirstDerivatives, problems } from './testing.ts';

test('augmented Lagrangians solve nearly all problems by first derivatives', () => byFirstDerivatives(problems));
