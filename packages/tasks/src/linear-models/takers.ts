import { type LinearSolver, linearModels, linearSolvers, type ModelKind, type Scoring } from 'southwell/linear-models';

/** Default models by the type of the target. */
const DEFAULTS = ['logistic', 'multinomial', 'lasso', 'cox'];

export const namesWhere = (holds: (kind: ModelKind) => boolean): string[] =>
  Object.keys(linearModels).filter((name) => holds(linearModels[name]));

/** The metrics available for a model. */
export const scoringsOf = (model: string): readonly Scoring[] => linearModels[model].make({}).scorings;

/**
 * Conditions of an option of some models: one of them is named, or chosen for the target, which the job checks. Forms
 * show it if one is named.
 */
export function ofModels(takers: readonly string[]) {
  return {
    only: { model: takers.some((name) => DEFAULTS.includes(name)) ? ['', ...takers] : takers },
    form: { only: { model: takers } },
  };
}
export const taking = (name: ModelKind['takes'][number]) => ofModels(namesWhere(({ takes }) => takes.includes(name)));

/** The defaults of each of these: `mcp 3, scad 3.7`. */
export const usually = (of: ReadonlyArray<readonly [name: string, usual: number | undefined]>): string =>
  of.flatMap(([name, usual]) => (usual === undefined ? [] : `${name} ${usual}`)).join(', ');
export const solvers = Object.values<LinearSolver>(linearSolvers);

export const classifiers = namesWhere(({ target }) => target === 'class' || target === 'classes');
export const survival = namesWhere(({ target }) => target === 'survival');
export const several = namesWhere(({ target }) => target === 'numbers');
export const solversOnRanks = solvers.filter(({ splitsRows }) => splitsRows).map(({ name }) => name);
export const unpenalised = namesWhere(({ penalised }) => !penalised);
