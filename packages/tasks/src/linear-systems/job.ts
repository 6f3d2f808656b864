import type { CscMatrix } from '@southwell/numerics/arrays';
import { finished, type Status } from '@southwell/numerics/core';
import { multiply } from '@southwell/numerics/linalg';
import { type Factorisation, factorise, type SystemSolution } from 'southwell/linear-systems';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import { count, number } from '../format.ts';
import { matrixOf, patternOf, rightHandSidesOf } from './matrix.ts';
import { modelOf } from './model.ts';
import type { SolveRequest } from './options.ts';
import type { SolveResult } from './result.ts';

/** Number of cells of a side of the picture of the pattern. */
const CELLS = 160;
/** Error from which a solution is reported as doubtful. */
const DOUBTFUL = 1e-3;

type History = Array<{ step: number; residual: number }>;

/** Solves for each right-hand side in turn. Throws if the request or the data are invalid. */
export async function solveJob(request: SolveRequest, tools: TaskTools): Promise<SolveResult> {
  const started = performance.now();
  const table = await tools.read();
  const A = matrixOf(table);
  const second = request.rhs === undefined ? undefined : await tools.read('rhs');
  const sides = second ? rightHandSidesOf(second) : [{ name: 'x', values: imageOfOnes(A) }];
  for (const { values } of sides) {
    if (values.length === A.rows) continue;
    const file = second?.name;
    throw new RequestError(`${file} has ${count(values.length, 'row')}, but the matrix has ${count(A.rows, 'row')}.`);
  }
  const { method, preconditioner, omega, dropTolerance, restart, tol, maxIter, timeLimit } = request;
  tools.progress({ text: `analysing ${count(A.nnz, 'stored value')}` });
  await turn(tools.signal);
  const solves = sides.length;
  const system = factorise(A, { method, preconditioner, omega, dropTolerance, restart, solves });
  const x: Record<string, number[]> = {};
  const solutions: Array<SolveResult['solutions'][number]> = [];
  let history: History = [];
  let worst: Status = 'converged';
  const next = new Set<string>();
  for (const [k, { name, values }] of sides.entries()) {
    history = [];
    let told = 0;
    const solution = system.solve(values, {
      ...{ tol, maxIter, timeLimit, signal: tools.signal, bounds: true },
      onIterate: ({ iteration, metrics }) => {
        const residual = metrics?.residual ?? Number.NaN;
        keep(history, iteration, residual);
        if (performance.now() - told < 100) return;
        told = performance.now();
        tools.progress({ text: `${system.name}, step ${iteration}: residual ${number(residual, 2)}`, iteration });
      },
    });
    tools.progress({ text: `${count(k + 1, 'right-hand side')} of ${sides.length}`, done: k + 1, total: sides.length });
    x[name] = Array.from(solution.x);
    solutions.push(described(name, solution, second === undefined && (system.rank ?? A.cols) === A.cols));
    if (finished(worst)) worst = solution.status;
    if (solution.next) next.add(solution.next);
    if (tools.signal.aborted) break;
    await turn(tools.signal, false);
  }
  const status = worst;
  return {
    command: tools.command,
    data: { name: table.name, notes: [...table.notes, ...(second?.notes ?? [])] },
    matrix: factsOf(system, A),
    solver: {
      ...{ method: system.method, preconditioner: system.preconditioner, name: system.name, because: system.because },
      ...{ tried: system.tried, factorEntries: system.factorEntries, seconds: system.seconds },
    },
    solutions,
    x,
    advice: [...next, ...adviceOf(solutions, system)],
    status,
    ...(next.size > 0 && { next: [...next][0] }),
    seconds: (performance.now() - started) / 1000,
    modelText: modelOf(
      system,
      sides.map(({ name }) => name),
      tools.command,
    ),
    ...(tools.pictures && { pattern: drawn(A), ...(history.length > 1 && { history }) }),
  };
}

/** Interrupts are handled between two turns of the event loop. */
async function turn(signal: AbortSignal, throws = true): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  if (throws) signal.throwIfAborted();
}

