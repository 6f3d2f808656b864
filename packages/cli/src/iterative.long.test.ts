import { existsSync, readFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, interrupted, killed, southwell } = workshop();

test('a choice of weights that was stopped or killed goes on to the file of a whole run', async () => {
  southwell('train', 'bundled:digits', '--predicts', 'classes', '--epochs', '2', '--save', 'digits.json');
  const words = ['compress', 'digits.json', '--calib', 'bundled:digits', '--no-compare', '--method', 'icbs'];
  const own = [...words, '--density', '0.3', '--steps', '60', '--json'];
  const whole = southwell(...own, '--out', 'whole.safetensors');
  expect(JSON.parse(whole.out).status).toBe('completed');
  const kept = ['--checkpoint', 'run.ck', '--out', 'part.safetensors'];
  const stopped = await interrupted([...own, ...kept], /block \d/);
  if (stopped.code === 3) {
    const { status, layers, notes } = JSON.parse(stopped.out);
    expect(status).toBe('aborted');
    expect(layers.length).toBeGreaterThan(0);
    expect(notes.join()).toMatch(/stopped after \d+ of 60 blocks/);
  }
  const expectWhole = (): void => {
    southwell(...own, '--checkpoint', 'run.ck', '--resume', '--out', 'rest.safetensors');
    expect(readFileSync(at('rest.safetensors')).equals(readFileSync(at('whole.safetensors')))).toBe(true);
  };
  expectWhole();
  rmSync(at('run.ck'), { force: true });
  await killed([...own, ...kept], () => existsSync(at('run.ck')));
  expectWhole();
});
