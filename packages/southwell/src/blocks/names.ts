import { fail, nearestName } from '@southwell/numerics/core';
import * as partitions from './partitions/index.ts';
import * as selection from './selection/index.ts';
import * as updates from './updates/index.ts';

/** Every rule by its name; the value makes it from its options. Adding a rule is adding its file and its line here. */
export const selectionRules = {
  cyclic: selection.cyclic,
  random: selection.random,
  lipschitz: selection.lipschitz,
  GS: selection.gs,
  GSL: selection.gsl,
  GSD: selection.gsd,
  GSQ: selection.gsq,
  'GSQ-IHT': () => selection.gsqIht(),
  'GSQ-IHT-scaled': () => selection.gsqIht({ scaled: true }),
  'GSQ-OMP': selection.gsqOmp,
  maximumImprovement: selection.maximumImprovement,
  proximal: selection.proximalGreedy,
  greedyTree: selection.greedyTree,
  randomTree: selection.randomTree,
  general: selection.generalBlock,
} as const;

export const updateRules = {
  Lb: updates.lipschitzStep,
  LA: updates.backtrackingStep,
  matrix: updates.matrixStep,
  LS: updates.newtonStep,
  exact: updates.exactMinimisation,
  messagePassing: updates.messagePassing,
  proximalGradient: updates.proximalGradient,
  proximalNewton: updates.proximalNewton,
  twoMetric: updates.twoMetricProjection,
} as const;

export const partitionRules = {
  order: partitions.order,
  sort: partitions.sort,
  average: partitions.average,
  redBlack: partitions.redBlack,
  trees: partitions.trees,
  latticeRedBlack: partitions.latticeRedBlack,
  latticeTrees: partitions.latticeTrees,
} as const;

type AllOptions<F> = F extends (...args: infer A) => unknown ? (A extends [] ? unknown : NonNullable<A[0]>) : never;

/** `{ rule: 'GSD', diagonal: 'rowSums' }`: a name with the options of that rule. */
export type Named<Table, K extends keyof Table> = { [N in K]: { readonly rule: N } & AllOptions<Table[N]> }[K];

/** A rule that is given as an object, or by name, or by name with options. */
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
  return make((typeof spec === 'string' ? {} : spec) as never);
}
