import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { functionsOf, type Model } from '@southwell/numerics/expressions';

/** A peer: Ipopt with the AMPL interface, from Debian's coinor-ipopt. */
export const IPOPT = '/usr/bin/ipopt';
export const hasIpopt = existsSync(IPOPT);

/** Files of models that are kept beside the repository. */
export const nlModels = ['../../../../../shared/data/nl_models/', '../../../../../../shared/data/nl_models/']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(url));

/** What Ipopt prints of a .nl file at its initial point: dense vectors and matrices by their names. */
export interface IpoptStart {
  readonly vectors: ReadonlyMap<string, readonly number[]>;
  /** Entries as row, column, value. */
  readonly matrices: ReadonlyMap<string, ReadonlyArray<readonly [number, number, number]>>;
  readonly objective: number;
  readonly output: string;
}

export function runIpopt(nl: Uint8Array, options: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-nl-'));
  try {
    writeFileSync(join(folder, 'model.nl'), nl);
    return execFileSync(IPOPT, [join(folder, 'model.nl'), '-AMPL', ...options], {
      encoding: 'utf8',
      maxBuffer: 1 << 30,
      stdio: ['ignore', 'pipe', 'ignore'],
      cwd: folder,
      // Whether it solves a model can depend on the last bits of its BLAS: here those of one set of kernels, whatever the processor.
      env: { ...process.env, OPENBLAS_CORETYPE: 'Prescott' },
    });
  } catch (error) {
    // Its status says whether a solution was found.
    return String((error as { stdout?: string }).stdout ?? '');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const NUMBER = '[-+0-9.e]+|-?nan|-?inf';
const SAME = new RegExp(`Homogeneous vector, all elements have value +(${NUMBER})`);
const ITEM = new RegExp(`^\\s*\\w+\\[ *\\d+\\](?:\\{[^}]*\\})?= *(${NUMBER})`);
const ENTRY = new RegExp(`^\\s*\\w+\\[ *(\\d+), *(\\d+)\\]= *(${NUMBER})`);

/** Runs Ipopt for one iteration, in which it prints everything that it evaluated at the initial point. */
export function ipoptAtStart(nl: Uint8Array): IpoptStart {
  const output = runIpopt(nl, [
    'print_level=12',
    'max_iter=1',
    'nlp_scaling_method=none',
    'fixed_variable_treatment=relax_bounds',
    'check_derivatives_for_naninf=no',
  ]);
  const vectors = new Map<string, number[]>();
  const matrices = new Map<string, Array<[number, number, number]>>();
  const begin = output.indexOf('Beginning Iteration 0');
  let vector: number[] = [];
  let size = 0;
  let matrix: Array<[number, number, number]> = [];
  for (const line of output.slice(begin).split('\n')) {
    const header = /^\s*(DenseVector|GenTMatrix|SymTMatrix) "([^"]+)" (?:with|of dimension) (\d+)/.exec(line);
    if (header) {
      const [, kind, name] = header;
      if (kind === 'DenseVector') {
        vector = [];
        size = Number(header[3]);
        if (!vectors.has(name)) vectors.set(name, vector);
      } else {
        matrix = [];
        if (!matrices.has(name)) matrices.set(name, matrix);
      }
      continue;
    }
    const same = SAME.exec(line);
    if (same) for (let k = 0; k < size; k++) vector.push(Number(same[1]));
    const item = ITEM.exec(line);
    if (item) vector.push(Number(item[1]));
    const entry = ENTRY.exec(line);
    if (entry) matrix.push([Number(entry[1]) - 1, Number(entry[2]) - 1, Number(entry[3])]);
  }
  const objective = Number(/Objective\.+: +\S+ +(\S+)/.exec(output.slice(begin))?.[1]);
  return { vectors, matrices, objective, output };
}

/** The greatest relative difference of a value, and where it is. */
export interface Difference {
  readonly most: number;
  readonly where: string;
}

