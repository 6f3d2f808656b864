// Southwell as a contender: a process of its own, which loads the arrays and then answers lines `tol repeats out`.
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { readNpyMatrix, writeNpy } from '@southwell/data/node';
import { DenseMatrix } from 'southwell';
import { groupLasso, type LinearModel, lasso, logisticRegression } from 'southwell/linear-models';
import { load } from './datasets.ts';

const [dir, loss, target, alphasFile, , group, folds = '0'] = process.argv.slice(2);
const arrays = await load(dir);
const { X } = arrays;
const y = target === 'labels' ? arrays.labels : arrays.y;
const alphas = (await readNpyMatrix(alphasFile)).data.slice();
const say = (text: string) => process.stdout.write(`@ ${text}\n`);

/** As a user would call it; for a cross-validation the final model. */
async function fit(tol: number): Promise<readonly LinearModel[]> {
  const options = { fitIntercept: false, tol };
  if (Number(group) > 1) {
    const groups = { groups: Number(group), groupWeights: new Float64Array(Math.ceil(X.cols / Number(group))).fill(1) };
    return groupLasso({ ...options, ...groups }).path(X, y, { alphas }).models;
  }
  const estimator = loss === 'squared' ? lasso(options) : logisticRegression(options);
  if (Number(folds) === 0) return estimator.path(X, y, { alphas }).models;
  const rows = Int32Array.from({ length: X.rows }, (_, i) => Math.floor((i * Number(folds)) / X.rows));
  return [(await estimator.crossValidate(X, y, { alphas, foldOf: rows, scoring: 'deviance' })).best];
}

say(`ready ${memory('VmRSS')}`);
for await (const line of createInterface({ input: process.stdin })) await answer(line);

async function answer(line: string): Promise<void> {
  const [tol, repeats, out] = line.split(' ');
  try {
    let models: readonly LinearModel[] = [];
    let [cpu, wall, total] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
    // Short fits are repeated more often: up to 1000 times while their total is below 0.3 s.
    for (let k = 0; k < Number(repeats) || (Number(repeats) > 1 && total < 0.3 && k < 1000); k++) {
      const before = process.cpuUsage();
      const start = performance.now();
      models = await fit(Number(tol));
      const seconds = (performance.now() - start) / 1000;
      const used = process.cpuUsage(before);
      cpu = Math.min(cpu, (used.user + used.system) / 1e6);
      wall = Math.min(wall, seconds);
      total += seconds;
    }
    // Before the result is prepared for the file, as in the peers' processes.
    const peak = memory('VmHWM');
    // For a cross-validation, the index of the chosen alpha precedes the coefficients.
    const first = Number(folds) > 0 ? 1 : 0;
    const matrix = DenseMatrix.create(first + X.cols, models.length);
    models.forEach(({ alpha, coef }, k) => {
      if (first > 0) matrix.column(k)[0] = alphas.indexOf(alpha);
      matrix.column(k).set(coef, first);
    });
    writeFileSync(out, writeNpy(matrix));
    matrix.free();
    say(`done ${cpu} ${wall} ${peak}`);
  } catch (error) {
    say(`error ${(error as Error).message}`);
  }
}

/** MB, as reported by the kernel. */
function memory(field: 'VmRSS' | 'VmHWM'): number {
  try {
    return Number(/(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8').split(field)[1])?.[1]) / 1024;
  } catch {
    return process.memoryUsage().rss / 2 ** 20;
  }
}
