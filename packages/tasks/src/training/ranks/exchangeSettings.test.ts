import { conv2d, flatten, type Layer, linear, sequential } from '@southwell/autodiff/nn';
import { alone } from '@southwell/distributed';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { jobRanks } from '../../spread/ranks.ts';
import type { TrainRequest } from '../options.ts';
import { exchangeSettings, lateRanks } from './exchangeSettings.ts';
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

test('a code says how many ranks may be late, or what does not fit', () => {
  const spell = (name: string, value?: string) => `--${name}${value === undefined ? '' : ` ${value}`}`;
  const late = (stragglerCode: string | undefined, size = 5, more: Partial<TrainRequest> = {}, dry = false) =>
    lateRanks({ stragglerCode, localSteps: 1, aggregate: 'mean', ...more }, { ranks: { size }, spell, dry } as never);
  expect([late(undefined), late('gc=1'), late('gc=3'), late('gc=2', 7)]).toEqual([undefined, 1, 3, 2]);
  expect(() => late('gc=1', 1)).toThrow('--stragglerCode gc=1 is for several ranks: give --ranks 5.');
  expect(() => late('gc=1', 4)).toThrow(
    'needs one rank that coordinates, and groups of 2 that have the same rows: give --ranks 5, or another multiple of 2 and 1, not 4.',
  );
  expect(() => late('m-sgc=1,2,3')).toThrow('such a code needs several networks that are trained in turn');
  for (const none of ['gc=0', 'gc', 'gc=1.5', 'GC=1']) expect(() => late(none)).toThrow('is none of the codes gc=S');
  expect(() => late('gc=1', 5, { localSteps: 3 })).toThrow('leave --localSteps out');
  expect(() => late('gc=1', 5, { aggregate: 'median' })).toThrow('leave --aggregate out');
  expect(() => late('gc=1', 5, {}, true)).toThrow('is not predicted');
});
