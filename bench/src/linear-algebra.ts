// Dense factorisations beside scipy's, which are LAPACK's: times, residuals, ratios, in one run.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeNpy } from '@southwell/data';
import { DenseMatrix, useOpenBlas } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { cholesky, eigen, eigenSymmetric, ldlt, lu, qr, schur, svd } from '@southwell/numerics/linalg';
import { benchmark, type Outcome } from './command.ts';
import type { Measurement } from './document.ts';
import { benchRoot } from './linear-models/datasets.ts';
import { environment, python } from './linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- linear-algebra [options]
  --size <N>     rows and columns (default 2000)
  --small <N>    of matrices whose general eigenvalues are found (default 500)
  --tasks <T,…>  some of them, by the first words of their names
  --rounds <N>   default 3
  --json         results as JSON on standard output, progress on standard error

Factorisations of normal random matrices by southwell, by southwell with an installed OpenBLAS and by scipy, in turn, one
thread each; CPU seconds of whole calls, the best of the rounds, of up to three calls each. Residuals are ‖(A − its factors)v‖ beside ε‖A‖‖v‖ for one v, of
eigenvectors the worst, of values alone the largest difference from scipy's beside ε‖A‖.`;

export const main = benchmark(usage, command);

type Values = ArrayLike<number>;
/** What a task leaves: something to hold against the matrix (applied to a vector), or values. */
interface Answer {
  readonly apply?: (v: Float64Array) => Float64Array;
  readonly residual?: () => number;
  readonly values?: Values;
}

interface Task {
  readonly name: string;
  readonly matrix: 'square' | 'symmetric' | 'positive' | 'small';
  readonly run: (A: DenseMatrix) => Answer;
}

/** M·v, or Mᵀ·v; `keep` says which entries count. */
function times(M: DenseMatrix, v: Values, trans = false, keep: (i: number, j: number) => boolean = () => true) {
  const { rows, cols, data } = M;
  const out = new Float64Array(trans ? cols : rows);
  for (let j = 0; j < cols; j++) {
    for (let i = 0; i < rows; i++) {
      if (!keep(i, j)) continue;
      if (trans) out[j] += data[j * rows + i] * v[i];
      else out[i] += data[j * rows + i] * v[j];
    }
  }
  return out;
}
const norm = (v: Values): number => {
  let square = 0;
  for (let i = 0; i < v.length; i++) square += v[i] * v[i];
  return Math.sqrt(square);
};
const difference = (a: Values, b: Values) => Float64Array.from({ length: a.length }, (_, i) => a[i] - b[i]);

