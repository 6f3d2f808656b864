import { expect, test } from 'vitest';
import { barOf, type Measure, type MeasuredValue, measureText, missText } from './bars.ts';
import { short, verdict } from './experiment.ts';
import { barText, type MeasuredClaim, type Size } from './record.ts';
import { measurementMark, measurementText } from './told.ts';

const claimOf = (measures: Readonly<Record<string, Measure>>): MeasuredClaim => ({
  id: 'c',
  sentence: '',
  quantity: '',
  measures,
});

function decided(
  measures: Readonly<Record<string, Measure>>,
  values: Readonly<Record<string, MeasuredValue | undefined>>,
  size: Size = 'quick',
) {
  const event = verdict(claimOf(measures), { size, seed: 1 }, values);
  if (event.kind !== 'verdict') throw new Error('no verdict');
  return event.verdict;
}

test('all, some or none of the measurements meet their bars; what is not a number does not', () => {
  const measures = { a: { quantity: 'a', '≤': 1 }, b: { quantity: 'b', '≤': 1 } };
  expect(decided(measures, { a: 1, b: 0.5 }).outcome).toBe('holds');
  expect(decided(measures, { a: 1, b: 2 }).outcome).toBe('partly');
  expect(decided(measures, { a: 2, b: 3 }).outcome).toBe('does not hold');
  expect(decided({ a: measures.a }, { a: Number.NaN }).outcome).toBe('does not hold');
});

test('a check is shown and decides nothing; a claim needs a measure that decides', () => {
  const measures: Record<string, Measure> = {
    a: { quantity: 'a', '≤': 1 },
    b: { quantity: 'b', '≤': 1, check: true },
  };
  const { outcome, measured } = decided(measures, { a: 1, b: 2 });
  expect(outcome).toBe('holds');
  expect(measured.map(({ ok, check }) => [ok, check])).toEqual([
    [true, undefined],
    [false, true],
  ]);
  expect(measurementText(measured[1])).toBe('check, not met: ≤ 1');
  expect(measurementMark(measured[1])).toBe('·');
  expect(decided(measures, { a: 2, b: 0 }).outcome).toBe('does not hold');
  expect(() => decided({ b: measures.b }, { b: 0 })).toThrow('has no bar that decides it at quick size');
  expect(() => decided({ a: { quantity: 'a', '≤': { full: 1 } } }, {})).toThrow('no bar that decides');
  expect(barText({ ...claimOf(measures), setting: { quick: 'n = 3', full: '' } }, 'quick')).toBe(
    'a ≤ 1; check: b ≤ 1 (n = 3)',
  );
});

test.each([
  ['≤', 1, [true, true, false]],
  ['<', 1, [true, false, false]],
  ['≥', 1, [false, true, true]],
  ['>', 1, [false, false, true]],
] as const)('values below, at and above a bar: %s %s', (is, limit, ok) => {
  const measure: Measure = { quantity: 'v', [is]: limit };
  expect([0.5, 1, 2].map((v) => decided({ v: measure }, { v }).measured[0].ok)).toEqual(ok);
  expect(decided({ v: measure }, { v: Number.NaN }).measured[0].ok).toBe(false);
});

test('limits by size, intervals, labels, references and counts', () => {
  const bySize = { v: { quantity: 'v', '≤': { quick: 2, full: 1 } } };
  expect(decided(bySize, { v: 1.5 }).outcome).toBe('holds');
  expect(decided(bySize, { v: 1.5 }, 'full')).toMatchObject({ outcome: 'does not hold', measured: [{ bar: '≤ 1' }] });

  const interval = { v: { quantity: 'v at {each noise}', '≥': 1, '≤': 3 } };
  const list = [0.1, 0.2].map((label, k) => ({ label, value: 2 + 2 * k }));
  expect(decided(interval, { v: list }).measured).toMatchObject([
    { quantity: 'v at 0.1', value: 2, bar: '≥ 1', ok: true },
    { quantity: 'v at 0.1', value: 2, bar: '≤ 3', ok: true },
    { quantity: 'v at 0.2', value: 4, bar: '≥ 1', ok: true },
    { quantity: 'v at 0.2', value: 4, bar: '≤ 3', ok: false },
  ]);

  const relative = { v: { quantity: 'v', '≤': { of: 'that of others', times: 2, plus: 0.5 } } };
  expect(decided(relative, { v: { value: 2.4, reference: 1 } }).measured).toMatchObject([
    { quantity: 'v', value: 2.4, bar: '≤ 2.5, 2 × that of others + 0.5', ok: true },
  ]);

  const counted = { v: { quantity: 'gap', count: { of: 'draws', '≤': 0.01 }, '≥': 2 } };
  expect(decided(counted, { v: [0, 0.01, 5] }).measured).toMatchObject([
    { quantity: 'gap ≤ 0.01, of 3 draws', value: 2, bar: '≥ 2', ok: true },
  ]);
});

