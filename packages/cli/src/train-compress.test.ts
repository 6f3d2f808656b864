import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

// Training on ranks that send compressed gradients, or step by themselves.

const { here } = workshop();
const words = ['train', 'bundled:digits', '--predicts', 'classes', '--epochs', '2', '--hidden', '8', '--batch', '128'];
const ran = async (...more: string[]) => {
  const { out, err, code } = await here([...words, ...more, '--json']);
  expect([code, out === '' ? err : '']).toEqual([0, '']);
  const { sent, history, score } = JSON.parse(out);
  return { sent, loss: history.loss as number[], score: score.value as number };
};
const refused = async (...more: string[]): Promise<string> => {
  const { out, err, code } = await here([...words, ...more]);
  expect([out, code]).toEqual(['', 2]);
  return err;
};
const two = ['--ranks', '2'];

describe('train on ranks that compress', () => {
  test('whole messages are the exact sums, but for rounding', async () => {
    const [whole, exact] = [await ran(...two, '--compress', 'identity', '--feedback', 'none'), await ran(...two)];
    whole.loss.forEach((loss, k) => {
      expect(loss).toBeCloseTo(exact.loss[k], 5);
    });
    // Eight bytes in place of four, and one for each message.
    expect(whole.sent.bytes).toBe(2 * whole.sent.whole + whole.sent.rounds);
    expect(exact.sent).toBeUndefined();
  });

  test('what does not fit is a sentence', async () => {
    expect(await refused('--compress', 'top-k=0.1')).toContain('--compress is for several ranks: give --ranks 2.');
    expect(await refused('--local-steps', '3')).toContain('--local-steps is for several ranks');
    expect(await refused('--ranks', 'auto', '--compress', 'sign')).toContain('in place of auto');
    expect(await refused(...two, '--compress', 'topk=1')).toContain("--compress: There is no compressor 'topk'");
    expect(await refused(...two, '--compress', 'top-k=0')).toContain('not 0');
    expect(await refused(...two, '--compress', 'qsgd=4')).toContain('take --feedback none');
    const krum = ['--aggregate', 'krum'];
    expect(await refused('--ranks', '3', ...krum)).toContain('--aggregate krum needs --faulty.');
    expect(await refused('--ranks', '3', ...krum, '--faulty', '1')).toContain(
      'Krum with --faulty 1 needs 4 workers or more, but there are 3; lower --faulty or choose another rule.',
    );
    expect(await refused(...two, '--aggregate', 'trimmed-mean', '--faulty', '1')).toContain(
      '--faulty 1 is too many for 2 workers: fewer than half of them may be faulty.',
    );
    expect(await refused(...two, '--aggregate', 'median', '--compress', 'top-k=0.1')).toContain(
      'take --feedback ec or none',
    );
    expect(await refused(...two, '--feedback', 'ec')).toContain('--feedback requires --compress');
    expect(await refused(...two, '--local-steps', '2', '--average', 'equal')).toContain('cannot be combined');
  });
});
