// The data sets, created once and cached as .npy files in bench/.cache: every contender loads the same bytes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { correlatedRegression, designMatrix, readNpyMatrix, readTable, writeNpy } from '@southwell/data/node';
import { CscMatrix, DenseMatrix, type Matrix, Random } from 'southwell';
import { python } from './interpreters.ts';

export const benchRoot = fileURLToPath(new URL('../..', import.meta.url));
const shared = join(benchRoot, '../../shared/data');
const cache = join(benchRoot, '.cache');
/** A file in the data folder beside the repository. */
export const sharedFile = (name: string): string => join(shared, name);
/** To be increased when a data set below changes. */
const VERSION = 1;

interface Arrays {
  readonly X: Matrix;
  /** Target of the squared loss. */
  readonly y: Float64Array;
  /** ±1, for the logistic loss. */
  readonly labels: Float64Array;
}

export interface DataSet {
  readonly name: string;
  readonly about: string;
  /** A file in ../shared/data that is required to create the set. */
  readonly needs?: string;
  readonly make: () => Promise<Arrays>;
}

/** A data set on disk: X.npy in Fortran order, or data.npy, indices.npy and indptr.npy; y.npy and labels.npy. */
export interface Prepared extends Arrays {
  readonly dir: string;
}

const signs = (y: Float64Array) => y.map((v) => (v > 0 ? 1 : -1));

/** n × p, AR(rho) columns, 100 coefficients (p/10 if that is fewer), SNR 3. */
export function autoregressive(name: string, n: number, p: number, rho = 0.5): DataSet {
  const nonZeros = Math.min(100, Math.ceil(p / 10));
  return {
    name,
    about: `${n} × ${p} dense, AR(${rho}) columns, ${nonZeros} true coefficients, SNR 3; labels: sign of y`,
    make: async () => {
      const { X, y } = correlatedRegression({ n, p, rho, nonZeros, snr: 3, seed: 1 });
      return { X, y, labels: signs(y) };
    },
  };
}

/** n × p, every entry present with probability `density` and standard normal; 100 coefficients, SNR 3. */
export function randomSparse(name: string, n: number, p: number, density: number): DataSet {
  return {
    name,
    about: `${n} × ${p} sparse, density ${density}, normal entries, 100 true coefficients, SNR 3`,
    make: async () => {
      const random = new Random(2);
      const pointers = [0];
      const indices: number[] = [];
      const values: number[] = [];
      const y = new Float64Array(n);
      const chosen = new Set(random.sample(p, 100));
      for (let j = 0; j < p; j++) {
        const w = chosen.has(j) ? random.normal() : 0;
        // Gaps between entries have a geometric distribution.
        for (let i = -1; ; ) {
          i += 1 + Math.floor(Math.log(1 - random.uniform()) / Math.log1p(-density));
          if (!(i < n)) break;
          indices.push(i);
          values.push(random.normal());
          y[i] += w * values[values.length - 1];
        }
        pointers.push(indices.length);
      }
      const rms = Math.sqrt(y.reduce((s, v) => s + v * v, 0) / n);
      for (let i = 0; i < n; i++) y[i] += (rms / 3) * random.normal();
      return { X: CscMatrix.fromColumns(n, p, pointers, indices, values), y, labels: signs(y) };
    },
  };
}

/**
 * n × p of zeros with `ones` ones per row, columns of unequal frequency; the fraction `positive` of labels is +1, by a
 * logistic model of 30 columns.
 */
