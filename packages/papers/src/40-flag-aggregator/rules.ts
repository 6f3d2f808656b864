import type { AggregateOptions } from 'southwell/distributed-methods';

/** The options of a rule, given the number of workers that may be faulty. */
export type Rule = (faulty: number) => AggregateOptions;

/** The method under test: one pass, as in the authors' code. */
export const onePass: Rule = () => ({ rule: 'flag', iterations: 1 });

/** All rules, the one under test first. */
export const RULES = {
  flag: { name: 'flag', options: onePass },
  'flag-5': { name: 'flag, five passes', options: () => ({ rule: 'flag', iterations: 5 }) },
  mean: { name: 'mean', options: () => ({ rule: 'mean' }) },
  'normalized-mean': { name: 'mean of unit gradients', options: () => ({ rule: 'normalized-mean' }) },
  median: { name: 'median', options: () => ({ rule: 'median' }) },
  'trimmed-mean': { name: 'trimmed mean', options: (f) => ({ rule: 'trimmed-mean', f }) },
  meamed: { name: 'MeaMed', options: (f) => ({ rule: 'meamed', f }) },
  phocas: { name: 'Phocas', options: (f) => ({ rule: 'phocas', f }) },
  'geometric-median': { name: 'geometric median', options: () => ({ rule: 'geometric-median' }) },
  'multi-krum': { name: 'Multi-Krum', options: (f) => ({ rule: 'multi-krum', f }) },
  bulyan: { name: 'Bulyan', options: (f) => ({ rule: 'bulyan', f }) },
  'centered-clipping': { name: 'centred clipping', options: () => ({ rule: 'centered-clipping' }) },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly options: Rule }>>;

export type RuleName = keyof typeof RULES;
export const RULE_NAMES = Object.keys(RULES) as RuleName[];
export const SERIES = RULE_NAMES.map((id) => ({ id, name: RULES[id].name }));

/** The options of one of the rules, of which the one under test may be replaced. */
export const ruleOf = (name: RuleName, method: Rule): Rule => (name === 'flag' ? method : RULES[name].options);
