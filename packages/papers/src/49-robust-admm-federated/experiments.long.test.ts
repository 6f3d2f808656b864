import { expect, test } from 'vitest';
import { files, lacking, outcomesOf } from '../testing.ts';
import continual from './experiments/continual.ts';
import drift from './experiments/drift.ts';
import everyone from './experiments/everyone.ts';
import links from './experiments/links.ts';
import messages from './experiments/messages.ts';
import scheduling from './experiments/scheduling.ts';
import steady from './experiments/steady.ts';
import table from './experiments/tables.ts';
import { tables } from './tables.ts';

test('few clients, noisy links, the drift that they cause, and what is not reproduced', async () => {
  const all = [scheduling, links, messages, everyone, drift, steady, continual];
  expect(await outcomesOf(all, 11)).toMatchObject({
    ...{ 'against-dual': 'holds', 'link-noise': 'holds', 'one-message': 'does not hold', everyone: 'holds' },
    ...{ drift: 'holds', steady: 'does not hold', continual: 'does not hold' },
  });
}, 120_000);

test('dust has a verdict', async () => {
  expect(Object.keys(await outcomesOf([table], 11))).toEqual(['tables']);
}, 120_000);

test.skipIf(lacking(table, 'full'))(
  'all tables make a federation (skipped where npm run parts has not found them)',
  async () => {
    const sizes = { dust: 106, air: 94, College: 20, Hitters: 10, Caravan: 50 };
    for (const [name, read] of Object.entries(tables)) {
      const { clients, best } = await read({ size: 'full', seed: 1, files });
      expect([name, clients.length]).toEqual([name, sizes[name as keyof typeof sizes]]);
      expect(best.every(Number.isFinite)).toBe(true);
    }
  },
  120_000,
);
