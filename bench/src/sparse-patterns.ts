// Sparse LU and QR on patterns far from symmetric, beside SuperLU and SuiteSparseQR: warm and first calls, in one run.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CscMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { sparseLu, sparseQr } from '@southwell/numerics/sparse';
import { benchmark, type Outcome } from './command.ts';
import type { Measurement } from './document.ts';
import { benchRoot } from './linear-models/datasets.ts';
import { environment, python } from './linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- sparse-patterns [options]
  --factor <F>    lu (default) or qr
  --cells <C,…>   patterns, by name (all are the default)
  --seed <N>      of the matrices, default 1
  --calls <N>     calls in a process, default 12
  --json          results as JSON on standard output, progress on standard error

Ordering, factor and one solve of generated matrices whose rows are permuted at random, by southwell and by SciPy's SuperLU (lu) or by
SuiteSparseQR (qr; compiled with g++ where Debian's libsuitesparse-dev is installed), each in a process of its own, one thread. CPU
seconds: the best call, and the first; errors are those of x for b = A·1 (lu), and ‖Aᵀ(b − Ax)‖∞ (qr).`;

export const main = benchmark(usage, command);

type Cells = Array<readonly [row: number, column: number, value: number]>;
interface Pattern {
  readonly rows: number;
  readonly cols: number;
  readonly cells: Cells;
}
interface Cell {
  readonly seconds: number;
  readonly first: number;
  readonly entries: number;
  readonly error: number;
  readonly versions?: string;
}

const square = (n: number, cells: Cells): Pattern => ({ rows: n, cols: n, cells });

/** A tridiagonal matrix with full rows and columns, `border` of each, a fifth of whose entries are there. */
function bordered(n: number, border: number, random: Random): Pattern {
  const cells: Cells = [];
  for (let j = 0; j < n; j++) {
    for (const [i, v] of [
      [j - 1, -1.2],
      [j, 2.5],
      [j + 1, 1],
    ]) {
      if (i >= 0 && i < n) cells.push([i, j, v]);
    }
    for (let k = 0; k < border; k++) {
      if (random.uniform() < 0.2) cells.push([n + k, j, random.uniform()]);
      if (random.uniform() < 0.2) cells.push([j, n + k, random.uniform()]);
    }
  }
  for (let k = 0; k < border; k++) cells.push([n + k, n + k, 1]);
  return square(n + border, cells);
}

/** Full blocks of `size` on the diagonal, and a few entries elsewhere. */
function blocks(count: number, size: number, random: Random): Pattern {
  const n = count * size;
  const cells: Cells = [];
  for (let j = 0; j < n; j++) {
    for (let i = j - (j % size); i < j - (j % size) + size; i++) cells.push([i, j, random.normal()]);
    if (random.uniform() < 0.7) cells.push([random.integer(n), j, random.normal()]);
  }
  return square(n, cells);
}

/** A basis of a linear programme: slacks, and columns of two to seven entries. */
function basis(n: number, random: Random): Pattern {
  const cells: Cells = [];
  for (let j = 0; j < n; j++) {
    cells.push([j, j, random.uniform() < 0.5 ? 1 : -2]);
    if (j >= 0.45 * n)
      for (let k = 1 + random.integer(6); k > 0; k--) cells.push([random.integer(n), j, random.normal()]);
  }
  return square(n, cells);
}

/** A circuit: neighbours, and a few nodes that are connected to many. */
function circuit(n: number, hubs: number, random: Random): Pattern {
  const cells: Cells = [];
  for (let i = 0; i < n; i++) {
    cells.push([i, i, 5 + random.normal()]);
    for (let k = 0; k < 2; k++) {
      const near = Math.min(n - 1, Math.max(0, i + Math.round(20 * random.normal())));
      const j = random.uniform() < 0.15 ? random.integer(hubs) : near;
      cells.push([i, j, random.normal()]);
      if (random.uniform() < 0.6) cells.push([j, i, random.normal()]);
    }
  }
  return square(n, cells);
}

/** Flow in a porous medium on a grid in three dimensions, of which the share `kept` of the connections is there. */
function flow([a, b, c]: readonly number[], kept: number, random: Random): Pattern {
  const cells: Cells = [];
  const at = (i: number, j: number, k: number) => (i * b + j) * c + k;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) {
        let sum = 1e-3;
        for (const [x, y, z] of [
          [i + 1, j, k],
          [i - 1, j, k],
          [i, j + 1, k],
          [i, j - 1, k],
          [i, j, k + 1],
          [i, j, k - 1],
        ]) {
          if (x < 0 || y < 0 || z < 0 || x >= a || y >= b || z >= c || random.uniform() >= kept) continue;
          const v = 10 ** (6 * random.uniform() - 3);
          cells.push([at(i, j, k), at(x, y, z), -v]);
          sum += v;
        }
        cells.push([at(i, j, k), at(i, j, k), sum]);
      }
    }
  }
  return square(a * b * c, cells);
}

/** `perRow` entries in random places of each row. */
function scattered(rows: number, cols: number, perRow: number, random: Random): Pattern {
  const cells: Cells = [];
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < perRow; k++) cells.push([i, random.integer(cols), random.normal()]);
  return { rows, cols, cells };
}

const lu: Readonly<Record<string, (random: Random) => Pattern>> = {
  blocks: (random) => blocks(150, 12, random),
  border: (random) => bordered(4000, 20, random),
  basis: (random) => basis(5000, random),
  'small basis': (random) => basis(800, random),
  circuit: (random) => circuit(1200, 4, random),
  'large circuit': (random) => circuit(13000, 10, random),
  flow: (random) => flow([8, 16, 14], 1, random),
  'broken flow': (random) => flow([12, 12, 12], 0.55, random),
  scattered: (random) => {
    const { cells } = scattered(2000, 2000, 3, random);
    for (let i = 0; i < 2000; i++) cells.push([i, i, 1]);
    return square(2000, cells);
  },
};

/** Rows of a grid whose entries are the corners of small squares; rows of two categories; a chain of differences. */
const qr: Readonly<Record<string, (random: Random) => Pattern>> = {
  scattered: (random) => scattered(3000, 1200, 6, random),
  tall: (random) => scattered(20000, 600, 5, random),
  patches: (random) => {
    const k = 80;
    const cells: Cells = [];
    for (let r = 0; r < 3 * k * k; r++) {
      const [i, j] = [random.integer(k - 2), random.integer(k - 2)];
      for (let a = 0; a < 3; a++) {
        for (let b = 0; b < 3; b++) if (random.uniform() < 0.6) cells.push([r, (i + a) * k + j + b, random.normal()]);
      }
    }
    for (let j = 0; j < k * k; j++) cells.push([3 * k * k + j, j, 0.01]);
    return { rows: 4 * k * k, cols: k * k, cells };
  },
  effects: (random) => {
    const cells: Cells = [];
    for (let i = 0; i < 20000; i++) {
      cells.push([i, random.integer(500), 1], [i, 500 + random.integer(800), 1]);
      for (let j = 1300; j < 1303; j++) cells.push([i, j, random.normal()]);
    }
    return { rows: 20000, cols: 1303, cells };
  },
  differences: () => {
    const k = 80;
    const cells: Cells = [];
    let row = 0;
    for (let p = 0; p < k * k; p++) {
      for (const q of [p % k < k - 1 ? p + 1 : -1, p + k < k * k ? p + k : -1]) {
        if (q >= 0) cells.push([row, p, 1], [row++, q, -1]);
      }
    }
    return { rows: row, cols: k * k, cells };
  },
  angular: (random) => {
    const cells: Cells = [];
    for (let i = 0; i < 10000; i++) {
      const block = Math.floor(i / 200);
      for (let k = 0; k < 5; k++) cells.push([i, 60 * block + random.integer(60), random.normal()]);
      for (let k = 0; k < 2; k++) cells.push([i, 3000 + random.integer(40), random.normal()]);
    }
    return { rows: 10000, cols: 3040, cells };
  },
};
const factors = { lu, qr };
type Factor = keyof typeof factors;

/** The matrix of a pattern, its rows in random order. */
function matrixOf(factor: Factor, name: string, seed: number): CscMatrix {
  const random = new Random(seed);
  const { rows, cols, cells } = factors[factor][name](random);
  const order = random.permutation(rows);
  return CscMatrix.fromTriplets(
    rows,
    cols,
    cells.map(([i]) => order[i]),
    cells.map(([, j]) => j),
    cells.map(([, , v]) => v),
  );
}

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      factor: { type: 'string', default: 'lu' },
      cells: { type: 'string' },
      seed: { type: 'string', default: '1' },
      calls: { type: 'string', default: '12' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const factor = (['lu', 'qr'] as const).find((name) => name === values.factor);
  if (!factor) throw new Error('--factor is lu or qr.');
  const all = Object.keys(factors[factor]);
  const names = values.cells?.split(',') ?? all;
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Error(`--cells are some of ${all.join(', ')}, not ${unknown}.`);
  const [seed, calls] = [Number(values.seed), Number(values.calls)];
  if (!(Number.isInteger(seed) && seed >= 0 && Number.isInteger(calls) && calls >= 1)) {
    throw new Error('--seed and --calls are whole numbers, --calls from 1.');
  }
  const say = values.json ? console.error : console.log;
  const heads = ['southwell', 'peer', 'ratio', 'first', 'its first', 'entries', 'its entries', 'error', 'its error'];
  say(`${cpus()[0]?.model}, load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}`);
  say(`CPU milliseconds, ${factor}\n\n${'pattern'.padEnd(15)}${heads.map((t) => t.padStart(12)).join('')}`);
  const folder = mkdtempSync(join(tmpdir(), 'southwell-patterns-'));
  const results: Measurement[] = [];
  let versions: string | undefined;
  try {
    const peer = factor === 'lu' ? superLu : compiled(folder);
    for (const name of names) {
      const file = join(folder, 'matrix.mtx');
      writeFileSync(file, marketText(matrixOf(factor, name, seed)));
      const own = ours(factor, name, seed, calls);
      const other = peer?.(file, calls);
      versions ??= other?.versions;
      const sides = {
        ours: own.seconds,
        peer: other?.seconds,
        peerName: factor === 'lu' ? 'SuperLU' : 'SuiteSparseQR',
      };
      results.push({ name: `${name}, ${factor}`, ...sides, own, theirs: other });
      const row = [1e3 * own.seconds, other && 1e3 * other.seconds, other && own.seconds / other.seconds];
      row.push(1e3 * own.first, other && 1e3 * other.first, own.entries, other?.entries, own.error, other?.error);
      const shown = row.map((v) => (v === undefined ? '–' : v >= 1e4 ? v.toFixed(0) : v.toPrecision(3)).padStart(12));
      say(`${name.padEnd(15)}${shown.join('')}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  say(`\n${versions ?? 'The peer is not installed.'}`);
  return { tasks: results, json: values.json, more: { versions } };
}

