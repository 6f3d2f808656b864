import { fail, knownKeys, nearestName } from '@southwell/numerics/core';
import * as partitions from './partitions/index.ts';
import * as selection from './selection/index.ts';
import * as updates from './updates/index.ts';

/** A rule without options, which may also be given by name with an empty record. */
const optionless =
  <R extends { readonly name: string }>(make: () => R): (() => R) =>
  (...given: unknown[]) => {
    const rule = make();
    knownKeys(rule.name, given[0], {});
    return rule;
  };

/** Every rule by its name; the value makes the rule from its options. A new rule needs its file and a line here. */
export const selectionRules = {
  cyclic: optionless(selection.cyclic),
  random: optionless(selection.random),
  lipschitz: optionless(selection.lipschitz),
  GS: selection.gs,
  GSL: selection.gsl,
  GSD: selection.gsd,
  GSQ: optionless(selection.gsq),
  'GSQ-IHT': optionless(() => selection.gsqIht()),
  'GSQ-IHT-scaled': optionless(() => selection.gsqIht({ scaled: true })),
  'GSQ-OMP': selection.gsqOmp,
  maximumImprovement: optionless(selection.maximumImprovement),
  proximal: optionless(selection.proximalGreedy),
  greedyTree: selection.greedyTree,
  randomTree: optionless(selection.randomTree),
  general: optionless(selection.generalBlock),
} as const;

export const updateRules = {
  Lb: optionless(updates.lipschitzStep),
  LA: updates.backtrackingStep,
  matrix: optionless(updates.matrixStep),
  LS: optionless(updates.newtonStep),
  exact: optionless(updates.exactMinimisation),
  messagePassing: optionless(updates.messagePassing),
  proximalGradient: optionless(updates.proximalGradient),
  proximalNewton: optionless(updates.proximalNewton),
  twoMetric: optionless(updates.twoMetricProjection),
} as const;

export const partitionRules = {
  order: optionless(partitions.order),
  sort: partitions.sort,
  average: partitions.average,
  redBlack: partitions.redBlack,
  trees: partitions.trees,
  latticeRedBlack: partitions.latticeRedBlack,
  latticeTrees: partitions.latticeTrees,
} as const;

type AllOptions<F> = F extends (...args: infer A) => unknown ? (A extends [] ? unknown : NonNullable<A[0]>) : never;

/** `{ rule: 'GSD', diagonal: 'rowSums' }`: a name with options of the rule. */
export type Named<Table, K extends keyof Table> = { [N in K]: { readonly rule: N } & AllOptions<Table[N]> }[K];

/**
 * Resolves a rule given as an object, by name, or by name with options.
 * @throws INVALID_PARAMETER.
 */
export function resolveRule<R extends { readonly name: string }>(
  kind: string,
  table: Readonly<Record<string, (options: never) => R>>,
  spec: unknown,
): R {
  const name = typeof spec === 'string' ? spec : (spec as { rule?: unknown } | null)?.rule;
  if (name === undefined) return spec as R;
  const make = typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;
  if (!make) {
    const near = nearestName(String(name), Object.keys(table));
    const hint = near ? `Did you mean "${near}"?` : `Choose one of ${Object.keys(table).join(', ')}.`;
    fail('INVALID_PARAMETER', `There is no ${kind} "${String(name)}". ${hint}`);
  }
  if (typeof spec === 'string') return make({} as never);
  const { rule: _, ...options } = spec as { readonly rule: unknown };
  return make(options as never);
}