/** Keeps at most a thousand points: every second one is dropped when there are more. */
function keep(history: History, step: number, residual: number): void {
  if (!Number.isFinite(residual)) return;
  history.push({ step, residual });
  if (history.length > 1000) for (let k = 1; k < history.length; k++) history.splice(k, 1);
}

function imageOfOnes(A: CscMatrix): Float64Array {
  const b = new Float64Array(A.rows);
  multiply(A, new Float64Array(A.cols).fill(1), b);
  return b;
}

function described(name: string, s: SystemSolution, ones: boolean): SolveResult['solutions'][number] {
  const { status, kind, residual, normalResidual, backwardError, forwardError, iterations, seconds } = s;
  const trueError = ones ? s.x.reduce((most, v) => Math.max(most, Math.abs(v - 1)), 0) : undefined;
  return { name, status, kind, residual, normalResidual, backwardError, forwardError, trueError, iterations, seconds };
}

function factsOf(system: Factorisation, A: CscMatrix): SolveResult['matrix'] {
  const { facts } = system;
  const { rows, cols, entries, symmetric, dominance, mMatrix, components, bandwidth, structuralRank } = facts;
  const inertia = system.inertia();
  const determinant = system.determinant();
  const certain = inertia?.certain && inertia.zero === 0;
  const signs = certain ? { positive: inertia.negative === 0, negative: inertia.positive === 0 } : undefined;
  const positive = facts.dominantDefinite || system.method === 'cholesky' || signs?.positive;
  const definite = positive ? 'positive' : signs?.negative ? 'negative' : signs ? 'indefinite' : undefined;
  return {
    ...{ rows, cols, entries, symmetric, dominance, bandwidth, structuralRank },
    // A symmetric Z-matrix is an M-matrix if and only if it is positive definite.
    mMatrix: mMatrix || (facts.zMatrix && symmetric && definite === 'positive'),
    ...(A.rows > 0 && symmetric && facts.nullComponents === 0 && definite && { definite }),
    ...(inertia && { inertia }),
    ...(components !== undefined && { components }),
    ...(system.rank !== undefined && { rank: system.rank }),
    ...(system.scaled && { scaled: system.scaled }),
    ...(system.condition() !== undefined && { condition: system.condition() }),
    ...(determinant && { determinant: { sign: determinant.sign, log: determinant.log } }),
  };
}

function adviceOf(solutions: SolveResult['solutions'], system: Factorisation): string[] {
  const out: string[] = [];
  const error = Math.max(0, ...solutions.map(({ forwardError = 0 }) => forwardError));
  if (error > DOUBTFUL) {
    out.push(
      `x may have a relative error of ${number(error, 2)}, though the residual is small: the matrix is so ill-conditioned that rounding its own entries has such an effect.`,
    );
  }
  const exceeded = solutions.filter(
    ({ trueError = 0, forwardError = Number.POSITIVE_INFINITY }) => trueError > forwardError,
  );
  if (exceeded.some(({ iterations }) => iterations === 0)) {
    out.push(
      'The true error exceeds the error bound because b = A·1 is rounded: the bound is for b as it is stored, whose exact solution is not 1.',
    );
  }
  if (exceeded.some(({ iterations }) => iterations > 0)) {
    out.push(
      'The true error exceeds the estimate, which iterations make too small for nearly singular matrices: a direct method gives a bound.',
    );
  }
  const { rank, A } = system;
  if (rank !== undefined && rank < A.cols && solutions.some(({ kind }) => kind === 'solution')) {
    out.push(`The rank is ${rank} of ${count(A.cols, 'column')}: x is one of many solutions.`);
  }
  return out;
}

function drawn(A: CscMatrix): NonNullable<SolveResult['pattern']> {
  const { width, height, counts } = patternOf(A, CELLS);
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  // A single entry in a cell of many thousands must be visible.
  const values = Array.from(counts, (n) => (n === 0 ? 0 : 0.35 + (0.65 * Math.log1p(n)) / Math.log1p(most)));
  return { width, height, values };
}