const tasks: readonly Task[] = [
  {
    name: 'lu',
    matrix: 'square',
    run: (A) => {
      const { factors, pivots } = lu(A);
      return {
        apply: (v) => {
          const u = times(factors, v, false, (i, j) => i <= j);
          const w = times(factors, u, false, (i, j) => i > j).map((x, i) => x + u[i]);
          for (let k = pivots.length - 1; k >= 0; k--) [w[k], w[pivots[k]]] = [w[pivots[k]], w[k]];
          return w;
        },
      };
    },
  },
  {
    name: 'solve',
    matrix: 'square',
    run: (A) => {
      const b = A.column(0).slice();
      const x = lu(A).solve(b);
      return { residual: () => norm(difference(times(A, x), b)) / (Number.EPSILON * norm(A.data) * norm(x)) };
    },
  },
  {
    name: 'inverse',
    matrix: 'square',
    run: (A) => {
      lu(A).inverse();
      return {};
    },
  },
  {
    name: 'qr',
    matrix: 'square',
    run: (A) => {
      qr(A);
      return {};
    },
  },
  {
    name: 'qr with Q',
    matrix: 'square',
    run: (A) => {
      const f = qr(A);
      const [Q, R] = [f.thinQ(), f.R()];
      return { apply: (v) => times(Q, times(R, v)) };
    },
  },
  {
    name: 'cholesky',
    matrix: 'positive',
    run: (A) => {
      const { L } = cholesky(A);
      return { apply: (v) => times(L, times(L, v, true)) };
    },
  },
  {
    name: 'ldlt',
    matrix: 'symmetric',
    run: (A) => {
      const { L, diagonal, below, permutation } = ldlt(A);
      return {
        apply: (v) => {
          const w = Float64Array.from(permutation, (p) => v[p]);
          const u = times(L, w, true, (i, j) => i > j).map((x, i) => x + w[i]);
          const d = u.map(
            (x, i) => diagonal[i] * x + below[i] * (u[i + 1] ?? 0) + (below[i - 1] ?? 0) * (u[i - 1] ?? 0),
          );
          const y = times(L, d, false, (i, j) => i > j).map((x, i) => x + d[i]);
          const out = new Float64Array(y.length);
          permutation.forEach((p, k) => {
            out[p] = y[k];
          });
          return out;
        },
      };
    },
  },
  {
    name: 'symmetric values',
    matrix: 'symmetric',
    run: (A) => ({ values: eigenSymmetric(A, { vectors: false }).values }),
  },
  {
    name: 'symmetric',
    matrix: 'symmetric',
    run: (A) => {
      const { values, vectors } = eigenSymmetric(A);
      return {
        apply: (v) =>
          times(
            vectors,
            times(vectors, v, true).map((x, j) => x * values[j]),
          ),
      };
    },
  },
  {
    name: 'singular values',
    matrix: 'square',
    run: (A) => ({ values: svd(A, { vectors: false }).singularValues }),
  },
  {
    name: 'svd',
    matrix: 'square',
    run: (A) => {
      const { U, singularValues, V } = svd(A);
      return {
        apply: (v) =>
          times(
            U,
            times(V, v, true).map((x, j) => x * singularValues[j]),
          ),
      };
    },
  },
  {
    name: 'eigenvalues',
    matrix: 'small',
    run: (A) => {
      const { real, imaginary } = eigen(A, { vectors: false });
      return { values: real.map((r, j) => Math.sqrt(r * r + imaginary[j] ** 2)).sort() };
    },
  },
  {
    name: 'eigen',
    matrix: 'small',
    run: (A) => {
      const { real, imaginary, vectors } = eigen(A);
      const worst = () => {
        let most = 0;
        for (let j = 0; j < real.length; j++) {
          const x = vectors.column(j);
          const Ax = times(A, x);
          if (imaginary[j] === 0) {
            most = Math.max(most, norm(Ax.map((v, i) => v - real[j] * x[i])));
            continue;
          }
          const y = vectors.column(++j);
          const Ay = times(A, y);
          const [r, w] = [real[j - 1], imaginary[j - 1]];
          const re = norm(Ax.map((v, i) => v - r * x[i] + w * y[i]));
          const im = norm(Ay.map((v, i) => v - r * y[i] - w * x[i]));
          most = Math.max(most, Math.sqrt(re * re + im * im));
        }
        return most / (Number.EPSILON * norm(A.data));
      };
      return { residual: worst };
    },
  },
  {
    name: 'schur',
    matrix: 'small',
    run: (A) => {
      const { Q, T } = schur(A);
      return { apply: (v) => times(Q, times(T, times(Q, v, true))) };
    },
  },
];

