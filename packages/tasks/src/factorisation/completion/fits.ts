import { type Completion, type CompletionOptions, heldOutError, prepareCompletion } from 'southwell/factorisation';
import { type Stage, Stages } from '../../checkpoints.ts';
import type { TaskTools } from '../../declaration/task.ts';
import { sharedRows } from '../../spread/gatherTable.ts';
import { type Entries, matrixOf } from './entries.ts';
import type { CompleteRequest } from './options.ts';

export type Ranked = CompleteRequest & { readonly rank: number };

/** Completions from subsets of the entries, and their shared data. */
export class Fits {
  private readonly stages: Stages | undefined;
  private readonly shares: CompletionOptions['shares'];
  private readonly signal: AbortSignal;

  constructor(
    readonly entries: Entries,
    private readonly tools: TaskTools,
    problem: string | undefined,
  ) {
    const { ranks } = tools;
    this.signal = ranks?.signal ?? tools.signal;
    this.shares = ranks && {
      rows: sharedRows(ranks, counted(entries.rows.length, entries.row)),
      cols: sharedRows(ranks, counted(entries.cols.length, entries.col)),
    };
    this.stages = problem === undefined ? undefined : new Stages('factor complete', problem, tools.checkpoint);
  }

  stage<S>(name: string): Stage<S> {
    return this.stages?.stage<S>(name) ?? {};
  }

  complete(which: Int32Array, request: Ranked, run: { readonly stage: string; readonly title?: string }): Completion {
    return this.prepare(which, request, run).solve();
  }

  /** Prepares entries for repeated completions with different λ. */
  prepare(which: Int32Array, request: Ranked, { stage, title }: { readonly stage?: string; readonly title?: string }) {
    const { entries, signal, shares } = this;
    const { progress } = this.tools;
    const { rank, method, lambda, biases, nonNegative, tol, maxIter, timeLimit, seed } = request;
    const M = matrixOf(entries, which, entries.value);
    const W = entries.weight && matrixOf(entries, which, entries.weight);
    const options: CompletionOptions = {
      ...{ rank, method, lambda, biases, nonNegative, tol, maxIter, timeLimit, seed, signal },
      ...(stage !== undefined && this.stage<never>(stage)),
      weights: W?.values.slice(0, W.nnz),
      ...(shares && { shares }),
      onIterate: ({ iteration, objective }) =>
        progress({
          text: `${title === undefined ? '' : `${title}: `}sweep ${iteration}: objective ${objective.toPrecision(6)}`,
          ...{ iteration, objective },
        }),
    };
    try {
      return prepareCompletion(M, options);
    } finally {
      M.free();
      W?.free();
    }
  }

  spell(option: string): string {
    return this.tools.spell(option);
  }

  /** Root mean squared error on some of the entries. */
  errorOn(completion: Completion, which: Int32Array): number {
    const held = matrixOf(this.entries, which, this.entries.value);
    const error = heldOutError(completion, held);
    held.free();
    return error;
  }

  stopped(): void {
    this.signal.throwIfAborted();
  }
}

/** Number of entries in each row. */
function counted(count: number, of: Int32Array): Int32Array {
  const out = new Int32Array(count);
  for (const i of of) out[i]++;
  return out;
}
