import { test } from 'vitest';
import { goesOnAfterKill } from './testing/search.ts';
import { workshop } from './testing.ts';

const shop = workshop();

test.each([['cma-es'], ['simulated-annealing'], ['consensus-hopping', '--jobs', '2']])(
  'kill −9 and --resume: the bits of a search that was never stopped, no value asked for twice (%s)',
  (method, ...more) => goesOnAfterKill(shop, method, more),
);
