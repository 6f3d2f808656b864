import { test } from 'vitest';
import type { MethodSpec } from './methods.ts';
import { paysOnUnequalDurations, resumesAnywhere } from './testing.ts';

const cmaEs: MethodSpec = { name: 'cma-es' };
test.each<[string, MethodSpec, number]>([
  ['rosenbrock', cmaEs, 1.5],
  ['ellipsoid', cmaEs, 1.3],
  ['ellipsoid', { name: 'cma-es', separable: true }, 1.4],
  ['ellipsoid', { name: 'differential-evolution', population: 30 }, 1.1],
])('%s by %j: the same precision on equal durations, at a price; less time on others', paysOnUnequalDurations);

resumesAnywhere({ runs: 40 });