function marketText({ rows, cols, nnz, colPointers, rowIndices, values }: CscMatrix): string {
  const lines = [`%%MatrixMarket matrix coordinate real general`, `${rows} ${cols} ${nnz}`];
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) lines.push(`${rowIndices[k] + 1} ${j + 1} ${values[k]}`);
  }
  return `${lines.join('\n')}\n`;
}

function ours(factor: Factor, name: string, seed: number, calls: number): Cell {
  const code = `const { cell } = await import(${JSON.stringify(import.meta.url)}); console.log(JSON.stringify(cell('${factor}', '${name}', ${seed}, ${calls})));`;
  return answered(process.execPath, ['--input-type=module', '-e', code]);
}

function superLu(file: string, calls: number): Cell {
  return answered(python.command, [join(benchRoot, 'peers/sparse_patterns.py'), file, String(calls)]);
}

/** SuiteSparseQR, if it can be compiled. */
function compiled(folder: string): ((file: string, calls: number) => Cell) | undefined {
  const program = join(folder, 'spqr');
  const libraries = ['-lspqr', '-lcholmod', '-lsuitesparseconfig'];
  const source = join(benchRoot, 'peers/sparse_patterns.cpp');
  const r = spawnSync('g++', ['-O2', '-I/usr/include/suitesparse', source, '-o', program, ...libraries]);
  return r.status === 0 ? (file, calls) => answered(program, [file, String(calls)]) : undefined;
}

