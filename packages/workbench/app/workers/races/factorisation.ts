import { Random } from 'southwell/core';
import {
  type CompletionMethod,
  completionIterates,
  completionMethods,
  type Factors,
  observedMatrix,
  prepareEntries,
} from 'southwell/factorisation';
import type { Values } from '../../lib/controls.ts';
import type { Contest, Stride } from './contest.ts';

interface Point extends Factors {
  readonly sweeps: number;
}

export async function factorisation(v: Values): Promise<Contest<Point>> {
  const [m, n, k, share, seed] = [v.rows, v.cols, v.rank, v.share, v.seed].map(Number);
  const rank = Math.min(k, m, n);
  const random = new Random(seed);
  const draw = (count: number) => Float64Array.from({ length: count }, () => random.normal());
  const [U, V] = [draw(m * rank), draw(n * rank)];
  const truth = (i: number, j: number) => entry(U, V, rank, i, j);
  const [rows, cols, values, hidden] = [[] as number[], [] as number[], [] as number[], [] as number[]];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      if (random.uniform() >= share) hidden.push(i * n + j);
      else {
        rows.push(i);
        cols.push(j);
        values.push(truth(i, j) + Number(v.noise) * random.normal());
      }
    }
  }
  const { observed } = prepareEntries(observedMatrix(m, n, rows, cols, values));
  const racer = (method: CompletionMethod) =>
    function* (): Iterable<Stride<Point>> {
      for (const it of completionIterates(observed, { rank, method, seed, tol: 0 })) {
        yield { work: it.iteration, snapshot: () => ({ ...it.snapshot(), sweeps: it.iteration }) };
      }
    };
  return {
    about: `${m} × ${n}, rank ${rank}, ${values.length} entries seen`,
    target: 1e-9,
    measure({ left, right, sweeps }) {
      let [off, size] = [0, 0];
      for (const at of hidden) {
        const [i, j] = [Math.floor(at / n), at % n];
        off += (entry(left, right, rank, i, j) - truth(i, j)) ** 2;
        size += truth(i, j) ** 2;
      }
      return { value: size > 0 ? Math.sqrt(off / size) : 0, extra: sweeps };
    },
    racers: Object.fromEntries(completionMethods.map((method) => [method, racer(method)])),
  };
}

function entry(left: Float64Array, right: Float64Array, k: number, i: number, j: number): number {
  let sum = 0;
  for (let a = 0; a < k; a++) sum += left[i * k + a] * right[j * k + a];
  return sum;
}
