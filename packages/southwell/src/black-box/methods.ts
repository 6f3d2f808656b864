import { fail, nearestName } from '@southwell/numerics/core';
import { asynchronousCmaEs, type CmaEsOptions, cmaEs } from './cmaEs.ts';
import { asynchronousCbo, type CboOptions, type ConsensusHoppingOptions, cbo, consensusHopping } from './consensus.ts';
import {
  asynchronousDifferentialEvolution,
  type DifferentialEvolutionOptions,
  differentialEvolution,
} from './differentialEvolution.ts';
import type { AsynchronousMethod, MethodContext, Proposals } from './method.ts';
import { type NelderMeadOptions, nelderMead } from './nelderMead.ts';
import { type PatternSearchOptions, patternSearch } from './patternSearch.ts';
import {
  asynchronousRandomSearch,
  randomSearch,
  type SimulatedAnnealingOptions,
  simulatedAnnealing,
} from './simple.ts';

/** A method and its options, or its name alone. */
export type MethodSpec =
  | ({ readonly name: 'cma-es' } & CmaEsOptions)
  | ({ readonly name: 'differential-evolution' } & DifferentialEvolutionOptions)
  | ({ readonly name: 'nelder-mead' } & NelderMeadOptions)
  | ({ readonly name: 'pattern-search' } & PatternSearchOptions)
  | ({ readonly name: 'simulated-annealing' } & SimulatedAnnealingOptions)
  | ({ readonly name: 'cbo' } & CboOptions)
  | ({ readonly name: 'consensus-hopping' } & ConsensusHoppingOptions)
  | { readonly name: 'random-search' };

export type MethodName = MethodSpec['name'];

const starters: {
  [N in MethodName]: (context: MethodContext, options: Extract<MethodSpec, { name: N }>) => Proposals;
} = {
  'cma-es': cmaEs,
  'differential-evolution': differentialEvolution,
  'nelder-mead': nelderMead,
  'pattern-search': patternSearch,
  'simulated-annealing': simulatedAnnealing,
  cbo,
  'consensus-hopping': consensusHopping,
  'random-search': randomSearch,
};

/** The methods that need not wait for values. */
const asynchronous: {
  [N in MethodName]?: (context: MethodContext, options: Extract<MethodSpec, { name: N }>) => AsynchronousMethod;
} = {
  'cma-es': asynchronousCmaEs,
  'differential-evolution': asynchronousDifferentialEvolution,
  cbo: asynchronousCbo,
  'random-search': asynchronousRandomSearch,
};

/** The names of all methods, the default first. */
export const methodNames = Object.keys(starters) as readonly MethodName[];

/** Those that a search can run with `asynchronous`. */
export const asynchronousMethodNames = Object.keys(asynchronous) as readonly MethodName[];

/** Whether a search with this method ends by its budget alone, so that a budget spent is a plan carried out. */
export function endsByBudget(spec: MethodSpec, restarts: number): boolean {
  switch (spec.name) {
    case 'random-search':
      return true;
    // A mean of noisy values never settles, and steps of swarms are planned by themselves.
    case 'cma-es':
      return spec.noisy === true || restarts === Number.POSITIVE_INFINITY;
    case 'cbo':
    case 'consensus-hopping':
      return false;
    default:
      return restarts === Number.POSITIVE_INFINITY;
  }
}

/** The method as a coroutine. Throws `INVALID_PARAMETER` for an unknown name. */
export function startMethod(context: MethodContext, spec: MethodSpec): Proposals {
  check(spec);
  const starter = starters[spec.name] as (context: MethodContext, options: MethodSpec) => Proposals;
  return starter(context, spec);
}

/** The method for workers that never wait. Throws `NOT_SUPPORTED` for one that has to, `INVALID_PARAMETER` as above. */
export function startAsynchronous(context: MethodContext, spec: MethodSpec): AsynchronousMethod {
  check(spec);
  type Starter = (context: MethodContext, options: MethodSpec) => AsynchronousMethod;
  const starter = asynchronous[spec.name] as Starter | undefined;
  if (!starter) {
    fail(
      'NOT_SUPPORTED',
      `${spec.name} decides on its next points by the values of the last ones and cannot be asynchronous; ${asynchronousMethodNames.join(', ')} can.`,
    );
  }
  return starter(context, spec);
}

function check({ name }: MethodSpec): void {
  if (Object.hasOwn(starters, name)) return;
  const near = nearestName(String(name), methodNames);
  fail(
    'INVALID_PARAMETER',
    `There is no method '${name}'; ${near ? `did you mean '${near}'?` : `there are ${methodNames.join(', ')}.`}`,
  );
}
