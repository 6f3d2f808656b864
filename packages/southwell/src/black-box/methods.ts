import { fail, nearestName } from '../core/index.ts';
import { type CmaEsOptions, cmaEs } from './cmaEs.ts';
import { type CboOptions, type ConsensusHoppingOptions, cbo, consensusHopping } from './consensus.ts';
import { type DifferentialEvolutionOptions, differentialEvolution } from './differentialEvolution.ts';
import type { MethodContext, Proposals } from './method.ts';
import { type NelderMeadOptions, nelderMead } from './nelderMead.ts';
import { type PatternSearchOptions, patternSearch } from './patternSearch.ts';
import { randomSearch, type SimulatedAnnealingOptions, simulatedAnnealing } from './simple.ts';

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

/** The names of all methods, the default first. */
export const methodNames = Object.keys(starters) as readonly MethodName[];

/** The method as a coroutine. Throws `INVALID_PARAMETER` for an unknown name. */
export function startMethod(context: MethodContext, spec: MethodSpec): Proposals {
  const starter = starters[spec.name] as ((context: MethodContext, options: MethodSpec) => Proposals) | undefined;
  if (!starter) {
    const near = nearestName(String(spec.name), methodNames);
    fail(
      'INVALID_PARAMETER',
      `There is no method '${spec.name}'; ${near ? `did you mean '${near}'?` : `there are ${methodNames.join(', ')}.`}`,
    );
  }
  return starter(context, spec);
}
