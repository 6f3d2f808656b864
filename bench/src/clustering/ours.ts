// southwell's side, in a process of its own: arguments folder, clusters, steps; prints one line of JSON.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpyMatrix } from '@southwell/data/node';
import { kMeans } from 'southwell/clustering';

const [folder, , stepsText] = process.argv.slice(2);
const [X, init] = [await readNpyMatrix(join(folder, 'X.npy')), await readNpyMatrix(join(folder, 'start.npy'))];
const k = init.rows;
let best = Number.POSITIVE_INFINITY;
let inertia = 0;
for (let r = 0; r < 5; r++) {
  const before = process.cpuUsage();
  inertia = kMeans(X, k, { init, tol: 0, maxIter: Number(stepsText) }).objective;
  const { user, system } = process.cpuUsage(before);
  best = Math.min(best, (user + system) / 1e6);
}
const peak = Number(readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s+(\d+)/)?.[1]) / 1024;
console.log(JSON.stringify({ cpu: best, inertia, peak }));
