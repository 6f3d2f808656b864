import { DenseMatrix } from '@southwell/numerics/arrays';
import { describe, expect, test } from 'vitest';
import {
  binarySamples,
  colide,
  edgesOf,
  knowledgeOf,
  moments,
  notears,
  populationMoments,
  samples,
  semCovariance,
  simulateBinarySem,
  simulateGraph,
  simulateSem,
  unitsAlong,
  variancesAlong,
} from './index.ts';

const chain = DenseMatrix.fromRows([
  [0, 1.5, 0],
  [0, 0, -1.5],
  [0, 0, 0],
]);
const scaled = (X: DenseMatrix, units: readonly number[]) => {
  const Y = DenseMatrix.create(X.rows, X.cols);
  for (let j = 0; j < X.cols; j++) Y.column(j).set(X.column(j).map((v) => units[j] * v));
  return Y;
};
const diagonal = (...variances: number[]) =>
  populationMoments(variances.map((v, i) => variances.map((_, j) => (i === j ? v : 0))));

describe('varsortability counts a path for its ends and its length', () => {
  test.each([
    ['increasing', [1, 2, 3], 1],
    ['decreasing', [3, 2, 1], 0],
    // 0 → 1 and 0 → 1 → 2 increase, 1 → 2 does not.
    ['the middle highest', [1, 3, 2], 2 / 3],
    ['all equal', [2, 2, 2], 1 / 2],
  ])('a chain with variances %s', (_, variances, expected) => {
    expect(variancesAlong(chain, diagonal(...variances)).varsortability).toBeCloseTo(expected, 12);
  });

  test('ends that two paths of different lengths join count twice, two of the same length once', () => {
    // 0 → 1 → 2 and 0 → 2: the pair (0, 2) counts with length 1 and 2.
    const triangle = DenseMatrix.fromRows([
      [0, 1, 1],
      [0, 0, 1],
      [0, 0, 0],
    ]);
    expect(variancesAlong(triangle, diagonal(2, 3, 1)).varsortability).toBeCloseTo(1 / 4, 12);
    // 0 → 1 → 3 and 0 → 2 → 3.
    const diamond = DenseMatrix.create(4, 4);
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 3],
      [2, 3],
    ])
      diamond.set(i, j, 1);
    expect(variancesAlong(diamond, diagonal(2, 1, 1, 3)).varsortability).toBeCloseTo(3 / 5, 12);
  });

  test('no path, or none whose direction is open: absent', () => {
    expect(variancesAlong(DenseMatrix.create(2, 2), diagonal(1, 2))).not.toHaveProperty('varsortability');
    const knowledge = knowledgeOf({ tiers: [[0], [1], [2]] }, 3);
    expect(variancesAlong(chain, diagonal(1, 2, 3), { knowledge })).not.toHaveProperty('varsortability');
    expect(() => variancesAlong(chain, diagonal(1, 2))).toThrow(/3 × 3/);
    expect(() => variancesAlong(chain, diagonal(1, 2, 3), { knowledge: knowledgeOf({}, 2) })).toThrow(/2 variables/);
  });
});

test('equal noise justifies an order by variance, unequal noise does not', () => {
  const equal = variancesAlong(chain, populationMoments(semCovariance(chain, 0.5)));
  expect(equal).toMatchObject({ varsortability: 1, byUnits: false });
  for (const { deviation } of equal.noise) expect(deviation).toBeCloseTo(Math.SQRT1_2, 8);
  const unequal = variancesAlong(chain, populationMoments(semCovariance(chain, [0.5, 2, 1])));
  expect(unequal).toMatchObject({ varsortability: 1, byUnits: true });
  expect(unequal.noise.map(({ node }) => node)).toEqual([0, 1]);
  // The rows say the same as their moments.
  const X = simulateSem(chain, { n: 200, variances: [0.5, 3, 1], seed: 1 });
  const [rows, own] = [variancesAlong(chain, samples(X)), variancesAlong(chain, moments(X))];
  expect(rows.noise[1].deviation).toBeCloseTo(own.noise[1].deviation, 12);
  expect(rows.byUnits).toBe(true);
});

test('columns times 100, 1 and 0.1 turn a chain round: said; as they are: not said', () => {
  const X = simulateSem(chain, { n: 500, seed: 3 });
  const right = colide(X, { variance: 'equal', lastIterations: 5000 });
  expect(
    edgesOf(right.dag)
      .map(({ from, to }) => [from, to])
      .sort(),
  ).toEqual([
    [0, 1],
    [1, 2],
  ]);
  expect(right.varsortability).toBe(1);
  expect(right.warnings).toEqual([]);
  const Y = scaled(X, [100, 1, 0.1]);
  const names = ['dose', 'level', 'effect'];
  const quick = { variance: 'equal', iterations: 2000, lastIterations: 5000 } as const;
  const turned = colide(Y, { ...quick, names });
  expect(turned.dag.get(1, 0)).not.toBe(0);
  expect(turned.varsortability).toBe(1);
  const told =
    /order follows the variances of the columns \(varsortability 1\.0\).* from 0\.\d+ \(effect\) to \d+ \(dose\).*units/;
  expect(turned.warnings.join()).toMatch(told);
  // What prior knowledge says is not read from variances.
  const knowledge = knowledgeOf({ tiers: [['dose'], ['level'], ['effect']] }, names);
  expect(colide(Y, { ...quick, names, knowledge }).warnings).toEqual([]);
});

test('binary variables have no unit', () => {
  const bits = simulateBinarySem(simulateGraph({ nodes: 4, edges: 4, seed: 2 }), { n: 300, seed: 4 });
  const learned = notears(bits, { score: 'logistic' });
  expect(learned.warnings).toEqual([]);
  expect(unitsAlong({ ...learned, dag: learned.dag }, binarySamples(bits), undefined).byUnits).toBe(false);
});