export function binarySparse(name: string, n: number, p: number, ones: number, positive: number): DataSet {
  return {
    name,
    about: `${n} × ${p} sparse, ${ones} ones a row, ${100 * positive} % positive labels, 30 true coefficients`,
    make: async () => {
      const random = new Random(3);
      const columns: number[][] = Array.from({ length: p }, () => []);
      const weights = new Float64Array(p);
      for (const j of random.sample(p, 30)) weights[j] = 2 * random.normal();
      const score = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        const row = new Set<number>();
        while (row.size < ones) row.add(Math.floor(p * random.uniform() ** 2));
        for (const j of row) {
          columns[j].push(i);
          score[i] += weights[j];
        }
        score[i] += Math.log(1 / random.uniform() - 1);
      }
      const top = score.slice().sort()[Math.floor((1 - positive) * n)];
      const labels = score.map((s) => (s > top ? 1 : -1));
      const pointers = [0];
      for (const column of columns) pointers.push(pointers.at(-1)! + column.length);
      const indices = columns.flat();
      return {
        X: CscMatrix.fromColumns(
          n,
          p,
          pointers,
          indices,
          indices.map(() => 1),
        ),
        y: labels,
        labels,
      };
    },
  };
}

const reuters: DataSet = {
  name: 'reuters',
  about: 'reuters_tfidf as it is, sparse; the squared loss fits its ±1 labels',
  needs: 'reuters_tfidf/reuters.svm.gz',
  make: () => libsvm('reuters_tfidf/reuters.svm.gz'),
};

const a9a: DataSet = {
  name: 'a9a',
  about: 'LIBSVM adult, training part, as it is, sparse',
  needs: 'libsvm_adult/a9a',
  make: () => libsvm('libsvm_adult/a9a'),
};

async function libsvm(file: string): Promise<Arrays> {
  const { sparse } = await readTable(join(shared, file), { format: 'libsvm' });
  if (!sparse?.y) throw new Error(`${file} holds no labels.`);
  return { X: sparse.X, y: sparse.y, labels: signs(sparse.y) };
}

const colon: DataSet = {
  name: 'colon',
  about: 'colon tumours, columns standardised, the squared loss fits the centred ±1 labels (as in benchmarks of celer)',
  needs: 'microarray_rda/csv/Colon.csv.gz',
  make: async () => {
    const table = await readTable(join(shared, 'microarray_rda/csv/Colon.csv.gz'), { header: false });
    const columns = table.columns.map((c) => {
      if (c.type === 'number') return c.values;
      throw new Error(`Colon.csv.gz: column ${c.name} is no number.`);
    });
    return classes(columns.slice(1), columns[0]);
  },
};

const allaml: DataSet = {
  name: 'allaml',
  about: 'ALLAML leukaemia, columns standardised, the squared loss fits the centred ±1 labels',
  needs: 'skfeature_mat/ALLAML.mat',
  make: async () => {
    const out = join(cache, 'allaml-raw.npy');
    const script = `
import sys, numpy as np, scipy.io
m = scipy.io.loadmat(sys.argv[1])
if 'X' in m: X, y = m['X'], m['Y' if 'Y' in m else 'y']
else: X, y = m['fea'], m['gnd']
if X.shape[0] != y.size: X = X.T
np.save(sys.argv[2], np.asfortranarray(np.column_stack([y.ravel(), X]).astype(float)))`;
    const file = join(shared, 'skfeature_mat/ALLAML.mat');
    const { status, stderr } = spawnSync(python.command, ['-c', script, file, out], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`ALLAML.mat needs python3 with scipy: ${stderr.trim().split('\n').at(-1)}`);
    const raw = await readNpyMatrix(out);
    return classes(
      Array.from({ length: raw.cols - 1 }, (_, j) => raw.column(j + 1).slice()),
      raw.column(0).slice(),
    );
  },
};

const spambase: DataSet = {
  name: 'spambase',
  about: 'Spambase (bundled), columns standardised',
  make: async () => {
    const { X, y } = designMatrix(await readTable('bundled:spambase'), { target: 'class', sparse: false });
    const columns = Array.from({ length: X.cols }, (_, j) => (X as DenseMatrix).column(j).slice());
    return classes(columns, y!);
  },
};

const diabetes: DataSet = {
  name: 'diabetes2',
  about:
    'diabetes (bundled), ten measurements standardised, with squares (but that of sex) and products: 64 columns, standardised; y centred; labels: above the mean',
  make: async () => {
    const { X, y } = designMatrix(await readTable('bundled:diabetes'), { target: 'y', sparse: false });
    const base = Array.from({ length: X.cols }, (_, j) => standardised((X as DenseMatrix).column(j).slice()));
    const columns = [...base];
    base.forEach((a, i) => {
      base.slice(i).forEach((b, k) => {
        // The square of a two-valued column is a linear function of it.
        if (k > 0 || new Set(a).size > 2) columns.push(standardised(a.map((v, r) => v * b[r])));
      });
    });
    const target = centred(y!);
    return { X: stacked(columns), y: target, labels: signs(target) };
  },
};

