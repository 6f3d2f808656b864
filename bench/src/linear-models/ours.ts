// Southwell as a contender: a process of its own, which loads the arrays and then answers lines `tol repeats out`.
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { readNpyMatrix, writeNpy } from '@southwell/data/node';
import { DenseMatrix } from 'southwell';
import { GroupLassoProblem, LinearProblem, solvePath } from 'southwell/linear-models';
import { logistic, squared } from 'southwell/losses';
import { load } from './datasets.ts';

type Fit = (tol: number) => Float64Array[];

const [dir, loss, target, alphasFile, , group] = process.argv.slice(2);
const arrays = await load(dir);
const { X } = arrays;
const y = target === 'labels' ? arrays.labels : arrays.y;
const alphas = (await readNpyMatrix(alphasFile)).data.slice();
const say = (text: string) => process.stdout.write(`@ ${text}\n`);

const fit = Number(group) > 1 ? groupLasso(Number(group)) : elementwise();
say(`ready ${memory('VmRSS')}`);
for await (const line of createInterface({ input: process.stdin })) answer(fit, line);

function elementwise(): Fit {
  return (tol) => {
    const problem = new LinearProblem(
      X,
      y,
      loss === 'squared' ? squared() : logistic(),
      { type: 'elastic-net', l1Ratio: 1 },
      { fitIntercept: false, tol },
    );
    const coefs: Float64Array[] = [];
    for (const { solution } of solvePath(problem, alphas, {})) coefs.push(solution.point.coef);
    problem.release();
    return coefs;
  };
}

function groupLasso(size: number): Fit {
  const groupWeights = new Float64Array(Math.ceil(X.cols / size)).fill(1);
  return (tol) => {
    const options = { groups: size, groupWeights, fitIntercept: false, tol };
    const problem = new GroupLassoProblem(X, y, squared(), options);
    const coefs = Array.from(alphas, (alpha) => problem.solve(alpha).point.coef);
    problem.release();
    return coefs;
  };
}

function answer(fit: Fit, line: string): void {
  const [tol, repeats, out] = line.split(' ');
  try {
    let coefs: Float64Array[] = [];
    let [cpu, wall, total] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
    // Short fits are repeated more often: up to 1000 times while they come to less than 0.3 s.
    for (let k = 0; k < Number(repeats) || (Number(repeats) > 1 && total < 0.3 && k < 1000); k++) {
      const before = process.cpuUsage();
      const start = performance.now();
      coefs = fit(Number(tol));
      const seconds = (performance.now() - start) / 1000;
      const used = process.cpuUsage(before);
      cpu = Math.min(cpu, (used.user + used.system) / 1e6);
      wall = Math.min(wall, seconds);
      total += seconds;
    }
    // Before the result is laid out for the file, as in the peers' processes.
    const peak = memory('VmHWM');
    const matrix = DenseMatrix.create(X.cols, coefs.length);
    coefs.forEach((coef, k) => {
      matrix.column(k).set(coef);
    });
    writeFileSync(out, writeNpy(matrix));
    matrix.free();
    say(`done ${cpu} ${wall} ${peak}`);
  } catch (error) {
    say(`error ${(error as Error).message}`);
  }
}

/** MB, from the kernel's own account. */
function memory(field: 'VmRSS' | 'VmHWM'): number {
  try {
    return Number(/(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8').split(field)[1])?.[1]) / 1024;
  } catch {
    return process.memoryUsage().rss / 2 ** 20;
  }
}
