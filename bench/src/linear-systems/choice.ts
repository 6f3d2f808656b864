// The automatically chosen solver beside all others, on generated matrices of many kinds.
import { CscMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { METHODS, type PreconditionerName, type SystemMethod, solve, TAKES } from 'southwell/linear-systems';
import type { Outcome } from '../command.ts';
import type { Measurement } from '../document.ts';
import { gridSystem } from './grids.ts';

interface Problem {
  readonly name: string;
  readonly A: CscMatrix;
}

/** Kinds of matrices, of random sizes and entries, in turn. */
const KINDS: ReadonlyArray<(random: Random) => Problem> = [
  (random) => grid('diffusion in the plane', [side(random, 20, 300), side(random, 20, 300)], {}),
  (random) => grid('diffusion in space', [side(random, 8, 36), side(random, 8, 36), side(random, 8, 36)], {}),
  (random) =>
    grid('anisotropic diffusion', [side(random, 20, 250), side(random, 20, 250)], {
      anisotropy: 10 ** (-4 * random.uniform()),
    }),
  (random) =>
    grid('jumping coefficients', [side(random, 30, 250), side(random, 30, 250)], { jumps: 6 * random.uniform() }),
  (random) =>
    shifted('a step in time', [side(random, 30, 300), side(random, 30, 300)], 10 ** (2 * random.uniform() - 1)),
  (random) => shifted('waves', [side(random, 20, 150), side(random, 20, 150)], -4 * random.uniform() - 0.1),
  (random) =>
    grid('convection in the plane', [side(random, 20, 250), side(random, 20, 250)], {
      convection: 0.9 * random.uniform(),
    }),
  (random) =>
    grid('convection in space', [side(random, 8, 32), side(random, 8, 32), side(random, 8, 32)], {
      convection: 0.9 * random.uniform(),
    }),
  (random) => network(random, 'a network', false),
  (random) => network(random, 'a directed network', true),
  (random) => scattered(random, 'random, dominant', true),
  (random) => scattered(random, 'random, not dominant', false),
  (random) => banded(random),
  (random) => saddle(random),
  (random) => dense(random),
];

const side = (random: Random, least: number, most: number): number =>
  Math.round(least * (most / least) ** random.uniform());

const grid = (name: string, sides: readonly number[], options: object): Problem => ({
  name: `${name} ${sides.join(' × ')}`,
  A: gridSystem({ sides, ...options }),
});

function shifted(name: string, sides: readonly number[], shift: number): Problem {
  const A = gridSystem({ sides });
  for (let j = 0; j < A.cols; j++) {
    for (let k = A.colPointers[j]; k < A.colPointers[j + 1]; k++) if (A.rowIndices[k] === j) A.values[k] += shift;
  }
  return { name: `${name} ${sides.join(' × ')}, shift ${shift.toPrecision(2)}`, A };
}

/** Collects triplets. */
class Entries {
  private readonly rows: number[] = [];
  private readonly cols: number[] = [];
  private readonly values: number[] = [];

  put(i: number, j: number, v: number): void {
    this.rows.push(i);
    this.cols.push(j);
    this.values.push(v);
  }

  matrix(n: number): CscMatrix {
    return CscMatrix.fromTriplets(n, n, this.rows, this.cols, this.values);
  }
}

/** The Laplacian of a random graph with short and long edges, with one node fixed. */
function network(random: Random, name: string, directed: boolean): Problem {
  const n = side(random, 500, 20_000);
  const entries = new Entries();
  const diagonal = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let e = 0; e < 3; e++) {
      const j = random.uniform() < 0.9 ? (i + 1 + random.integer(30)) % n : random.integer(n);
      if (i === j) continue;
      const weight = 0.1 + random.uniform();
      entries.put(i, j, -weight);
      diagonal[i] += weight;
      if (directed) continue;
      entries.put(j, i, -weight);
      diagonal[j] += weight;
    }
  }
  for (let i = 0; i < n; i++) entries.put(i, i, diagonal[i] + (i % 100 === 0 ? 0.1 : 0));
  return { name: `${name}, ${n} nodes`, A: entries.matrix(n) };
}

function scattered(random: Random, name: string, dominant: boolean): Problem {
  const n = side(random, 300, 5000);
  const entries = new Entries();
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let e = 0; e < 5; e++) {
      const v = random.normal();
      sum += Math.abs(v);
      entries.put(i, random.integer(n), v);
    }
    entries.put(i, i, dominant ? 1.1 * sum : 0.5 + random.uniform());
  }
  return { name: `${name}, ${n} rows`, A: entries.matrix(n) };
}

function banded(random: Random): Problem {
  const n = side(random, 1000, 100_000);
  const width = 1 + random.integer(6);
  const entries = new Entries();
  for (let i = 0; i < n; i++) {
    for (let d = -width; d <= width; d++)
      if (d !== 0 && i + d >= 0 && i + d < n) entries.put(i, i + d, random.normal());
    entries.put(i, i, 2 * width);
  }
  return { name: `a band of ${width}, ${n} rows`, A: entries.matrix(n) };
}

