// southwell's side, in a process of its own: arguments folder, task, rank, target value; prints one line of JSON.
import { readFileSync } from 'node:fs';
import { randomizedSvd, svdResiduals, truncatedSvd } from '@southwell/numerics/krylov';
import { DenseMatrix } from 'southwell';
import { nmf } from 'southwell/factorisation';
import { load } from '../linear-models/datasets.ts';

const [folder, task, rankText, goalText] = process.argv.slice(2);
const rank = Number(rankText);
let goal = Number(goalText);

const memory = (field: string) =>
  Number(readFileSync('/proc/self/status', 'utf8').match(new RegExp(`${field}:\\s+(\\d+)`))?.[1]) / 1024;
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const timed = <T>(f: () => T): [T, number] => {
  const start = cpu();
  const out = f();
  return [out, cpu() - start];
};

const { X } = await load(folder);
// A warm-up on a small matrix compiles the code, like the imports on the other side.
const warm = DenseMatrix.create(60, 50);
for (let at = 0; at < warm.data.length; at++) warm.data[at] = (at * 7919) % 13;
for (let r = 0; r < 3; r++) {
  nmf(warm, { rank: 3, loss: task === 'kl' ? 'kullback-leibler' : 'frobenius' });
  truncatedSvd(warm, { rank: 3 });
}
const loaded = memory('VmRSS');
if (task === 'nmf' || task === 'kl') {
  const reached = new AbortController();
  const [model, seconds] = timed(() =>
    nmf(X, {
      rank,
      loss: task === 'kl' ? 'kullback-leibler' : 'frobenius',
      tol: 0,
      maxIter: 2000,
      signal: reached.signal,
      onIterate: ({ objective }) => objective <= goal && reached.abort(),
    }),
  );
  const { iterations } = model.solution;
  console.log(JSON.stringify({ cpu: seconds, value: model.loss, iterations, peak: memory('VmHWM'), loaded }));
} else {
  const worst = (svd: Parameters<typeof svdResiduals>[1]) => {
    const { left, right } = svdResiduals(X, svd);
    return Math.max(...left, ...right) / svd.singularValues[0];
  };
  let best: { cpu: number; value: number; method: string; peak: number } | undefined;
  const take = (method: string, run: () => Parameters<typeof svdResiduals>[1]) => {
    let seconds = Number.POSITIVE_INFINITY;
    let value = Number.POSITIVE_INFINITY;
    for (let r = 0; r < 3; r++) {
      const [svd, s] = timed(run);
      seconds = Math.min(seconds, s);
      value = worst(svd);
      for (const M of [svd.U, svd.V]) M.free();
      if (value > goal) return false;
    }
    if (!best || seconds < best.cpu) best = { cpu: seconds, value, method, peak: memory('VmHWM') };
    return true;
  };
  // ARPACK converges to rounding whatever the tolerance: both sides use the default.
  const tol = task === 'arpack' ? 1e-8 : goal;
  if (task === 'arpack') goal = Number.POSITIVE_INFINITY;
  for (let q = 0; task === 'svd' && q <= 12; q++) {
    if (take(`randomised, ${q} power iterations`, () => randomizedSvd(X, { rank, powerIterations: q }))) break;
  }
  take('truncated', () => truncatedSvd(X, { rank, tol }));
  console.log(JSON.stringify({ ...best, loaded }));
}
