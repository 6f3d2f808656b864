import { expect, test } from 'vitest';
import { lacking, outcomesOf } from '../testing.ts';
import adult from './experiments/adult.ts';
import rivals from './experiments/rivals.ts';

test('graphs and rivals', async () => {
  expect(await outcomesOf([rivals], 11)).toEqual({
    ...{ 'against-primal': 'holds', dense: 'holds', 'graph-independence': 'holds', 'against-dual': 'holds' },
  });
}, 120_000);

test.skipIf(lacking(adult))(
  'census incomes have a verdict (skipped where npm run parts has not found libsvm_adult)',
  async () => {
    expect(Object.keys(await outcomesOf([adult], 11))).toEqual(['adult']);
  },
  120_000,
);