/** [K Bᵀ; B 0] with K of a grid and B of differences. */
function saddle(random: Random): Problem {
  const m = side(random, 15, 90);
  const n = m * m;
  const K = gridSystem({ sides: [m, m] });
  const entries = new Entries();
  for (let j = 0; j < n; j++) {
    for (let k = K.colPointers[j]; k < K.colPointers[j + 1]; k++) entries.put(K.rowIndices[k], j, K.values[k]);
  }
  const count = Math.floor(n / 3);
  for (let c = 0; c < count; c++) {
    for (const [at, v] of [
      [3 * c, 1],
      [(3 * c + 1 + random.integer(n - 1)) % n, -1],
    ] as const) {
      entries.put(n + c, at, v);
      entries.put(at, n + c, v);
    }
  }
  return { name: `a saddle point, ${n} + ${count}`, A: entries.matrix(n + count) };
}

function dense(random: Random): Problem {
  const n = side(random, 50, 700);
  const entries = new Entries();
  const symmetric = random.uniform() < 0.5;
  for (let j = 0; j < n; j++) {
    for (let i = symmetric ? j : 0; i < n; i++) {
      const v = random.normal() + (i === j ? 3 * Math.sqrt(n) : 0);
      entries.put(i, j, v);
      if (symmetric && i !== j) entries.put(j, i, v);
    }
  }
  return { name: `dense${symmetric ? ', symmetric' : ''}, ${n} rows`, A: entries.matrix(n) };
}

/** Multiple of the chosen solver's time after which a solver is stopped. */
const PATIENCE = 4;

/** The chosen solver beside the fastest of all, which takes the role of the peer. */
export function chooseMain(count: number, tol: number, json: boolean): Outcome {
  if (!Number.isInteger(count) || count < 1) throw new Error('--choice is a whole number from 1.');
  const say = json ? console.error : console.log;
  const out: Measurement[] = [];
  let within = 0;
  for (let k = 0; k < count; k++) {
    const random = new Random(1000 + k);
    const { name, A } = KINDS[k % KINDS.length](random);
    // x consists of waves and noise: neither as smooth nor as rough as possible.
    const x = Float64Array.from({ length: A.cols }, (_, i) => 1 + Math.sin(i / 50) + 0.1 * random.normal());
    const b = new Float64Array(A.rows);
    for (let j = 0; j < A.cols; j++) {
      for (let e = A.colPointers[j]; e < A.colPointers[j + 1]; e++) b[A.rowIndices[e]] += A.values[e] * x[j];
    }
    const timed = (options: { method?: SystemMethod; preconditioner?: PreconditionerName }, limit?: number) => {
      let best = Number.POSITIVE_INFINITY;
      let by = '';
      let spent = 0;
      for (let call = 0; call < 8 && spent < 0.5; call++) {
        const start = process.cpuUsage();
        const found = solve(A, b, { tol, ...options, ...(limit && isSteps(options.method) && { timeLimit: limit }) });
        const { user, system } = process.cpuUsage(start);
        const seconds = (user + system) / 1e6;
        spent += seconds;
        if (found.residual > 10 * tol) return { seconds: Number.POSITIVE_INFINITY, by: '' };
        best = Math.min(best, seconds);
        by = `${found.method}:${found.preconditioner}`;
      }
      return { seconds: best, by };
    };
    timed({});
    const chosen = timed({});
    let best = { ...chosen };
    const limit = Math.max(0.2, PATIENCE * chosen.seconds);
    for (const method of Object.keys(METHODS) as SystemMethod[]) {
      if (method === 'lsmr' || (method === 'qr' && A.rows > 3000)) continue;
      if (method === 'lu' && A.rows > 60_000) continue;
      for (const preconditioner of TAKES[method]) {
        try {
          const { seconds } = timed({ method, preconditioner }, limit);
          if (seconds < best.seconds) best = { seconds, by: `${method}:${preconditioner}` };
        } catch {
          // The solver does not support such a matrix.
        }
      }
    }
    const ratio = chosen.seconds / best.seconds;
    if (ratio <= 2) within++;
    const sides = { name, ours: chosen.seconds, oursBy: chosen.by, peer: best.seconds, peerName: best.by };
    out.push({ ...sides, rows: A.rows, entries: A.nnz });
    say(
      `${ratio <= 2 ? ' ' : '!'} ${ratio.toFixed(2).padStart(6)}  ${name.padEnd(48)} ${chosen.by.padEnd(26)} ${chosen.seconds.toFixed(4)}  best ${best.by.padEnd(26)} ${best.seconds.toFixed(4)}`,
    );
    A.free();
  }
  say(`\nWithin twice the best on ${within} of ${count}.`);
  return { tasks: out, json, more: { within, count } };
}

const isSteps = (method: SystemMethod | undefined): boolean =>
  method !== undefined && ['cg', 'minres', 'bicgstab', 'gmres', 'lsmr'].includes(method);