test('statistics of draws: paired with their references, shares, labels, and what is too near to its bar', () => {
  // As far above 2 × the reference as below, though both vary widely.
  const paired = { v: { quantity: 'v', over: 'mean', '≤': { of: 'that of others', times: 2 } } } as const;
  const draws = [1, 10, 100, 1000].map((reference, k) => ({ reference, value: 2 * reference - 1 + 0.01 * (k % 2) }));
  const near = decided(paired, { v: { draws } });
  expect(near.outcome).toBe('holds');
  expect(near.measured[0].bar).toBe('≤ 556, 2 × that of others');
  expect(near.measured[0].spread!.interval[0]).toBeCloseTo(555.5 - 0.995 - 3.1824463 * 0.0028868, 4);

  const share = {
    v: { quantity: 'gap at {each}', over: 'share', count: { of: 'runs', '≤': 0.01 }, '≥': 0.5 },
  } as const;
  const runs = (good: number) => Array.from({ length: 20 }, (_, k) => (k < good ? 0 : 1));
  const some = (good: number) => decided(share, { v: [{ label: 'p = 1', draws: runs(good) }] });
  expect([some(20).outcome, some(10).outcome, some(0).outcome]).toEqual(['holds', 'undecided', 'does not hold']);
  expect(some(15).measured[0]).toMatchObject({
    quantity: 'gap at p = 1, share of 20 runs ≤ 0.01',
    value: 0.75,
    ok: true,
  });
  expect(barText(claimOf(share), 'full')).toBe('gap at each ≤ 0.01 in a share ≥ 0.5 of runs');
  expect(measurementText(some(11).measured[0])).toBe('bar ≥ 0.5; 95 %: 0.342 to 0.742; some 350 draws would settle it');
  expect(measurementText(decided(paired, { v: { draws: draws.slice(0, 1) } }).measured[0])).toMatch(/too few draws/);

  // Which of the outcomes it is hangs on the undecided one, unless others leave no doubt.
  const two = { a: { quantity: 'a', '≤': 1 }, b: { quantity: 'b', over: 'mean', '≤': 1 } } as const;
  const unsure = { draws: [0, 2.1] };
  expect(decided(two, { a: 0, b: unsure }).outcome).toBe('undecided');
  expect(decided({ ...two, c: two.a }, { a: 0, b: unsure, c: 3 }).outcome).toBe('partly');

  expect(() => decided(paired, { v: 3 })).toThrow('"v" takes the values of draws.');
  expect(() => decided(paired, { v: { draws: [] } })).toThrow('"v" was given no value.');
  expect(() => decided(paired, { v: { draws: [1, 2] } })).toThrow('"v" lacks its reference');
  expect(() => decided(share, { v: { draws: [1] } })).toThrow('lacks the label');
});

test('a value that is missing, unknown, or of another form is refused in a sentence', () => {
  const measures: Readonly<Record<string, Measure>> = {
    v: { quantity: 'v', '≤': 1 },
    late: { quantity: 'late', '≤': { full: 1 } },
    many: { quantity: 'at {each}', '≤': { full: 1 } },
    relative: { quantity: 'r', '≤': { full: { of: 'that of others' } } },
  };
  const full = { v: 1, late: 1, many: [{ label: 1, value: 1 }], relative: { value: 1, reference: 1 } };
  expect(decided(measures, full, 'full').outcome).toBe('holds');
  expect(decided(measures, { v: 1, late: undefined }).outcome).toBe('holds');
  expect(() => decided(measures, {})).toThrow('The value of "v" is missing: its record has a bar at quick.');
  expect(() => decided(measures, { v: 1, w: 1 })).toThrow('The claim "c" has no measure "w".');
  expect(() => decided(measures, { v: 1, toString: 1 } as never)).toThrow('has no measure "toString"');
  expect(() => decided(measures, { v: 1, late: 1 })).toThrow('"late" is not measured at quick size');
  expect(() => decided(measures, { v: [1, 2] })).toThrow('"v" takes one value, and was given several.');
  expect(() => decided(measures, { v: [] })).toThrow('"v" was given no value.');
  expect(() => decided(measures, { v: { value: 1, label: 'x' } })).toThrow('no braces in its quantity');
  expect(() => decided(measures, { ...full, many: 1 }, 'full')).toThrow('lacks the label');
  expect(() => decided(measures, { ...full, relative: 1 }, 'full')).toThrow('lacks its reference, that of others');
});

