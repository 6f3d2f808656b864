import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { pauses } from '../pauses.ts';
import { outcomesOf } from '../testing.ts';
import local from './experiments/local.ts';
import logistic from './experiments/logistic.ts';
import testProblems from './experiments/test-problems.ts';
import { follow, libraryMethod } from './lab.ts';
import { locked } from './locked.ts';
import { logisticRegression } from './problems.ts';
import { gmresSqp } from './rivals.ts';

test('the claims on made rows and classic problems', async () => {
  expect(await outcomesOf([logistic, testProblems, local], 12)).toMatchObject({
    logistic: 'holds',
    'test-problems': 'holds',
    superlinear: 'holds',
  });
});

/** Where Debian's r-cran-mlbench is installed. */
const mlbench = '/usr/lib/R/site-library/mlbench';

/** Sonar or Ionosphere, with labels −1 and 1 in the first column. */
function ofMlbench(name: string): { features: number[][]; labels: number[] } {
  const code = `library(mlbench); data(${name}); d <- ${name}; y <- 2 * as.integer(d$Class) - 3; d$Class <- NULL
    write.table(cbind(y, sapply(d, function(v) as.numeric(as.character(v)))), col.names = FALSE, row.names = FALSE)`;
  const rows = execFileSync('Rscript', ['-e', code], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  return { features: rows.map((row) => row.slice(1)), labels: rows.map((row) => row[0]) };
}

describe.skipIf(!existsSync(mlbench))('sets that do not ship (needs r-cran-mlbench)', () => {
  test.each([
    ['Sonar', 208, 60],
    ['Ionosphere', 351, 34],
  ])('%s: few outer steps', async (name, rows, columns) => {
    const set = ofMlbench(name);
    expect([set.features.length, set.features[0].length]).toEqual([rows, columns]);
    const { tol, maxInner, most } = locked.claims.logistic.sizes.full;
    const problem = logisticRegression({ name, ...set }, new Random(2023));
    const pause = pauses({ size: 'full', seed: 1 });
    const ours = await follow(libraryMethod(problem, { tol, maxInner, accuracy: 'paper', seed: 1 }), most, pause);
    const theirs = await follow(gmresSqp(problem, { tol }), most, pause);
    const adaptive = await follow(gmresSqp(problem, { tol, adaptive: true }), most, pause);
    console.log(name, ours.outer, theirs.outer, adaptive.outer);
    expect(ours.outer).toBeLessThanOrEqual(12);
    expect(ours.outer / Math.min(theirs.outer, most)).toBeLessThan(0.5);
  });
});