function classes(columns: Float64Array[], codes: Float64Array): Arrays {
  const low = Math.min(...codes);
  const labels = codes.map((v) => (v === low ? -1 : 1));
  return { X: stacked(columns.map(standardised)), y: centred(labels), labels };
}

function centred(v: Float64Array): Float64Array {
  const mean = v.reduce((s, x) => s + x, 0) / v.length;
  return v.map((x) => x - mean);
}

/** Standardised to mean 0, variance 1 (divided by n); a constant becomes zero. */
function standardised(v: Float64Array): Float64Array {
  const c = centred(v);
  const sd = Math.sqrt(c.reduce((s, x) => s + x * x, 0) / v.length);
  return c.map((x) => (sd > 1e-12 ? x / sd : 0));
}

function stacked(columns: Float64Array[]): DenseMatrix {
  const X = DenseMatrix.create(columns[0].length, columns.length);
  columns.forEach((column, j) => {
    X.column(j).set(column);
  });
  return X;
}

export const dense = autoregressive('dense', 2000, 10_000);
export const denseQuick = autoregressive('dense-quick', 200, 1000);
export const real = { reuters, colon, allaml, a9a, spambase, diabetes };

/** Why the set is not available, or undefined. */
export function missing(set: DataSet): string | undefined {
  if (!set.needs || existsSync(join(cache, set.name, `v${VERSION}.json`)) || existsSync(join(shared, set.needs)))
    return;
  return `../shared/data/${set.needs} is not there`;
}

/** Creates the set unless it is cached, and loads it. */
export async function prepare(set: DataSet): Promise<Prepared> {
  const dir = join(cache, set.name);
  const stamp = join(dir, `v${VERSION}.json`);
  if (!existsSync(stamp)) {
    mkdirSync(dir, { recursive: true });
    const { X, y, labels } = await set.make();
    const save = (name: string, data: DenseMatrix | Float64Array) =>
      writeFileSync(join(dir, `${name}.npy`), writeNpy(data));
    if (X.kind === 'dense') save('X', X);
    else {
      save('data', X.values);
      save('indices', Float64Array.from(X.rowIndices));
      save('indptr', Float64Array.from(X.colPointers));
    }
    save('y', y);
    save('labels', labels);
    writeFileSync(
      stamp,
      JSON.stringify({ kind: X.kind, rows: X.rows, cols: X.cols, nnz: X.kind === 'csc' ? X.nnz : 0 }),
    );
  }
  return { dir, ...(await load(dir)) };
}

/** The arrays of a prepared set. */
export async function load(dir: string): Promise<Arrays> {
  const { kind, rows, cols } = JSON.parse(readFileSync(join(dir, `v${VERSION}.json`), 'utf8'));
  const matrix = (name: string) => readNpyMatrix(join(dir, `${name}.npy`));
  const vector = async (name: string) => {
    const block = await matrix(name);
    const copy = block.data.slice();
    block.free();
    return copy;
  };
  /**
   * One array after the other, each directly to its destination: temporary copies awaiting garbage collection would
   * count as our memory.
   */
  const sparse = async () => {
    const pointers = await vector('indptr');
    const X = CscMatrix.create(rows, cols, pointers[cols]);
    X.colPointers.set(pointers);
    for (const [name, take] of [
      ['indices', (v: Float64Array) => X.rowIndices.set(v)],
      ['data', (v: Float64Array) => X.values.set(v)],
    ] as const) {
      const block = await matrix(name);
      take(block.data);
      block.free();
    }
    return X;
  };
  const X = kind === 'dense' ? await matrix('X') : await sparse();
  return { X, y: await vector('y'), labels: await vector('labels') };
}