test('bars are told in words', () => {
  const texts = (measure: Measure) => [measureText(measure, 'quick'), measureText(measure, 'full')];
  expect(texts({ quantity: 'σ² at {each noise}', '≤': { quick: 0.15, full: 1 / 30 } })).toEqual([
    'σ² at each noise ≤ 0.15',
    'σ² at each noise ≤ 0.0333',
  ]);
  expect(texts({ quantity: 'v', '≥': -0.25, '≤': { full: 2e-8 } })).toEqual(['v ≥ −0.25', 'v ≥ −0.25 and ≤ 2e-8']);
  expect(texts({ quantity: 'v', '>': 1.23e7, '<': 451 })).toEqual(['v > 1.23e7 and < 451', 'v > 1.23e7 and < 451']);
  expect(texts({ quantity: 'v', '<': { full: { of: 'that of least squares' } } })).toEqual([
    '',
    'v < that of least squares',
  ]);
  expect(texts({ quantity: 'gap', count: { of: 'draws', '≤': 0.01 }, '≥': 2 })[0]).toBe('gap ≤ 0.01, in ≥ 2 draws');
  const claim: MeasuredClaim = {
    ...claimOf({ v: { quantity: 'v', '≤': 1 }, w: { quantity: 'w', '≥': { full: 2 } } }),
    setting: { quick: 'one draw', full: 'two draws' },
  };
  expect(barText(claim, 'quick')).toBe('v ≤ 1 (one draw)');
  expect(barText(claim, 'full')).toBe('v ≤ 1; w ≥ 2 (two draws)');
  expect(barText({ id: 'c', sentence: '', quantity: '', bar: { quick: '≤ 1', full: '≤ 2' } }, 'full')).toBe('≤ 2');
});

test('numbers are short', () => {
  expect([0, 12, 0.123456, 1234.5, 1e-9, 123456789.5].map(short)).toEqual([
    '0',
    '12',
    '0.123',
    '1235',
    '1.00e-9',
    '1.23e+8',
  ]);
});

test('what it takes to fail', () => {
  expect(missText({ quantity: 'error at {each noise}', '≤': { quick: 0.15, full: 0.1 } }, 'full')).toBe(
    'error at each noise exceeds 0.1',
  );
  expect(missText({ quantity: 'slope', '≥': 0.4, '<': 0.6 }, 'quick')).toBe('slope is below 0.4 or is at least 0.6');
  expect(missText({ quantity: 'spread', '<': { full: { of: 'that of least squares' } } }, 'full')).toBe(
    'spread is at least that of least squares',
  );
  expect(missText({ quantity: 'spread', '<': { full: 1 } }, 'quick')).toBe('');
  expect(missText({ quantity: 'spread', check: true, '<': 1 }, 'quick')).toBe('');
  expect(missText({ quantity: 'wrong edges', count: { of: 'draws', '≤': 2 }, '≥': 3 }, 'quick')).toBe(
    'wrong edges ≤ 2 in fewer than 3 draws',
  );
  expect(missText({ quantity: 'gap', over: 'share', count: { of: 'draws', '≤': 0.01 }, '≥': 0.9 }, 'quick')).toBe(
    'gap ≤ 0.01 in a share of draws that is below 0.9',
  );
  expect(missText({ quantity: 'ratio', over: 'mean', '>': 2 }, 'quick')).toBe('ratio, mean of draws, is at most 2');
});

test('the bar of a measurement as a number', () => {
  expect(barOf({ bar: '≤ 14, 0.8 × that of least squares' })).toEqual({ is: '≤', limit: 14 });
  expect(barOf({ bar: '> −1.5e-7' })).toEqual({ is: '>', limit: -1.5e-7 });
  expect(barOf({ bar: 'in words' })).toBeUndefined();
});
