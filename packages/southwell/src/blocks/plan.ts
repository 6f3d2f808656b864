import { checkGiven, fail } from '@southwell/numerics/core';
import type { SeparablePenalty } from '../penalties/index.ts';
import { isForest } from './forestSolver.ts';
import { partitionRules, resolveRule, selectionRules, updateRules } from './names.ts';
import { type LooseOptions, methodRecords } from './options.ts';
import type { GraphPartition, Partition } from './partitions/index.ts';
import type { BlockProblem, GraphProblem } from './problem.ts';
import type { SelectionRule } from './selection/index.ts';
import type { UpdateRule } from './updates/index.ts';

/** A resolved method: the rules, and the blocks if they are fixed. */
export interface Plan {
  readonly penalty: SeparablePenalty | undefined;
  readonly selection: SelectionRule;
  readonly update: UpdateRule;
  readonly partition: readonly Int32Array[] | undefined;
  readonly blockSize: number | ((step: number) => number);
  readonly keepSupport: boolean;
  readonly extra: number;
}

/**
 * Resolves names and rejects invalid combinations.
 * @throws INVALID_PARAMETER, NOT_SUPPORTED.
 */
export function checkedPlan(problem: BlockProblem, options: LooseOptions): Plan {
  checkGiven(methodRecords, options);
  const { blocks = 'variable', penalty } = options;
  const fixed = blocks === 'fixed';
  const selection = resolveRule<SelectionRule>(
    'selection rule',
    selectionRules,
    options.selection ?? (penalty ? 'proximal' : 'GSD'),
  );
  const update = resolveRule<UpdateRule>(
    'update rule',
    updateRules,
    options.update ?? (penalty ? 'proximalNewton' : 'matrix'),
  );
  checkRules(problem, penalty, selection, update, fixed);
  const size = options.blockSize ?? Math.min(problem.dim, 50);
  const extra = typeof size === 'string' ? checkedExtra(size, penalty, selection, fixed) : undefined;
  let partition: readonly Int32Array[] | undefined;
  if (fixed) {
    if (typeof size === 'function') fail('NOT_SUPPORTED', 'A schedule of block sizes needs variable blocks.');
    partition = fixedBlocks(problem, options.partition ?? 'sort', size as number);
    if (update.needsForest) checkForests(problem, partition);
  } else if (options.partition !== undefined) {
    fail('INVALID_PARAMETER', 'A partition needs fixed blocks; leave it out or set blocks to "fixed".');
  }
  if (typeof size === 'number') sizeAt(size, 0, problem.dim);
  return {
    penalty,
    selection,
    update,
    partition,
    blockSize: extra === undefined ? (size as number | ((step: number) => number)) : 1,
    keepSupport: extra !== undefined,
    extra: extra ?? 0,
  };
}

/** Checks that the rules are compatible with each other, the penalty and the problem. */
function checkRules(
  problem: BlockProblem,
  penalty: SeparablePenalty | undefined,
  selection: SelectionRule,
  update: UpdateRule,
  fixed: boolean,
): void {
  if (!(fixed ? selection.fixed : selection.variable)) {
    const why = selection.why ? `: ${selection.why}` : '';
    fail(
      'NOT_SUPPORTED',
      `The rule ${selection.name} has no variant for ${fixed ? 'fixed' : 'variable'} blocks${why}.`,
    );
  }
  if (penalty && selection.smoothOnly) {
    fail('NOT_SUPPORTED', `The score of ${selection.name} ignores the penalty; use "proximal", which does not.`);
  }
  if (penalty && !update.handlesPenalty) {
    fail(
      'NOT_SUPPORTED',
      `The update ${update.name} ignores the penalty; use "proximalGradient", "proximalNewton" or, for x ≥ 0, "twoMetric".`,
    );
  }
  if (selection.needsGraph && !problem.graph) {
    fail(
      'NOT_SUPPORTED',
      `The rule ${selection.name} needs a problem with a graph, such as quadratic(A, b), not "${problem.name}".`,
    );
  }
  if (update.needsForest && !fixed && selection.name !== 'greedyTree' && selection.name !== 'randomTree') {
    fail(
      'NOT_SUPPORTED',
      `The blocks of ${selection.name} may contain cycles, which message passing cannot solve; use "greedyTree", "randomTree" or the update "exact".`,
    );
  }
}

