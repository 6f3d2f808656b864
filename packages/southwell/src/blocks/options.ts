import {
  choiceOption,
  flagOption,
  keysOf,
  type OptionKeys,
  type OptionsOf,
  otherOption,
  type RunOptions,
  runKeys,
  seedOption,
} from '@southwell/numerics/core';
import type { SeparablePenalty } from '../penalties/index.ts';
import type { Named, partitionRules, selectionRules, updateRules } from './names.ts';
import type { GraphPartition, Partition } from './partitions/index.ts';
import type { BlockProblem, GraphProblem } from './problem.ts';
import type { FixedSelection, SelectionRule, VariableSelection } from './selection/index.ts';
import type { ProximalUpdate, UpdateRule } from './updates/index.ts';

type Selections = typeof selectionRules;
type Updates = typeof updateRules;
type Partitions = typeof partitionRules;

type IfGraph<P extends BlockProblem, T> = P extends GraphProblem ? T : never;
type Spec<Table, K extends keyof Table> = K | Named<Table, K>;

/** Rules for fixed blocks, for variable blocks, and those that need a graph. */
type FixedName = 'cyclic' | 'random' | 'lipschitz' | 'GS' | 'GSL' | 'GSD' | 'GSQ' | 'maximumImprovement' | 'proximal';
type VariableName =
  | 'cyclic'
  | 'random'
  | 'lipschitz'
  | 'GS'
  | 'GSD'
  | 'GSQ-IHT'
  | 'GSQ-IHT-scaled'
  | 'GSQ-OMP'
  | 'proximal';
type TreeName = 'greedyTree' | 'randomTree' | 'general';
/** With a penalty, rules whose score ignores it are excluded. */
type SmoothOnlyName = 'GSQ' | 'GSQ-IHT' | 'GSQ-IHT-scaled' | 'GSQ-OMP' | 'maximumImprovement';
type SmoothUpdateName = 'Lb' | 'LA' | 'matrix' | 'LS' | 'exact';
type ProximalUpdateName = 'proximalGradient' | 'proximalNewton' | 'twoMetric';

/** Block size: a number, a schedule by step, or the current support plus the m best entering coordinates. */
export type BlockSize = number | ((step: number) => number) | `support+${number}`;

type Blocks<P extends BlockProblem> =
  | {
      readonly blocks: 'fixed';
      /** @default 'sort' */
      readonly partition?:
        | Spec<Partitions, 'order' | 'sort' | 'average'>
        | IfGraph<P, Spec<Partitions, 'redBlack' | 'trees' | 'latticeRedBlack' | 'latticeTrees'> | GraphPartition>
        | Partition
        | ReadonlyArray<ArrayLike<number>>;
      /** @default min(dim, 50) */
      readonly blockSize?: number;
    }
  | { readonly blocks?: 'variable'; readonly partition?: undefined; readonly blockSize?: BlockSize };

type FixedSpec<K extends FixedName> = Spec<Selections, K> | FixedSelection;
type VariableSpec<K extends VariableName> = Spec<Selections, K> | VariableSelection;

type Selection<P extends BlockProblem> =
  | {
      readonly blocks: 'fixed';
      readonly penalty?: undefined;
      readonly selection?: FixedSpec<FixedName>;
    }
  | {
      readonly blocks: 'fixed';
      readonly penalty: SeparablePenalty;
      readonly selection?: FixedSpec<Exclude<FixedName, SmoothOnlyName>>;
    }
  | {
      readonly blocks?: 'variable';
      readonly penalty?: undefined;
      readonly selection?: VariableSpec<VariableName> | IfGraph<P, Spec<Selections, TreeName>>;
    }
  | {
      readonly blocks?: 'variable';
      readonly penalty: SeparablePenalty;
      readonly selection?: VariableSpec<Exclude<VariableName, SmoothOnlyName>>;
    };

type Update<P extends BlockProblem> =
  | {
      readonly penalty?: undefined;
      /** @default 'matrix' */
      readonly update?:
        | Spec<Updates, SmoothUpdateName | 'proximalGradient' | 'proximalNewton'>
        | IfGraph<P, Spec<Updates, 'messagePassing'>>
        | UpdateRule;
    }
  | {
      readonly penalty: SeparablePenalty;
      /** @default 'proximalNewton' */
      readonly update?: Spec<Updates, ProximalUpdateName> | ProximalUpdate;
    };

const commonRecords = {
  /** @default 0 */
  seed: seedOption(),
  /** @default zeros */
  x0: otherOption<ArrayLike<number>>('a number for each coordinate'),
  /**
   * Whether to throw when an update increases the objective, instead of backtracking, to find errors in custom rules.
   */
  strict: flagOption(),
};

interface Common extends OptionsOf<typeof commonRecords> {}

/** How blocks are formed, chosen and updated. Invalid combinations are type errors (and errors at run time). */
export type MethodOptions<P extends BlockProblem = BlockProblem> = Blocks<P> & Selection<P> & Update<P> & Common;

export type BlockOptions<P extends BlockProblem = BlockProblem> = MethodOptions<P> & RunOptions<Float64Array>;

/** What each option may be in some combination; plan.ts checks the combinations. */
export const methodRecords = {
  blocks: choiceOption({ fixed: 'fixed', variable: 'variable' }),
  partition: otherOption<unknown>('a rule, its name, or the blocks'),
  blockSize: otherOption<BlockSize>('a number, a function of the step or "support+m"'),
  selection: otherOption<string | { readonly rule: string } | SelectionRule>('a rule or its name'),
  update: otherOption<string | { readonly rule: string } | UpdateRule>('a rule or its name'),
  penalty: otherOption<SeparablePenalty>('a penalty'),
  ...commonRecords,
};

/** The same without the exclusions, for code that reads options from data and relies on the checks at run time. */
export interface LooseOptions extends OptionsOf<typeof methodRecords> {}

export const methodKeys: OptionKeys<MethodOptions | LooseOptions> = keysOf(methodRecords);

export const blockKeys: OptionKeys<BlockOptions | LooseOptions> = { ...methodKeys, ...runKeys };
