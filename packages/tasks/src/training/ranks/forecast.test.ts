import { expect, test } from 'vitest';
import { forecastFrom } from './forecast.ts';
import { paysText } from './forecastView.ts';
import type { StepCosts } from './stepModel.ts';

const costs: StepCosts = { step: 2e-4, row: 1e-5, message: 3e-5, byte: 2e-9, waiting: 1e-4, bytes: 40_004 };
const step = { rows: 64, parts: 64 };
const own = { gather: { fixed: 9e-5, byte: 2e-9 }, round: { coding: 4e-4, gathered: 1000, summed: 0 }, localSteps: 1 };

test('the parts of a step on two ranks, message by message', () => {
  const { computing, dense, asked } = forecastFrom(costs, step, 2, own);
  // Half of the rows, then one message to the other.
  expect(computing).toBeCloseTo(2e-4 + 32 * 1e-5, 12);
  expect(dense.exchange).toBeCloseTo(3e-5 + 40_004 * 2e-9 + 1e-4, 12);
  expect(dense.step).toBeCloseTo(computing + dense.exchange, 12);
  // The messages of both, with their losses.
  expect(asked!.exchange).toBeCloseTo(9e-5 + 1008 * 2e-9 + 1e-4, 12);
  expect(asked!.bytes).toBe(1008);
  expect(asked!.step).toBeCloseTo(computing + 4e-4 + asked!.exchange, 12);
  // With local steps in every fourth only; where numbers are summed, the loss is gathered by itself.
  const summed = { coding: 0, gathered: 0, summed: 10_000 };
  const local = forecastFrom(costs, step, 2, { ...own, round: summed, localSteps: 4 }).asked!;
  expect(local.exchange).toBeCloseTo((9e-5 + 8 * 2e-9 + 3e-5 + 40_000 * 2e-9) / 4 + 1e-4, 12);
  expect(local.bytes).toBe(10_002);
  expect(forecastFrom(costs, step, 2)).not.toHaveProperty('asked');
});

test('at the bandwidth from which on compression no longer pays, both are equally fast', () => {
  for (const ranks of [2, 3, 8])
    for (const localSteps of [1, 5]) {
      const { paysBelow } = forecastFrom(costs, step, ranks, { ...own, localSteps });
      const byte = 1 / paysBelow!;
      const there = forecastFrom({ ...costs, byte }, step, ranks, {
        ...own,
        localSteps,
        gather: { fixed: 9e-5, byte },
      });
      if (Number.isFinite(paysBelow)) expect(there.asked!.step).toBeCloseTo(there.dense.step, 12);
      const faster = forecastFrom({ ...costs, byte: byte / 2 }, step, ranks, {
        ...{ ...own, localSteps },
        gather: { fixed: 9e-5, byte: byte / 2 },
      });
      if (Number.isFinite(paysBelow)) expect(faster.asked!.step).toBeGreaterThan(faster.dense.step);
    }
});

test('what sends more and takes longer never pays, and what saves both always does', () => {
  const pays = (round: object, fixed = 9e-5) => {
    const found = forecastFrom(costs, step, 4, {
      ...own,
      ...{ gather: { fixed, byte: 2e-9 }, round: { ...own.round, ...round } },
    });
    const of = { ...found, ranks: 4, rows: 64, noun: 'row', simulated: false, gradient: 40_000 };
    return [found.paysBelow, paysText(of, 'sign', '--compress')];
  };
  expect(pays({ gathered: 40_000, coding: 1e-3 })[1]).toContain('it pays at no bandwidth');
  expect(pays({ gathered: 40_000, coding: 1e-3 })[0]).toBe(0);
  expect(pays({ gathered: 10, coding: 0 }, 0)[1]).toContain('it pays at every bandwidth');
  expect(pays({})[1]).toMatch(/it pays where a rank sends less than [\d.]+ MB\/s/);
});