/** The m of "support+m". */
function checkedExtra(
  size: string,
  penalty: SeparablePenalty | undefined,
  selection: SelectionRule,
  fixed: boolean,
): number {
  const plus = /^support\+(\d+)$/.exec(size);
  if (!plus || Number(plus[1]) < 1) {
    fail(
      'INVALID_PARAMETER',
      `blockSize must be a number, a function of the step or "support+m" with m ≥ 1, not "${size}".`,
    );
  }
  if (fixed) {
    fail('NOT_SUPPORTED', 'blockSize "support+m" needs variable blocks: a fixed partition cannot follow the support.');
  }
  if (!penalty) {
    fail('NOT_SUPPORTED', 'blockSize "support+m" needs a penalty: without one every coordinate is in the support.');
  }
  if (!selection.ranks) {
    fail(
      'NOT_SUPPORTED',
      `blockSize "support+m" needs a rule that ranks coordinates (GS, GSD, proximal), not ${selection.name}.`,
    );
  }
  return Number(plus[1]);
}

function checkForests({ graph }: BlockProblem, partition: readonly Int32Array[]): void {
  partition.forEach((block, b) => {
    if (graph && !isForest(graph, block)) {
      fail(
        'NOT_SUPPORTED',
        `Block ${b} of the partition contains a cycle, which message passing cannot solve; use the partition "trees" or "redBlack", or the update "exact".`,
      );
    }
  });
}

/**
 * The block size of a step; at least 1, and at most `most` if that is above 1.
 * @throws INVALID_PARAMETER.
 */
export function sizeAt(size: number | ((step: number) => number), step: number, most: number): number {
  const value = typeof size === 'number' ? size : size(step);
  if (!Number.isInteger(value) || value < 1) {
    fail('INVALID_PARAMETER', `blockSize must be a whole number of at least 1, but is ${value} at step ${step}.`);
  }
  if (most > 1 && value > most) {
    fail('INVALID_PARAMETER', `blockSize is ${value}, but the problem has only ${most} coordinates; use at most that.`);
  }
  return value;
}

/** The blocks of a partition rule, or the given ones; each coordinate is in exactly one of them. */
function fixedBlocks(problem: BlockProblem, spec: unknown, blockSize: number): readonly Int32Array[] {
  let blocks: Int32Array[];
  if (Array.isArray(spec)) blocks = spec.map((b: ArrayLike<number>) => Int32Array.from(b).sort());
  else {
    const rule = resolveRule<Partition | GraphPartition>('partition', partitionRules as never, spec);
    if ('needsGraph' in rule && !problem.graph) {
      fail(
        'NOT_SUPPORTED',
        `The partition ${rule.name} needs a problem with a graph, such as quadratic(A, b), not "${problem.name}".`,
      );
    }
    sizeAt(blockSize, 0, problem.dim);
    blocks = rule.blocks(problem as GraphProblem, blockSize);
  }
  const seen = new Uint8Array(problem.dim);
  let count = 0;
  blocks.forEach((block, b) => {
    if (block.length === 0) fail('INVALID_SHAPE', `Block ${b} of the partition is empty; leave it out.`);
    for (const i of block) {
      if (!(i >= 0 && i < problem.dim) || seen[i]) {
        fail(
          'INVALID_SHAPE',
          `Block ${b} of the partition contains coordinate ${i}, which ${seen[i] ? 'is also in another block' : 'does not exist'}.`,
        );
      }
      seen[i] = 1;
      count++;
    }
  });
  if (count < problem.dim)
    fail('INVALID_SHAPE', `The partition leaves out ${problem.dim - count} coordinates, including ${seen.indexOf(0)}.`);
  return blocks;
}
