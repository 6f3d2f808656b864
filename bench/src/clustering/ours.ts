// southwell's side, in a process of its own: arguments folder, task, steps; prints one line of JSON.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpyMatrix } from '@southwell/data/node';
import { type CovarianceKind, gaussianMixture, kMeans, nearestNeighbours } from 'southwell/clustering';

const [folder, task, stepsText] = process.argv.slice(2);
const [X, init] = [await readNpyMatrix(join(folder, 'X.npy')), await readNpyMatrix(join(folder, 'start.npy'))];
const [k, maxIter] = [init.rows, Number(stepsText)];
let cpu = Number.POSITIVE_INFINITY;
let value = Number.NEGATIVE_INFINITY;
for (let r = 0; r < 5; r++) {
  const before = process.cpuUsage();
  if (task === 'k-means') value = kMeans(X, k, { init, tol: 0, maxIter }).objective;
  else if (task === 'neighbours') {
    value = nearestNeighbours(X, 10).squaredDistances.reduce((sum, v) => sum + Math.sqrt(v), 0);
  } else {
    const covariance = task as CovarianceKind;
    const { point } = gaussianMixture(X, k, { covariance, tol: 0, maxIter: maxIter - 1, seed: r, restarts: 1 });
    value = Math.max(value, point.logLikelihood / X.rows);
  }
  const { user, system } = process.cpuUsage(before);
  cpu = Math.min(cpu, (user + system) / 1e6);
}
const peak = Number(readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s+(\d+)/)?.[1]) / 1024;
console.log(JSON.stringify({ cpu, value, peak }));
