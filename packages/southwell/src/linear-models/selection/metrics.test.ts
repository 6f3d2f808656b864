import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as metrics from './metrics.ts';

/** Few distinct values, so that there are ties; weights are whole numbers, so that rows can be repeated instead. */
const sample = fc.array(
  fc.record({
    y: fc.constantFrom(0, 1),
    value: fc.integer({ min: 0, max: 4 }).map((v) => v / 4),
    weight: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 1, maxLength: 12 },
);
type Sample = ReadonlyArray<{ readonly y: number; readonly value: number; readonly weight: number }>;
type Metric = (y: number[], values: number[], weights?: number[]) => number;

const repeated = (rows: Sample) => rows.flatMap((row) => Array.from({ length: row.weight }, () => row));
const of = (metric: Metric, rows: Sample, weights?: number[]) =>
  metric(
    rows.map(({ y }) => y),
    rows.map(({ value }) => value),
    weights,
  );
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Each metric on unweighted rows by its definition; NaN where it has none. */
const definitions: ReadonlyArray<readonly [Metric, (rows: Sample) => number]> = [
  [metrics.meanSquaredError, (rows) => mean(rows.map(({ y, value }) => (y - value) ** 2))],
  [metrics.brierScore, (rows) => mean(rows.map(({ y, value }) => (y - value) ** 2))],
  [metrics.meanAbsoluteError, (rows) => mean(rows.map(({ y, value }) => Math.abs(y - value)))],
  [
    metrics.r2,
    (rows) => {
      const centre = mean(rows.map(({ y }) => y));
      const total = mean(rows.map(({ y }) => (y - centre) ** 2));
      return total > 0 ? 1 - mean(rows.map(({ y, value }) => (y - value) ** 2)) / total : Number.NaN;
    },
  ],
  [metrics.accuracy, (rows) => mean(rows.map(({ y, value }) => Number(y === value)))],
  [
    metrics.logLoss,
    (rows) =>
      mean(
        rows.map(({ y, value }) => {
          const p = Math.min(Math.max(value, 1e-15), 1 - 1e-15);
          return -Math.log(y === 1 ? p : 1 - p);
        }),
      ),
  ],
  // The fraction of pairs of a positive and a negative in which the positive has the larger score.
  [
    metrics.rocAuc,
    (rows) =>
      mean(
        rows.flatMap((a) =>
          rows.flatMap((b) => (a.y === 1 && b.y === 0 ? [a.value > b.value ? 1 : a.value === b.value ? 0.5 : 0] : [])),
        ),
      ),
  ],
  // Σ (R_n − R_{n−1}) P_n over the thresholds: each positive counts with the precision at its own score.
  [
    metrics.averagePrecision,
    (rows) =>
      mean(
        rows
          .filter(({ y }) => y === 1)
          .map(({ value }) => mean(rows.filter((row) => row.value >= value).map(({ y }) => y))),
      ),
  ],
];

/** NaN only where the other is. */
const expectClose = (value: number, expected: number): void => {
  if (Number.isNaN(expected)) expect(value).toBeNaN();
  else expect(value).toBeCloseTo(expected, 9);
};

test.each(definitions.map(([metric, definition]) => [metric.name, metric, definition] as const))(
  '%s by its definition, with weights as repeated rows',
  (_, metric, definition) => {
    fc.assert(
      fc.property(sample, (rows) => {
        const all = repeated(rows);
        fc.pre(all.length > 0);
        expectClose(of(metric, all), definition(all));
        const weights = rows.map(({ weight }) => weight);
        expectClose(of(metric, rows, weights), of(metric, all));
      }),
    );
  },
);

test('the four counts of a classification, with precision, recall and F1', () => {
  const report = metrics.classificationReport([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0]);
  expect(report).toEqual({
    ...{ truePositive: 2, falseNegative: 1, falsePositive: 1, trueNegative: 3 },
    ...{ precision: 2 / 3, recall: 2 / 3, f1: 2 / 3 },
  });
  expect(metrics.classificationReport([1, 0], [1, 1], [3, 1])).toMatchObject({ precision: 0.75, recall: 1 });
});

test('what has no rows, other lengths or no weight is refused', () => {
  expect(() => metrics.r2([], [])).toThrow(expect.objectContaining({ code: 'EMPTY' }));
  expect(() => metrics.accuracy([1], [1, 0])).toThrow(expect.objectContaining({ code: 'INVALID_SHAPE' }));
  expect(() => metrics.rocAuc([1, 0], [1, 0], [1])).toThrow(expect.objectContaining({ code: 'INVALID_SHAPE' }));
  expect(() => metrics.meanSquaredError([1], [1], [0])).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER' }));
});