interface Peer {
  readonly seconds: number;
  readonly residual: number | null;
  readonly values: readonly number[] | null;
  readonly versions: string;
}

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      size: { type: 'string', default: '2000' },
      small: { type: 'string', default: '500' },
      tasks: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const [size, small, rounds] = [values.size, values.small, values.rounds].map(Number);
  if (![size, small, rounds].every((n) => Number.isInteger(n) && n >= 1)) {
    throw new Error('--size, --small and --rounds are whole numbers from 1.');
  }
  const wanted = values.tasks?.split(',');
  const chosen = tasks.filter(({ name }) => !wanted || wanted.some((word) => name.startsWith(word)));
  if (chosen.length === 0) throw new Error(`--tasks are among ${tasks.map(({ name }) => name).join(', ')}.`);
  const say = values.json ? console.error : console.log;
  let blas: string | undefined;
  try {
    blas = useOpenBlas({});
    useOpenBlas(false);
  } catch (error) {
    say(`Without OpenBLAS: ${(error as Error).message}`);
  }
  const load = loadavg()[0].toFixed(1);
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, load ${load} at the start; Node ${process.version}, ${blas ?? 'no OpenBLAS'}`,
  );
  const heads = ['rows', 'southwell', 'with BLAS', 'scipy', 'ratio', 'with BLAS', 'residual', 'with BLAS', 'scipy'];
  say(`CPU seconds\n\n${'task'.padEnd(18)}${heads.map((t) => t.padStart(11)).join('')}`);
  const results: Measurement[] = [];
  let versions = '';
  for (const task of chosen) {
    const n = task.matrix === 'small' ? small : size;
    const A = matrixOf(task.matrix, n);
    const file = join(benchRoot, '.cache', 'linear-algebra.npy');
    mkdirSync(join(benchRoot, '.cache'), { recursive: true });
    writeFileSync(file, writeNpy(A));
    const best = { own: Number.POSITIVE_INFINITY, blas: Number.POSITIVE_INFINITY, peer: Number.POSITIVE_INFINITY };
    let [own, withBlas, peer]: [Answer?, Answer?, Peer?] = [];
    // Compiled code is what a second call runs: one on a small matrix first.
    const warm = matrixOf(task.matrix, Math.min(n, 200));
    task.run(warm);
    for (let round = 0; round < rounds; round++) {
      own = timed(task, A, (seconds) => {
        best.own = Math.min(best.own, seconds);
      });
      if (blas) {
        useOpenBlas({});
        try {
          if (round === 0) task.run(warm);
          withBlas = timed(task, A, (seconds) => {
            best.blas = Math.min(best.blas, seconds);
          });
        } finally {
          useOpenBlas(false);
        }
      }
      peer = theirs(file, task.name);
      best.peer = Math.min(best.peer, peer.seconds);
    }
    versions = peer!.versions;
    const residuals = [residual(A, own!, peer!), blas ? residual(A, withBlas!, peer!) : undefined, peer!.residual];
    const ratios = [best.own / best.peer, blas ? best.blas / best.peer : undefined];
    const [seconds, withOpenBlas] = [best.own, blas ? best.blas : null];
    const sides = { name: task.name, ours: seconds, peer: best.peer, peerName: 'scipy' };
    results.push({ ...sides, rows: n, withOpenBlas, withOpenBlasRatio: ratios[1], residuals });
    const cells = [best.own, blas ? best.blas : undefined, best.peer, ...ratios, ...residuals];
    const shown = cells.map((v) => (typeof v === 'number' ? v.toPrecision(3) : '–').padStart(11));
    say(`${task.name.padEnd(18)}${String(n).padStart(11)}${shown.join('')}`);
    A.free();
  }
  say(`\n${versions}`);
  return { tasks: results, json: values.json, more: { versions } };
}

/** Short ones are called again: a first call also pays for pages of memory that the others find there. */
function timed(task: Task, A: DenseMatrix, took: (seconds: number) => void): Answer {
  for (let [call, spent] = [1, 0]; ; call++) {
    const start = process.cpuUsage();
    const answer = task.run(A);
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    took(seconds);
    spent += seconds;
    if (call === 3 || spent > 1) return answer;
  }
}

function residual(A: DenseMatrix, answer: Answer, peer: Peer): number | undefined {
  const size = norm(A.data) * Number.EPSILON;
  if (answer.residual) return answer.residual();
  if (answer.values && peer.values) return compare(answer.values, peer.values) / size;
  if (!answer.apply) return undefined;
  const v = Float64Array.from({ length: A.rows }, (_, i) => Math.cos(i));
  return norm(difference(answer.apply(v), times(A, v))) / (size * norm(v));
}
const compare = (a: Values, b: Values) => difference(a, b).reduce((m, d) => Math.max(m, Math.abs(d)), 0);

function matrixOf(kind: Task['matrix'], n: number): DenseMatrix {
  const random = new Random(1);
  const A = DenseMatrix.create(n, n);
  const { data } = A;
  for (let k = 0; k < n * n; k++) data[k] = random.normal();
  if (kind === 'symmetric' || kind === 'positive') {
    for (let j = 0; j < n; j++) {
      for (let i = j; i < n; i++) data[i * n + j] = data[j * n + i];
      if (kind === 'positive') data[j * (n + 1)] += 4 * Math.sqrt(n);
    }
  }
  return A;
}

function theirs(file: string, task: string): Peer {
  const script = join(benchRoot, 'peers/linear_algebra.py');
  const r = spawnSync(python.command, [script, file, task], { env: environment, encoding: 'utf8', maxBuffer: 1e9 });
  if (r.status !== 0) throw new Error(`linear_algebra.py ended: ${r.stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(r.stdout.trim().split('\n').at(-1)!);
}
