import { type Communicator, complete, NoAnswerError, type SimulationOptions, simulate } from '@southwell/distributed';
import { Random, SouthwellError } from '@southwell/numerics/core';
import fc from 'fast-check';
import {
  type AggregationRule,
  aggregate,
  aggregationRules,
  compressorOf,
  type WholeOrEntries,
} from 'southwell/distributed-methods';
import { describe, expect, test } from 'vitest';
import { gathered } from '../../spread/gather.ts';
import { answered, type MeanSettings, RankMean, write } from './rankMean.ts';

// Ranks of which one is faulty, in a simulated network.

const LENGTH = 40;
const vectorOf = (rank: number, round: number): Float32Array => {
  const random = new Random(7).split(rank).split(round);
  return Float32Array.from({ length: LENGTH }, (_, i) => 1 + i / 10 + 0.1 * random.normal());
};
const rules = (Object.keys(aggregationRules) as AggregationRule[]).filter((rule) => rule !== 'mean');
const settings = (aggregate: AggregationRule, compress?: string): MeanSettings => ({
  ...{ aggregate, compressor: compress === undefined ? undefined : compressorOf(compress), method: 'ec', seed: 3 },
  faulty: ['trimmed-mean', 'meamed', 'phocas', 'krum', 'multi-krum', 'bulyan'].includes(aggregate) ? 1 : undefined,
});

const whole = (v: WholeOrEntries): number[] => {
  const all = new Float64Array(LENGTH);
  write(all, v);
  return [...all];
};

/** The directions of some rounds on all ranks, and what each left out, where `sends` replaces what a rank has. */
const rounds = (
  of: MeanSettings,
  sends: (rank: number, round: number) => Float32Array,
  { ranks = 7, count = 3, ...network }: Partial<SimulationOptions> & { readonly count?: number } = {},
) =>
  complete(
    simulate(
      function* (comm: Communicator) {
        const mean = new RankMean(of, comm);
        const found: number[][] = [];
        for (let round = 0; round < count; round++)
          found.push(whole(yield* answered(comm, mean.of(sends(comm.rank, round)))));
        return { found, leftOut: mean.now.leftOut };
      },
      { ranks, latency: 1e-4, ...network },
    ),
  ).results.map((result) => result!);

describe('a rank that sends NaN', () => {
  test.each(rules)('%s goes on without it, alike on all ranks', (rule) => {
    const bad = (rank: number, round: number) => {
      const v = vectorOf(rank, round);
      if (rank === 2 && round === 1) v[LENGTH - 1] = Number.NaN;
      return v;
    };
    for (const compress of [undefined, 'top-k=0.5', 'sign']) {
      const all = rounds(settings(rule, compress), bad);
      for (const one of all) expect(one).toEqual(all[0]);
      expect(all[0].leftOut).toEqual([0, 0, 1, 0, 0, 0, 0]);
      expect(all[0].found.flat().every(Number.isFinite)).toBe(true);
      if (compress !== undefined) continue;
      // The direction is that of the others.
      const others = [0, 1, 3, 4, 5, 6].map((rank) => Float64Array.from(vectorOf(rank, 1)));
      const f = settings(rule).faulty === undefined ? undefined : 0;
      const scale = rule === 'flag' || rule === 'normalized-mean' ? 'median-norm' : undefined;
      const { direction } = aggregate(others, { rule, f, ...(scale && { scale }) });
      direction.forEach((value, i) => {
        expect(all[0].found[1][i]).toBeCloseTo(value, 6);
      });
    }
  });

  test('in single precision a number beyond it is not finite either', () => {
    const huge = (rank: number, round: number) =>
      rank === 1 ? vectorOf(rank, round).fill(1e300) : vectorOf(rank, round);
    expect(rounds(settings('median'), huge, { ranks: 3 })[0].leftOut).toEqual([0, 3, 0]);
  });
});

test('messages of any bytes and lengths are those of a faulty rank', () => {
  // What rank 1 sends in place of its message: nobody's compressor made it.
  const bytesOf = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(new Uint8Array(1e5).fill(255)));
  fc.assert(
    fc.property(bytesOf, fc.constantFrom(undefined, 'top-k=0.5', 'sign', 'qsgd=4'), (bytes, compress) => {
      const all = complete(
        simulate(
          function* (comm: Communicator) {
            const mean = new RankMean({ ...settings('median', compress), method: 'csgd' }, comm);
            const steps = mean.of(vectorOf(comm.rank, 0));
            const asked = steps.next();
            if (asked.done || !('gather' in asked.value)) throw new Error('Nothing was asked for.');
            const given = yield* gathered(comm, comm.rank === 1 ? bytes : asked.value.gather);
            const end = steps.next(given);
            if (!end.done) throw new Error('More was asked for.');
            return whole(end.value);
          },
          { ranks: 3 },
        ),
      ).results.map((direction) => direction!);
      for (const direction of all) expect(direction).toEqual(all[0]);
      const sane = [0, 2].map((rank) => vectorOf(rank, 0));
      const most = Math.max(...sane.flatMap((v) => [...v])) * 2 * LENGTH;
      // With one of three ranks faulty, a median lies between the values of the others.
      for (const value of all[0]) expect(Math.abs(value)).toBeLessThan(most);
    }),
    { numRuns: 60 },
  );
});

test('of more faulty ranks than the rule knows, all ranks learn by the same sentence', () => {
  const none = (rank: number) => (rank < 3 ? vectorOf(rank, 0).fill(Number.NaN) : vectorOf(rank, 0));
  expect(() => rounds(settings('krum'), none, { ranks: 5 })).toThrow(SouthwellError);
  expect(() => rounds(settings('median'), () => new Float32Array(LENGTH).fill(Number.NaN), { ranks: 3 })).toThrow(
    'None of the 3 gradients is finite.',
  );
});

test('a rank that stops in the middle of a round is named', () => {
  for (const compress of [undefined, 'sign'])
    for (const time of [1e-4, 5e-4, 2e-3]) {
      const go = () =>
        rounds(settings('median', compress), vectorOf, { ranks: 4, count: 50, stopped: { 2: time }, timeout: 1 });
      expect(go).toThrow(NoAnswerError);
      expect(go).toThrow(/rank 2 has not responded/);
    }
});

test('compressors refuse what they have not made, in vectors of this length', () => {
  const into = new Float64Array(LENGTH);
  for (const name of ['sign', 'top-k=3', 'qsgd=4', 'natural'])
    expect(() => compressorOf(name).restore(Uint8Array.of(255), into)).toThrow(SouthwellError);
});
