import { conv2d, flatten, type Layer, linear, sequential } from '@southwell/autodiff/nn';
import { alone } from '@southwell/distributed';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { jobRanks } from '../../spread/ranks.ts';
import type { TrainRequest } from '../options.ts';
import { exchangeSettings } from './exchangeSettings.ts';
import { CompressedExchange } from './gradientExchange.ts';

const network = sequential([conv2d({ in: 1, out: 8, kernel: 3 }), flatten(), linear({ in: 288, out: 10 })]);
const tools = { ranks: { size: 2 }, spell: (name: string) => `--${name}` } as never;
const settingsOf = (compress: string, layer: Layer = network) => {
  const request = { compress, feedback: 'ef21', aggregate: 'mean', localSteps: 1, seed: 1 } as TrainRequest;
  return exchangeSettings(request, layer, 1, tools)!;
};

test('the compressor has the shapes of the layers, which are not initialised for it', () => {
  const name = (compress: string, layer?: Layer) => settingsOf(compress, layer).compressor!.name;
  expect(name('low-rank=1')).toBe('low-rank=1:8x9,8,10x288,10');
  expect(name('low-rank=1:f64', linear({ in: 3, out: 2, bias: false }))).toBe('low-rank=1:2x3:f64');
  // Shapes that are given, and compressors that use none, stay as they are.
  expect(name('low-rank=1:2x1485')).toBe('low-rank=1:2x1485');
  expect(name('top-k=0.1')).toBe('top-k=0.1');
  expect(() => name('low-rank=1:2x2')).toThrow('--compress: low-rank takes matrices of 2 × 2, 4 entries');
  expect(() => name('low-rank=1:8x9,8,10x288,11')).toThrow(
    '--compress: low-rank takes 4 arrays of 2971 entries together, but the vector has 2970: shape 3 (11, 11 entries) would end at 2971.',
  );
  expect(() => name('low-rank=1:8x9,8,10x287,10')).toThrow('10 are left after shape 3 (10).');
  // Memory for its parameters could not be had.
  const huge = linear({ in: 2 ** 24, out: 2 ** 20 });
  expect(name('low-rank=1', huge)).toBe(`low-rank=1:${2 ** 20}x${2 ** 24},${2 ** 20}`);
});

test('where the loss or the gradient is not finite, nothing is sent and the state is as before', () => {
  const ranks = jobRanks(alone, new AbortController().signal, 60);
  const gradient = Float64Array.from({ length: 2970 }, (_, i) => Math.sin(i));
  for (const [bad, own] of [
    [gradient, Number.NaN],
    [gradient.with(7, Number.POSITIVE_INFINITY), 1],
  ] as const) {
    const [exchange, other] = [0, 1].map(() => new CompressedExchange(ranks, settingsOf('top-k=0.1')));
    for (const one of [exchange, other]) one.combine(gradient.slice(), 1);
    expect(exchange.combine(bad.slice(), own)).toBeNaN();
    expect(exchange.sent.bytes).toBe(other.sent.bytes);
    const [part, same] = [gradient.slice(), gradient.slice()];
    expect([exchange.combine(part, 2), other.combine(same, 2)]).toEqual([2, 2]);
    expect(part).toEqual(same);
  }
});

test('a state goes on with the compressor that it was saved with, and with no other', () => {
  const ranks = jobRanks(alone, new AbortController().signal, 60);
  const random = new Random(1);
  const gradients = [0, 1, 2].map(() => Float64Array.from({ length: 2970 }, () => random.normal()));
  const exchange = new CompressedExchange(ranks, settingsOf('low-rank=1'));
  const combined = gradients.map((gradient) => {
    const part = gradient.slice();
    expect(exchange.combine(part, 3)).toBe(3);
    return part;
  });
  const saved = exchange.save(undefined);
  // Saved is what was there before the last gradient.
  const again = new CompressedExchange(ranks, settingsOf('low-rank=1'));
  expect(again.restore(saved, 'common')).toBe('common');
  const part = gradients[2].slice();
  again.combine(part, 3);
  expect(part).toEqual(combined[2]);
  expect(() => new CompressedExchange(ranks, settingsOf('low-rank=2')).restore(saved, undefined)).toThrow(
    'The checkpoint is of messages by low-rank=1:8x9,8,10x288,10, and this run has low-rank=2:8x9,8,10x288,10: start afresh.',
  );
});
