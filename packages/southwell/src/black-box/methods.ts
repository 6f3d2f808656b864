import { checkOptions, fail, nearestName, type OptionRecords } from '@southwell/numerics/core';
import { type AutoOptions, auto } from './auto.ts';
import type { AsynchronousMethod, MethodContext, Proposals } from './method.ts';
import { type BobyqaOptions, bobyqa, bobyqaRecords } from './methods/bobyqa/bobyqa.ts';
import { asynchronousCmaEs, type CmaEsOptions, cmaEs, cmaEsRecords } from './methods/cmaEs.ts';
import {
  asynchronousCbo,
  type CboOptions,
  type ConsensusHoppingOptions,
  cbo,
  cboRecords,
  consensusHopping,
  consensusHoppingRecords,
} from './methods/consensus.ts';
import {
  asynchronousDifferentialEvolution,
  type DifferentialEvolutionOptions,
  differentialEvolution,
  differentialEvolutionRecords,
} from './methods/differentialEvolution.ts';
import { type DirectSearchOptions, directSearch, directSearchRecords } from './methods/directSearch.ts';
import { type NelderMeadOptions, nelderMead, nelderMeadRecords } from './methods/nelderMead.ts';
import { type PatternSearchOptions, patternSearch, patternSearchRecords } from './methods/patternSearch.ts';
import { type PraxisOptions, praxis, praxisRecords } from './methods/praxis.ts';
import {
  asynchronousRandomSearch,
  randomSearch,
  type SimulatedAnnealingOptions,
  simulatedAnnealing,
  simulatedAnnealingRecords,
} from './methods/simple.ts';

/** A method and its options, or its name alone. */
export type MethodSpec =
  | ({ readonly name: 'cma-es' } & CmaEsOptions)
  | ({ readonly name: 'differential-evolution' } & DifferentialEvolutionOptions)
  | ({ readonly name: 'auto' } & AutoOptions)
  | ({ readonly name: 'bobyqa' } & BobyqaOptions)
  | ({ readonly name: 'praxis' } & PraxisOptions)
  | ({ readonly name: 'nelder-mead' } & NelderMeadOptions)
  | ({ readonly name: 'pattern-search' } & PatternSearchOptions)
  | ({ readonly name: 'direct-search' } & DirectSearchOptions)
  | ({ readonly name: 'simulated-annealing' } & SimulatedAnnealingOptions)
  | ({ readonly name: 'cbo' } & CboOptions)
  | ({ readonly name: 'consensus-hopping' } & ConsensusHoppingOptions)
  | { readonly name: 'random-search' };

export type MethodName = MethodSpec['name'];

const starters: {
  [N in MethodName]: (context: MethodContext, options: Omit<Extract<MethodSpec, { name: N }>, 'name'>) => Proposals;
} = {
  'cma-es': cmaEs,
  'differential-evolution': differentialEvolution,
  auto,
  bobyqa,
  praxis,
  'nelder-mead': nelderMead,
  'pattern-search': patternSearch,
  'direct-search': directSearch,
  'simulated-annealing': simulatedAnnealing,
  cbo,
  'consensus-hopping': consensusHopping,
  'random-search': randomSearch,
};

/** Options of each method. */
const records: { readonly [N in MethodName]: OptionRecords } = {
  'cma-es': cmaEsRecords,
  'differential-evolution': differentialEvolutionRecords,
  auto: {},
  bobyqa: bobyqaRecords,
  praxis: praxisRecords,
  'nelder-mead': nelderMeadRecords,
  'pattern-search': patternSearchRecords,
  'direct-search': directSearchRecords,
  'simulated-annealing': simulatedAnnealingRecords,
  cbo: cboRecords,
  'consensus-hopping': consensusHoppingRecords,
  'random-search': {},
};

/** Methods that support asynchronous evaluation. */
const asynchronous: {
  [N in MethodName]?: (
    context: MethodContext,
    options: Omit<Extract<MethodSpec, { name: N }>, 'name'>,
  ) => AsynchronousMethod;
} = {
  'cma-es': asynchronousCmaEs,
  'differential-evolution': asynchronousDifferentialEvolution,
  cbo: asynchronousCbo,
  'random-search': asynchronousRandomSearch,
};

/** Methods that support categorical coordinates. */
const categorical: { readonly [N in MethodName]?: true } = {
  'cma-es': true,
  'differential-evolution': true,
  auto: true,
  'simulated-annealing': true,
  'random-search': true,
};

/** The names of all methods, the default first. */
export const methodNames = Object.keys(starters) as readonly MethodName[];

/** Names of methods that support `asynchronous`. */
export const asynchronousMethodNames = Object.keys(asynchronous) as readonly MethodName[];

/** Names of methods that support categories. */
export const categoricalMethodNames = Object.keys(categorical) as readonly MethodName[];

/** Whether a search with this method ends by its budget alone, so that a spent budget is a normal completion. */
export function endsByBudget(spec: MethodSpec, restarts: number): boolean {
  switch (spec.name) {
    case 'random-search':
      return true;
    // The mean of noisy values never converges, and swarms plan their own steps.
    case 'cma-es':
      return spec.noisy === true || restarts === Number.POSITIVE_INFINITY;
    case 'cbo':
    case 'consensus-hopping':
      return false;
    default:
      return restarts === Number.POSITIVE_INFINITY;
  }
}

/**
 * The method as a coroutine.
 * @throws `INVALID_PARAMETER` for an unknown name.
 */
export function startMethod(context: MethodContext, spec: MethodSpec): Proposals {
  const { name, ...options } = spec;
  check(name, options, context);
  return (starters[name] as (context: MethodContext, options: object) => Proposals)(context, options);
}

/**
 * The method for asynchronous evaluation.
 * @throws `NOT_SUPPORTED` if it needs whole batches, `INVALID_PARAMETER` as above.
 */
export function startAsynchronous(context: MethodContext, spec: MethodSpec): AsynchronousMethod {
  const { name, ...options } = spec;
  check(name, options, context);
  type Starter = (context: MethodContext, options: object) => AsynchronousMethod;
  const starter = asynchronous[name] as Starter | undefined;
  if (!starter) {
    fail(
      'NOT_SUPPORTED',
      `${name} chooses its next points by the values of the last ones and cannot be asynchronous; ${asynchronousMethodNames.join(', ')} can.`,
    );
  }
  return starter(context, options);
}

function check(name: MethodName, options: object, { space }: MethodContext): void {
  if (Object.hasOwn(starters, name)) {
    checkOptions(name, records[name], options);
    if (space.categories.length > 0 && !categorical[name])
      fail(
        'NOT_SUPPORTED',
        `${name} needs an order among the values of a coordinate, which categories do not have; ${categoricalMethodNames.join(', ')} do not need it.`,
      );
    return;
  }
  const near = nearestName(String(name), methodNames);
  fail(
    'INVALID_PARAMETER',
    `There is no method '${name}'; ${near ? `did you mean '${near}'?` : `there are ${methodNames.join(', ')}.`}`,
  );
}