function answered(command: string, args: readonly string[]): Cell {
  const r = spawnSync(command, args, { env: environment, encoding: 'utf8' });
  if (r.status !== 0) throw new Error(`${args[0]} ended: ${r.stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(r.stdout);
}

/** One measurement of our own, in this process. */
export function cell(factor: Factor, name: string, seed: number, calls: number): Cell {
  const A = matrixOf(factor, name, seed);
  const { rows, cols, colPointers, rowIndices, values } = A;
  const b = factor === 'qr' ? Float64Array.from({ length: rows }, (_, i) => Math.sin(1 + i)) : new Float64Array(rows);
  if (factor === 'lu') for (let k = 0; k < A.nnz; k++) b[rowIndices[k]] += values[k];
  const times: number[] = [];
  let [entries, x] = [0, b];
  for (let call = 0; call < calls; call++) {
    const start = process.cpuUsage();
    const made = factor === 'lu' ? sparseLu(A) : sparseQr(A);
    x = 'leastSquares' in made ? made.leastSquares(b) : made.solve(b);
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / 1e6);
    entries = made.factorEntries;
    made.free();
  }
  const r = b.slice();
  for (let j = 0; j < cols; j++)
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) r[rowIndices[k]] -= values[k] * x[j];
  let error = 0;
  for (let j = 0; j < cols; j++) {
    let size = factor === 'lu' ? x[j] - 1 : 0;
    if (factor === 'qr') for (let k = colPointers[j]; k < colPointers[j + 1]; k++) size += values[k] * r[rowIndices[k]];
    error = Math.max(error, Math.abs(size));
  }
  return { seconds: Math.min(...times), first: times[0], entries, error };
}
