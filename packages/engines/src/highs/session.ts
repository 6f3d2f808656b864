import { fail, type Status } from '@southwell/numerics/core';
import type { Highs, ModelData, Model as Persistent } from 'highs';
import { conflictOf } from './conflict.ts';
import type { Answer, Columns, HighsProgress, Problem, Settings } from './messages.ts';

/** Milliseconds between two reports of progress. */
const PAUSE = 100;

const sparse = (numRows: number, numCols: number, { starts, indices, values }: Columns) =>
  ({ format: 'csc', numRows, numCols, starts, indices, values }) as const;

function dataOf(highs: Highs, p: Problem): ModelData {
  const { objectiveSense } = highs.constants;
  return {
    numCols: p.variables,
    numRows: p.rows,
    sense: p.maximize ? objectiveSense.maximize : objectiveSense.minimize,
    offset: p.offset,
    colCost: p.cost,
    colLower: p.lower,
    colUpper: p.upper,
    rowLower: p.rowLower,
    rowUpper: p.rowUpper,
    matrix: sparse(p.rows, p.variables, p.matrix),
    ...(p.integer && { integrality: Int32Array.from(p.integer) }),
    ...(p.hessian && { hessian: { format: 'triangular', dimension: p.variables, ...p.hessian } }),
  };
}

function begin(model: Persistent, { x, basis }: Settings): void {
  if (x) {
    const indices = Int32Array.from(x.keys()).filter((j) => !Number.isNaN(x[j]));
    model.setSolution({ indices, values: Float64Array.from(indices, (j) => x[j]) });
  }
  if (basis) model.setBasis({ colStatus: basis.variables, rowStatus: basis.rows });
}

const statusOf = ({ modelStatus: s }: Highs['constants'], code: number): Status => {
  if (code === s.optimal || code === s.empty) return 'converged';
  if (code === s.infeasible) return 'infeasible';
  if (code === s.unbounded) return 'unbounded';
  if (code === s.timeLimit) return 'time-limit';
  if (code === s.iterationLimit || code === s.solutionLimit) return 'iteration-limit';
  if (code === s.interrupted) return 'aborted';
  return code === s.unknown ? 'stalled' : 'failed';
};

/** Reports of a run. */
export interface Reports {
  progress(progress: HighsProgress): void;
  incumbent(x: Float64Array, progress: HighsProgress): void;
}

function callbacks(highs: Highs, { progress, incumbent }: Reports, whole: boolean) {
  const { callbackType: type } = highs.constants;
  const begun = performance.now();
  let last = begun;
  const due = (): boolean => {
    const now = performance.now();
    if (now - last < PAUSE) return false;
    last = now;
    return true;
  };
  const state = (data: Readonly<Record<string, unknown>>): HighsProgress => {
    const finite = (value: unknown) => (Number.isFinite(value) ? (value as number) : undefined);
    return {
      seconds: (performance.now() - begun) / 1000,
      iterations: Number(data.mip_total_lp_iterations ?? data.simplex_iteration_count ?? data.ipm_iteration_count ?? 0),
      nodes: Math.max(0, Number(data.mip_node_count ?? 0)),
      objective: finite(data.mip_primal_bound),
      bound: finite(data.mip_dual_bound),
    };
  };
  const report = ({ data }: { readonly data: Readonly<Record<string, unknown>> }): undefined => {
    if (due()) progress(state(data));
  };
  if (!whole) return { [type.simplexInterrupt]: report, [type.ipmInterrupt]: report };
  return {
    [type.mipInterrupt]: report,
    [type.mipImprovingSolution]: ({ data }: { readonly data: { readonly mip_solution?: Float64Array } }): undefined => {
      if (data.mip_solution) incumbent(data.mip_solution, state(data as Readonly<Record<string, unknown>>));
    },
  };
}

/**
 * Solves a problem by HiGHS in this thread. The model in its memory is released in any case.
 * @throws NOT_SUPPORTED if HiGHS refuses the problem, such as an objective that is not convex.
 */
export function solveHere(highs: Highs, problem: Problem, settings: Settings, reports: Reports): Answer {
  const model = highs.createModel(dataOf(highs, problem));
  try {
    model.options.set('output_flag', false);
    if (Number.isFinite(settings.timeLimit)) model.options.set('time_limit', settings.timeLimit!);
    if (settings.mipGap !== undefined) model.options.set('mip_rel_gap', settings.mipGap);
    if (settings.tolerance !== undefined) {
      for (const of of ['primal', 'dual']) model.options.set(`${of}_feasibility_tolerance`, settings.tolerance);
    }
    begin(model, settings);
    const hooks = callbacks(highs, reports, problem.integer !== undefined);
    const { modelStatus } = highs.constants;
    const run = (): void => {
      try {
        model.run(hooks);
      } catch (error) {
        const curved = problem.hessian
          ? ' Its objective must be convex (if maximised, concave); if it is, another method may succeed.'
          : '';
        fail('NOT_SUPPORTED', `HiGHS cannot solve this program (${(error as Error).message}).${curved}`);
      }
    };
    run();
    if (model.getModelStatus() === modelStatus.unboundedOrInfeasible) {
      // Presolve does not tell which.
      model.options.set('presolve', 'off');
      run();
    }
    return answerOf(highs, model, problem, settings);
  } finally {
    model.dispose();
  }
}

const quiet: Reports = { progress: () => undefined, incumbent: () => undefined };

function answerOf(highs: Highs, model: Persistent, problem: Problem, { explain, timeLimit }: Settings): Answer {
  const { solutionStatus, basisValidity } = highs.constants;
  const status = statusOf(highs.constants, model.getModelStatus());
  const info = (name: string): number => Math.max(0, Number(model.info.get(name as never)));
  const counts = {
    iterations: info('simplex_iteration_count') + info('ipm_iteration_count') + info('qp_iteration_count'),
    nodes: info('mip_node_count'),
  };
  const whole = problem.integer !== undefined;
  const { colValue, rowDual, colDual } = model.getSolution();
  const primal = info('primal_solution_status') === solutionStatus.feasible || status === 'converged';
  const dual = !whole && (info('dual_solution_status') === solutionStatus.feasible || status === 'converged');
  const bound = Number(model.info.get('mip_dual_bound' as never));
  const based = !whole && info('basis_validity') === basisValidity.valid;
  const { colStatus, rowStatus } = model.getBasis();
  const ray = (): Float64Array | undefined => {
    if (whole || problem.hessian) return undefined;
    if (status === 'infeasible') return model.getDualRay()?.values;
    return status === 'unbounded' ? model.getPrimalRay()?.values : undefined;
  };
  const again = (part: Problem, seconds?: number) => solveHere(highs, part, { timeLimit: seconds }, quiet);
  return {
    status,
    ...counts,
    ...(primal && { x: colValue }),
    ...(dual && { rowMultipliers: rowDual, reducedCosts: colDual }),
    ...(whole && Number.isFinite(bound) && { bound }),
    ...(based && { basis: { variables: Int32Array.from(colStatus), rows: Int32Array.from(rowStatus) } }),
    ray: ray(),
    conflict: explain && status === 'infeasible' ? conflictOf(highs, model, problem, again, timeLimit) : undefined,
  };
}