/**
 * Compares the functions of a model and their derivatives with what Ipopt prints at its initial point. The model has
 * variables and rows in the order of the file.
 */
export function compareWithIpopt(model: Model, { vectors, matrices, objective }: IpoptStart): Difference {
  const f = functionsOf(model);
  const { lower, upper } = model.rows;
  const rows = Array.from(lower.keys());
  const equal = rows.filter((i) => lower[i] === upper[i]);
  const others = rows.filter((i) => lower[i] !== upper[i]);
  const x = Float64Array.from(vectors.get('curr_x') ?? []);
  let worst: Difference = { most: 0, where: '' };
  const see = (ours: number, theirs: number, scale: number, where: string): void => {
    const most = Math.abs(ours - theirs) / Math.max(1, Math.abs(theirs), scale);
    if (!(most <= worst.most))
      worst = { most: Number.isNaN(most) ? Infinity : most, where: `${where}: ${ours}, ${theirs}` };
  };
  see(f.objective(x), objective, 0, 'objective');
  const gradient = new Float64Array(f.variables);
  f.gradient(x, gradient);
  (vectors.get('grad_f') ?? []).forEach((value, j) => {
    see(gradient[j], value, 0, `gradient ${j}`);
  });
  const values = new Float64Array(f.constraints);
  f.constraintValues(x, values);
  for (const [name, of] of [
    ['curr_c', equal],
    ['curr_d', others],
  ] as const)
    (vectors.get(name) ?? []).forEach((value, k) => {
      const shift = of === equal ? lower[of[k]] : 0;
      see(values[of[k]] - shift, value, Math.abs(shift), `row ${of[k]}`);
    });
  const entries = new Float64Array(f.jacobian.rowIndices.length);
  f.jacobianValues(x, entries);
  compareEntries(
    'jacobian',
    f.jacobian,
    entries,
    [...entriesOf(matrices.get('jac_c'), equal), ...entriesOf(matrices.get('jac_d'), others)],
    see,
  );
  const multipliers = new Float64Array(f.constraints);
  (vectors.get('curr_y_c') ?? []).forEach((value, k) => {
    multipliers[equal[k]] = value;
  });
  (vectors.get('curr_y_d') ?? []).forEach((value, k) => {
    multipliers[others[k]] = value;
  });
  const second = new Float64Array(f.hessian!.rowIndices.length);
  f.hessianValues!(x, 1, multipliers, second);
  const W = matrices.get('W');
  if (W)
    compareEntries(
      'hessian',
      f.hessian!,
      second,
      W.map(([i, j, v]) => [Math.max(i, j), Math.min(i, j), v]),
      see,
    );
  else if (second.some((value) => value !== 0)) see(1, 0, 0, 'no Hessian was printed');
  return worst;
}

const entriesOf = (entries: ReadonlyArray<readonly [number, number, number]> | undefined, rows: readonly number[]) =>
  (entries ?? []).map(([i, j, value]) => [rows[i], j, value] as const);

function compareEntries(
  name: string,
  pattern: { readonly cols: number; readonly colPointers: Int32Array; readonly rowIndices: Int32Array },
  ours: Float64Array,
  theirs: ReadonlyArray<readonly [number, number, number]>,
  see: (ours: number, theirs: number, scale: number, where: string) => void,
): void {
  const sums = new Map<string, number>();
  for (const [i, j, value] of theirs) sums.set(`${i}, ${j}`, (sums.get(`${i}, ${j}`) ?? 0) + value);
  for (let j = 0; j < pattern.cols; j++)
    for (let k = pattern.colPointers[j]; k < pattern.colPointers[j + 1]; k++) {
      const key = `${pattern.rowIndices[k]}, ${j}`;
      see(ours[k], sums.get(key) ?? 0, 0, `${name} ${key}`);
      sums.delete(key);
    }
  // Entries that we do not have are zero.
  for (const [key, value] of sums) see(0, value, 0, `${name} ${key}`);
}
