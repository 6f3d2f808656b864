import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

// Training on ranks under a code against slow ones.

const { here, at } = workshop();
const words = ['train', 'bundled:digits', '--predicts', 'classes', '--epochs', '2', '--hidden', '8', '--batch', '128'];
const coded = ['--ranks', '5', '--straggler-code', 'gc=1'];
const network = (more = '') => ['--network', `latency=1e-4,bandwidth=1e9,work=2e-3${more}`];
const ran = async (...more: string[]) => {
  const { out, err, code } = await here([...words, ...more, '--json']);
  expect([code, out === '' ? err : '']).toEqual([0, '']);
  const { coded, history, data } = JSON.parse(out);
  return { coded, loss: history.loss as number[], notes: data.notes as string[] };
};

describe('train under a code', () => {
  test('a checkpoint goes on with the same bits, and not with other ranks', async () => {
    const kept = ['--checkpoint', at('coded.json')];
    const whole = await ran(...coded, ...network());
    await here([...words, ...coded, ...network(',straggler=2:9'), ...kept, '--max-iter', '9', '--quiet']);
    const resumed = await ran(...coded, ...network(',straggler=4:9'), ...kept, '--resume');
    expect(resumed.loss).toEqual(whole.loss);
    expect(resumed.coded.steps).toBe(whole.coded.steps);
    await here([...words, ...coded, ...network(), ...kept, '--max-iter', '9', '--quiet']);
    const other = await here([...words, '--ranks', '3', '--straggler-code', 'gc=1', ...network(), ...kept, '--resume']);
    expect(other.code).not.toBe(0);
    expect(other.err).toMatch(/of 5 ranks of which 1 may be late, and this run has 3/);
  });

  test('a rank that stops in a step is told, even where the code can do without it', async () => {
    for (const rank of [0, 2]) {
      const { code, err } = await here([
        ...[...words, ...coded, ...network(`,stopped=${rank}:0.05`)],
        ...['--timeout', '2'],
      ]);
      expect([rank, code]).toEqual([rank, 4]);
      expect(err).toMatch(/[Rr]ank/);
    }
  });
});
