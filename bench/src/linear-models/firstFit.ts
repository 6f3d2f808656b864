// Southwell's first fit in a process of its own: arguments folder, loss, target, file of alphas, tolerance.
import { readNpyMatrix } from '@southwell/data/node';
import { load } from './datasets.ts';

const [dir, loss, target, alphasFile, tol] = process.argv.slice(2);
const arrays = await load(dir);
const y = target === 'labels' ? arrays.labels : arrays.y;
const alphas = (await readNpyMatrix(alphasFile)).data.slice();
const start = performance.now();
// Mostly loaded already, by the reading above: the import time is measured separately, in first.ts.
const { lasso, logisticRegression } = await import('southwell');
const options = { fitIntercept: false, tol: Number(tol) };
const before = performance.now();
const cpu = process.cpuUsage();
(loss === 'squared' ? lasso(options) : logisticRegression(options)).path(arrays.X, y, { alphas });
const used = process.cpuUsage(cpu);
console.log(`@ ${(before - start) / 1000} ${(performance.now() - before) / 1000} ${(used.user + used.system) / 1e6}`);
