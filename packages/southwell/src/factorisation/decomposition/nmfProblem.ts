import {
  asMatrix,
  CscMatrix,
  checkFinite,
  DenseMatrix,
  type Matrix,
  type MatrixLike,
} from '@southwell/numerics/arrays';
import {
  checkGiven,
  choiceOption,
  fail,
  inOnePlace,
  needsOnePlace,
  numberOption,
  type OptionsOf,
  type SplitRows,
} from '@southwell/numerics/core';
import { splitSquares, transpose } from '@southwell/numerics/linalg';
import { type FactorPenalty, type HalfReport, HalsHalf } from './hals.ts';
import { KlHalf } from './klDescent.ts';

const lossTitles = { frobenius: 'squares', 'kullback-leibler': 'Kullback–Leibler' } as const;
export type NmfLoss = keyof typeof lossTitles;

/** Options of the loss. */
export const nmfLossRecords = {
  /** ½‖X − WH‖² (default) or Σ x log(x/y) − x + y with y = WH. */
  loss: choiceOption(lossTitles, { title: 'Loss', about: 'loss function', default: 'frobenius' }),
};

export const nmfPenaltyRecords = {
  /**
   * Weight of the penalties, as in scikit-learn: alpha · cols · (l1Ratio ΣW + ½(1 − l1Ratio)‖W‖²) is added, and the
   * same for H with rows instead of cols. Default 0.
   */
  alpha: numberOption(
    { min: 0, finite: true },
    { title: 'Sparsity', about: 'regularisation strength alpha, as in scikit-learn', otherwise: '0' },
  ),
  /** The weight for H, if different. */
  alphaComponents: numberOption({ min: 0, finite: true }),
  /** L1 ratio from 0 (squares only) to 1. Default 0. */
  l1Ratio: numberOption(
    { min: 0, max: 1 },
    {
      title: 'L1 ratio',
      about: 'L1 ratio of the penalty',
      argument: 'ratio',
      otherwise: '0',
      form: { hint: '0', advanced: true },
    },
  ),
};

export interface NmfPenalties extends OptionsOf<typeof nmfPenaltyRecords> {}

/** The two half-rounds. */
export class NmfProblem {
  readonly scores: { run(): HalfReport; free(): void };
  readonly components: { run(): HalfReport; free(): void };
  private readonly own: CscMatrix[] = [];
  private readonly penalties: { readonly W: FactorPenalty; readonly H: FactorPenalty };

  /** @throws INVALID_PARAMETER. */
  constructor(
    X: Matrix,
    private readonly W: DenseMatrix,
    private readonly H: DenseMatrix,
    private readonly rows: SplitRows,
    options: NmfPenalties & { readonly loss?: NmfLoss },
  ) {
    const { alpha = 0, alphaComponents = alpha, l1Ratio = 0, loss = 'frobenius' } = options;
    checkGiven(nmfPenaltyRecords, options);
    const penalty = (weight: number, count: number): FactorPenalty => ({
      l1: weight * l1Ratio * count,
      l2: weight * (1 - l1Ratio) * count,
    });
    this.penalties = { W: penalty(alpha, X.cols), H: penalty(alphaComponents, rows.all) };
    if (loss === 'frobenius') {
      const squares = splitSquares(X, undefined, rows);
      this.scores = new HalsHalf(X, W, H, true, this.penalties.W, squares, rows);
      this.components = new HalsHalf(X, H, W, false, this.penalties.H, squares, rows);
    } else {
      needsOnePlace(rows, 'The Kullback–Leibler loss needs', 'run it on one rank, or take frobenius');
      const sparse = X.kind === 'csc' ? X : CscMatrix.fromDense(X, { arena: X.arena });
      const turned = transpose(sparse);
      this.own.push(turned, ...(sparse === X ? [] : [sparse]));
      this.scores = new KlHalf(turned, W, H, this.penalties.W, false);
      this.components = new KlHalf(sparse, H, W, this.penalties.H, true);
    }
  }

  penalty(): number {
    const of = ({ data }: DenseMatrix, { l1, l2 }: FactorPenalty) =>
      l1 === 0 && l2 === 0 ? 0 : data.reduce((s, v) => s + l1 * v + 0.5 * l2 * v * v, 0);
    const { W, H, rows } = this;
    // Without distribution the order of summation differs, which keeps the bits of earlier results.
    if (!rows.spread) return of(W, this.penalties.W) + of(H, this.penalties.H);
    const { l1, l2 } = this.penalties.W;
    const k = W.rows;
    const scores = new Float64Array(1);
    rows.sum(scores, (_, from, to, part) => {
      const { data } = W;
      for (let at = k * from; at < k * to; at++) part[0] += l1 * data[at] + 0.5 * l2 * data[at] * data[at];
    });
    return scores[0] + of(H, this.penalties.H);
  }

  free(): void {
    this.scores.free();
    this.components.free();
    for (const M of this.own) M.free();
  }
}

export const valuesOf = (X: Matrix): Float64Array => (X.kind === 'dense' ? X.data : X.values);

export function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at];
  return sum;
}

/** @throws EMPTY, INVALID_PARAMETER, INVALID_SHAPE. */
export function checked(input: MatrixLike, given?: SplitRows): { readonly X: Matrix; readonly rows: SplitRows } {
  const X = asMatrix(input);
  const rows = given ?? inOnePlace(X.rows);
  if (rows.own !== X.rows) {
    fail('INVALID_SHAPE', `X has ${X.rows} rows, but ${rows.own} of the rows are on this rank.`);
  }
  const { all } = rows;
  if (all === 0 || X.cols === 0) fail('EMPTY', `X must not be empty, but is ${all} × ${X.cols}.`);
  checkFinite(X, 'X', rows.first);
  const own = valuesOf(X).find((v) => v < 0);
  const negative = rows.tell(own ?? null).find((v) => v !== null);
  if (negative !== undefined && negative !== null) {
    fail('INVALID_PARAMETER', `X must not have negative entries, but one is ${negative}.`);
  }
  return { X, rows };
}

/** Transposes rank × rows to rows × rank. */
export function scoresOf(W: Float64Array, k: number): DenseMatrix {
  const rows = W.length / k;
  const out = DenseMatrix.create(rows, k, { fill: false });
  const to = out.data;
  for (let i = 0; i < rows; i++) for (let a = 0; a < k; a++) to[a * rows + i] = W[i * k + a];
  return out;
}
