// One nonlinear program, solved by southwell and by Ipopt from the same .nl file; both solutions are judged alike.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type NlSolution, readSol } from '@southwell/data';
import { functionsOf, type Model } from '@southwell/numerics/expressions';
import { type NonlinearProgram, optimalityResiduals } from 'southwell/constrained';
import { environment } from '../../linear-models/interpreters.ts';
import type { Took } from './solve.ts';

/** The accuracy at which a program counts as solved: residuals of the program as stated, relative to their terms. */
export const SOLVED = 1e-8;

export interface Limits {
  /** CPU seconds after which a process is ended. */
  readonly seconds: number;
  /** Whether southwell's dense kernels may call OpenBLAS. */
  readonly blas: boolean;
}

/** The solution of a process, with residuals that are recomputed from the functions of the model. */
export interface Found extends Partial<Took> {
  /** Why there is no solution. */
  readonly error?: string;
  readonly objective?: number;
  readonly absolute?: number;
  readonly relative?: number;
}

/** A model, its .nl file, and the model's variable and row at each place of the file. */
export interface Written {
  readonly model: Model;
  readonly nl: Uint8Array;
  readonly variables?: Int32Array;
  readonly rows?: Int32Array;
}

export const isSolved = ({ relative }: Found): boolean => relative !== undefined && relative <= SOLVED;

export const programOf = (model: Model): NonlinearProgram => ({
  functions: functionsOf(model),
  ...{ lower: model.variables.lower, upper: model.variables.upper, start: model.variables.start },
  ...{ rowLower: model.rows.lower, rowUpper: model.rows.upper },
});

const child = fileURLToPath(new URL('./solve.js', import.meta.url));

export function bySouthwell(written: Written, { seconds, blas }: Limits, warm: boolean): Found {
  return inFolder(written, (folder) => {
    const out = join(folder, 'model.sol');
    const { SOUTHWELL_BLAS: _, ...plain } = environment;
    const env = blas ? { ...plain, SOUTHWELL_BLAS: 'openblas' } : plain;
    const words = [process.execPath, child, join(folder, 'model.nl'), out, ...(warm ? ['warm'] : [])];
    const { stdout } = limited(words, seconds, folder, env);
    const took = lastLine<Took & { error?: string }>(stdout);
    if (!took) return { error: `no solution within ${seconds} CPU seconds` };
    if (took.error !== undefined) return { error: took.error };
    return { ...took, ...judge(written, readSol(readFileSync(out, 'utf8'))) };
  });
}

/** The options with which Ipopt has no tolerance for bounds, which its default relaxes by 1e-8. */
export const EXACT_BOUNDS = ['bound_relax_factor=0', 'tol=1e-9'];

export const hasIpopt = (): boolean => spawnSync('ipopt', ['-v']).status === 0;

export function byIpopt(written: Written, { seconds }: Limits, options: readonly string[] = []): Found {
  return inFolder(written, (folder) => {
    const file = join(folder, 'model.nl');
    const words = ['ipopt', file, '-AMPL', 'print_timing_statistics=yes', ...options];
    const { stdout, stderr } = limited(['/usr/bin/time', '-f', '@ %U %S %M', ...words], seconds, folder, environment);
    const solution = file.replace(/nl$/, 'sol');
    const used = /^@ (\S+) (\S+) (\S+)$/m.exec(stderr)?.slice(1).map(Number);
    const status = /^EXIT: (.*)$/m.exec(stdout)?.[1];
    if (!existsSync(solution) || !used) return { status, error: status ?? `no solution within ${seconds} CPU seconds` };
    const call = /^OverallAlgorithm\.+: +(\S+) \(sys: +(\S+)/m.exec(stdout)?.slice(1).map(Number);
    const first = call && call[0] + call[1];
    const took: Took = {
      status: status ?? '?',
      iterations: Number(/^Number of Iterations\.+: (\d+)/m.exec(stdout)?.[1] ?? Number.NaN),
      restorations: [...stdout.replace(/^iter .*\n/gm, '').matchAll(/^ *\d+ .*\n *\d+r/gm)].length,
      ...{ process: used[0] + used[1], first: first ?? Number.NaN, megabytes: used[2] / 1024 },
    };
    return { ...took, ...judge(written, readSol(readFileSync(solution, 'utf8'))) };
  });
}

/** Both, with Ipopt also without its tolerance of bounds where that keeps its solution from being accurate. */
export function both(written: Written, limits: Limits, warm = false): { ours: Found; theirs?: Found; exact?: Found } {
  const ours = bySouthwell(written, limits, warm);
  if (!hasIpopt()) return { ours };
  const theirs = byIpopt(written, limits);
  const exact = isSolved(theirs) || theirs.relative === undefined ? undefined : byIpopt(written, limits, EXACT_BOUNDS);
  return { ours, theirs, exact };
}

function limited(words: readonly string[], seconds: number, cwd: string, env: NodeJS.ProcessEnv) {
  const shell = ['-c', `ulimit -t ${seconds}; exec "$@"`, 'sh', ...words];
  return spawnSync('/bin/sh', shell, { encoding: 'utf8', cwd, env, maxBuffer: 2 ** 28 });
}

function lastLine<T>(text: string): T | undefined {
  try {
    return JSON.parse(text.trim().split('\n').at(-1)!) as T;
  } catch {
    return undefined;
  }
}

function inFolder<T>({ nl }: Written, call: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-bench-'));
  try {
    writeFileSync(join(folder, 'model.nl'), nl);
    return call(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The objective of a solution, as a minimisation, and its residuals; nothing if it is not finite. */
function judge({ model, variables, rows }: Written, { x, multipliers, suffixes = [] }: NlSolution): Partial<Found> {
  if (!x?.every(Number.isFinite)) return {};
  const sign = model.objective.sense === 'maximize' ? -1 : 1;
  const [point, bounds] = [new Float64Array(x.length), new Float64Array(x.length)];
  const y = new Float64Array(model.rows.names.length);
  const at = (place: number) => variables?.[place] ?? place;
  x.forEach((v, place) => {
    point[at(place)] = v;
  });
  multipliers?.forEach((v, place) => {
    y[rows?.[place] ?? place] = sign * v;
  });
  for (const { name, indices, values } of suffixes) {
    if (!/^ipopt_z[LU]_out$/.test(name)) continue;
    indices.forEach((place, k) => {
      bounds[at(place)] += sign * values[k];
    });
  }
  const program = programOf(model);
  const { lower, upper } = model.variables;
  // Ipopt leaves fixed variables out, with multipliers that say nothing.
  if (lower.some((l, j) => l === upper[j])) settleFixed(program, model, point, y, bounds);
  const objective = program.functions.objective(point);
  const { primal, dual, complementarity, relative } = optimalityResiduals(program, { x: point, rows: y, bounds });
  return { objective, absolute: Math.max(primal, dual, complementarity), relative };
}

/** The multipliers of fixed variables that satisfy their conditions. */
function settleFixed(
  { functions: f }: NonlinearProgram,
  model: Model,
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
) {
  const { lower, upper } = model.variables;
  const gradient = new Float64Array(x.length);
  f.gradient(x, gradient);
  const { colPointers, rowIndices } = f.jacobian;
  const J = new Float64Array(rowIndices.length);
  f.jacobianValues(x, J);
  for (let j = 0; j < x.length; j++) {
    if (lower[j] !== upper[j]) continue;
    z[j] = gradient[j];
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) z[j] -= J[k] * y[rowIndices[k]];
  }
}
