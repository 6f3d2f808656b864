import { analyse } from '@southwell/numerics/sparse';
import type { SketchedSqpOptions } from 'southwell/constrained';
import type { Pause } from '../pauses.ts';
import type { Outer } from './lab.ts';
import type { Problem } from './problems.ts';
import { entriesOf, lowerKkt } from './system.ts';

type Solver = 'rows' | 'blocks of rows' | 'MINRES' | 'GMRES' | 'LDLᵀ';

export interface SolverCost {
  readonly outer: number;
  readonly inner: number;
  readonly operations: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly kkt: number;
}

export interface SolverRun {
  readonly name: Solver;
  readonly options: SketchedSqpOptions;
  /** Rows, or steps of a Krylov method, after which a run ends. */
  readonly most: number;
}

/** Steps whose systems are solved in five ways; none factorises a matrix only in order to check it. */
export function solversAt(
  {
    tol,
    block,
    rows,
    krylov,
  }: { readonly tol: number; readonly block: number; readonly rows: number; readonly krylov: number },
  seed: number,
): SolverRun[] {
  const common = { tol, seed, checks: false } as const;
  return [
    { name: 'rows', options: { ...common, maxInner: rows }, most: rows },
    {
      name: 'blocks of rows',
      options: { ...common, blockSize: block, maxInner: Math.floor(rows / block) },
      most: Math.floor(rows / block),
    },
    { name: 'MINRES', options: { ...common, solver: 'minres', maxInner: krylov }, most: krylov },
    { name: 'GMRES', options: { ...common, solver: 'gmres', maxInner: krylov }, most: krylov },
    { name: 'LDLᵀ', options: { ...common, solver: 'direct' }, most: Number.POSITIVE_INFINITY },
  ];
}

/** Restart length of the library's GMRES; vectors that MINRES and GMRES keep besides the basis. */
const [RESTART, MINRES_VECTORS, GMRES_VECTORS] = [30, 8, 4];

/** Runs steps until they end, or have used up what they may. */
export async function costsOf(
  problem: Problem,
  name: Solver,
  steps: Iterable<Outer>,
  { blockSize: s = 1 }: SketchedSqpOptions,
  most: number,
  pause: Pause,
): Promise<SolverCost> {
  const started = performance.now();
  let [last, outer]: [Outer | undefined, number] = [undefined, -1];
  for (const step of steps) {
    [last, outer] = [step, outer + 1];
    if (step.ended || step.inner >= most) break;
    await pause();
  }
  const seconds = (performance.now() - started) / 1000;
  const { inner, kkt } = last!;
  return { outer, inner, seconds, kkt, ...priceOf(problem, name, outer, inner, s) };
}

/** Additions and multiplications, and bytes that are held at once, of a number of inner steps. */
function priceOf(problem: Problem, name: Solver, outer: number, inner: number, s: number) {
  const lower = lowerKkt(problem);
  const n = lower.cols;
  const entries = entriesOf(lower);
  const perRow = entries / n;
  const matrix = 12 * entries + 4 * n;
  const product = 2 * entries;
  try {
    switch (name) {
      case 'rows':
      case 'blocks of rows': {
        // Residuals and steps, inner products of rows, and their Cholesky factor; a residual for each pass over the rows.
        const own = s * 4 * perRow + s * (s + 1) * perRow + (s > 1 ? s ** 3 / 3 + 2 * s * s : 0);
        return { operations: inner * own + ((inner * s) / n) * product, bytes: matrix + 8 * (2 * n + s * s + 2 * s) };
      }
      case 'MINRES':
        return { operations: inner * (product + 18 * n), bytes: matrix + 8 * MINRES_VECTORS * n };
      case 'GMRES':
        // Products with half of the basis on average.
        return {
          operations: inner * (product + 4 * n * (RESTART / 2)),
          bytes: matrix + 8 * (RESTART + 1 + GMRES_VECTORS) * n,
        };
      case 'LDLᵀ': {
        const analysis = analyse(lower);
        const { operations, factorEntries } = analysis;
        // The lower triangle, the factor and two vectors.
        const held = 12 * lower.values.length + 4 * n + 8 * factorEntries + 16 * n;
        return { operations: outer * (operations + 4 * factorEntries), bytes: held };
      }
    }
  } finally {
    lower.free();
  }
}
