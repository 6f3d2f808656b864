import { expect, test } from 'vitest';
import { experiment } from './define.ts';
import { type ExperimentEvent, resolveContext } from './experiment.ts';

const record = {
  claims: [
    {
      id: 'a',
      sentence: '',
      quantity: '',
      measures: {
        x: { quantity: 'x', '≤': { quick: 1, full: 2 } },
        y: { quantity: 'y at {each}', '≥': { full: 3 } },
      },
    },
    {
      id: 'b',
      sentence: '',
      quantity: '',
      measures: { k: { quantity: 'n', '≥': 2, count: { of: 'draws', '≤': 0.1 } } },
    },
    { id: 'planned', sentence: '', quantity: '', bar: { quick: '', full: '' } },
  ],
} as const;
const facts = {
  id: 'e',
  title: '',
  panels: [{ title: '{panel}', x: { label: '' }, y: { label: '' }, series: ['{series}'] }],
};

async function eventsOf(run: AsyncGenerator<ExperimentEvent>): Promise<ExperimentEvent[]> {
  const out: ExperimentEvent[] = [];
  for await (const event of run) out.push(event);
  return out;
}

test('an experiment decides the claims that it names, by its method or another', async () => {
  const e = experiment(record, {
    ...facts,
    claims: ['a', 'b'],
    method: (v: number) => v / 2,
    async *run({ size }, decide, method) {
      yield decide('a', { x: method(2), y: size === 'full' ? [{ label: 1, value: 4 }] : undefined });
      yield decide('b', { k: [0, method(0.1), 1] });
    },
  });
  expect(e.claims).toEqual(record.claims.slice(0, 2));
  const outcomes = async (tried: Pick<typeof e, 'run'>, size: 'quick' | 'full') =>
    (await eventsOf(tried.run({ size, seed: 3 }))).map((v) => v.kind === 'verdict' && v.verdict.outcome);
  expect(await outcomes(e, 'quick')).toEqual(['holds', 'holds']);
  expect(await outcomes(e, 'full')).toEqual(['holds', 'holds']);
  expect(
    await outcomes(
      e.withMethod((v) => 10 * v),
      'quick',
    ),
  ).toEqual(['does not hold', 'does not hold']);
  expect(
    await outcomes(
      e.withMethod((v) => 10 * v),
      'full',
    ),
  ).toEqual(['partly', 'does not hold']);
});

test('parameters have the defaults of a size, and are held to their names and ranges', () => {
  const range = { title: '', default: { quick: 1, full: 3 }, min: 0.5, max: 4 };
  const e = experiment(record, {
    ...facts,
    claims: ['a', 'b'],
    method: 0,
    parameters: [
      { ...range, name: 'ratio' },
      { ...range, name: 'count', min: 1, integer: true },
    ],
    async *run() {},
  });
  const given = (set?: Record<string, number>) => resolveContext(e, { size: 'full', seed: 1, set }).parameters;
  expect(given()).toEqual({ ratio: 3, count: 3 });
  expect(given({ ratio: 0.5, count: 4 })).toEqual({ ratio: 0.5, count: 4 });
  expect(() => given({ ratio: 4.1 })).toThrow('ratio of e must be a number from 0.5 to 4, but is 4.1.');
  expect(() => given({ ratio: 0.4 })).toThrow('from 0.5 to 4, but is 0.4.');
  expect(() => given({ ratio: Number.NaN })).toThrow('but is NaN.');
  expect(() => given({ count: 1.5 })).toThrow('count of e must be a whole number from 1 to 4, but is 1.5.');
  expect(() => given({ other: 1 })).toThrow('e has no parameter "other"; it has ratio, count.');
});

test('draws are made until a look decides the claim, or the last look', async () => {
  const drawn = {
    claims: [
      {
        id: 'a',
        sentence: '',
        quantity: '',
        draws: { quick: [2, 4, 8], full: [4] },
        measures: { x: { quantity: 'x', over: 'mean', '≤': 1 } },
      },
    ],
  } as const;
  const e = (level: number, spread: number) =>
    experiment(drawn, {
      ...facts,
      claims: ['a'],
      method: 0,
      async *run(_, decide) {
        const draws: number[] = [];
        do draws.push(level + (draws.length % 2 === 0 ? spread : -spread));
        while (!decide.enough('a', draws.length, () => ({ x: { draws } })));
        yield decide('a', { x: { draws } });
      },
    });
  const verdictOf = async (level: number, spread: number, size: 'quick' | 'full' = 'quick') => {
    const [event] = await eventsOf(e(level, spread).run({ size, seed: 1 }));
    if (event.kind !== 'verdict') throw new Error('no verdict');
    const { outcome, measured } = event.verdict;
    return [outcome, measured[0].spread?.draws, measured[0].spread?.needs];
  };
  expect(await verdictOf(0, 1e-9)).toEqual(['holds', 2, undefined]);
  expect(await verdictOf(2, 0.3)).toEqual(['does not hold', 4, undefined]);
  // s = 0.1·√(8/7), t(7, 1 − 0.05/6) = 3.128: ±0.118 about 0.99, and 8·(0.118/0.01)² draws would do.
  expect(await verdictOf(0.99, 0.1)).toEqual(['undecided', 8, 1118]);
  expect(await verdictOf(0, 0.3, 'full')).toEqual(['holds', 4, undefined]);
});

test('unknown and planned claims are errors of types, and when the experiment is made', () => {
  const run = async function* () {};
  // @ts-expect-error: no claim of the record
  expect(() => experiment(record, { ...facts, claims: ['c'], method: 0, run })).toThrow(/"c", which is no claim/);
  // @ts-expect-error: its bars are words
  expect(() => experiment(record, { ...facts, claims: ['planned'], method: 0, run })).toThrow(/is no claim with bars/);
});

test('claims that are not named and values of no measure are errors of types, and when the experiment runs', async () => {
  const first = experiment(record, {
    ...facts,
    claims: ['a'],
    method: 0,
    async *run(_, decide) {
      // @ts-expect-error: a claim of the record, but not of the experiment
      yield decide('b', { k: [0, 0] });
    },
  });
  await expect(eventsOf(first.run({ size: 'quick', seed: 1 }))).rejects.toThrow('e does not name the claim "b"');
  const second = experiment(record, {
    ...facts,
    claims: ['a', 'b'],
    method: 0,
    async *run(_, decide) {
      // @ts-expect-error: x is missing
      expect(() => decide('a', {})).toThrow('The value of "x" is missing');
      // @ts-expect-error: z is no measure
      expect(() => decide('a', { x: 1, z: 1 })).toThrow('has no measure "z"');
      // @ts-expect-error: values of y have labels
      expect(() => decide('a', { x: 1, y: 3 })).toThrow('"y" is not measured at quick');
      // @ts-expect-error: a list is counted
      expect(decide('b', { k: 1 }).kind).toBe('verdict');
      yield decide('b', { k: [0, 0, 0] });
    },
  });
  expect(await eventsOf(second.run({ size: 'quick', seed: 1 }))).toHaveLength(1);
});
