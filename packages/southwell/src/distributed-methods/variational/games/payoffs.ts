import { asMatrix, checkFinite, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { multiply, multiplyTransposed } from '@southwell/numerics/linalg';

/** What a pair of mixed strategies guarantees, and where it could be beaten. */
export interface GameBounds {
  /** What x secures against every reply: the least entry of Aᵀx. */
  readonly lower: number;
  /** What y concedes at most: the largest entry of Ay. */
  readonly upper: number;
  /** upper − lower, at least 0; 0 for optimal strategies. */
  readonly gap: number;
  /** The best pure reply to y. */
  readonly bestRow: number;
  /** The best pure reply to x. */
  readonly bestColumn: number;
}

/** x·2^k, also where 2^k is outside the range of doubles. */
function scaled(x: number, k: number): number {
  const half = Math.trunc(k / 2);
  return x * 2 ** half * 2 ** (k - half);
}

/** The exponent of the power of two just above |x|; 0 for 0. */
function exponentOf(x: number): number {
  if (x === 0) return 0;
  let k = Math.ceil(Math.log2(Math.abs(x)));
  // The logarithm of a subnormal number, or of one close to a power of two, may be rounded.
  while (Math.abs(scaled(x, -k)) >= 1) k++;
  return k;
}

/** The middle between what the best pure strategies secure and concede; the value of the game is no further from it than they are. */
function pureMiddle(A: DenseMatrix, of: (v: number) => number): number {
  const secured = new Float64Array(A.rows).fill(Number.POSITIVE_INFINITY);
  let conceded = Number.POSITIVE_INFINITY;
  for (let j = 0; j < A.cols; j++) {
    const column = A.column(j);
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < A.rows; i++) {
      if (column[i] < secured[i]) secured[i] = column[i];
      if (column[i] > most) most = column[i];
    }
    conceded = Math.min(conceded, most);
  }
  return of(secured[largest(secured)]) / 2 + of(conceded) / 2;
}

/**
 * The payoffs of a game, shifted such that the value is close to 0 and divided by a power of two just above the largest: no
 * sums of payoffs overflow, and neither a large common offset nor a few large payoffs cost digits of strategies.
 */
export class Payoffs {
  readonly rows: number;
  readonly cols: number;
  /** Largest minus least entry of the scaled matrix: 0, or from 1/2 to 2. */
  readonly spread: number;

  private constructor(
    readonly matrix: DenseMatrix,
    private readonly shift: number,
    private readonly first: number,
    private readonly second: number,
  ) {
    this.rows = matrix.rows;
    this.cols = matrix.cols;
    const [least, most] = range(matrix.data);
    this.spread = most - least;
  }

  /** @throws EMPTY without a row or a column, INVALID_SHAPE, NON_FINITE. */
  static of(A: MatrixLike): Payoffs {
    const given = asMatrix(A);
    if (given.rows === 0 || given.cols === 0) {
      fail(
        'EMPTY',
        `A game needs at least one strategy for each player, but the matrix is ${given.rows} × ${given.cols}.`,
      );
    }
    checkFinite(given, 'A');
    const matrix =
      given.kind === 'dense' ? DenseMatrix.fromColumnMajor(given.data, given.rows, given.cols) : given.toDense();
    const { data } = matrix;
    const [least, most] = range(data);
    const first = exponentOf(Math.max(Math.abs(least), Math.abs(most)));
    const [low, high] = [scaled(least, -first), scaled(most, -first)];
    const shift = pureMiddle(matrix, (v) => scaled(v, -first));
    const second = exponentOf(Math.max(high - shift, shift - low));
    for (let k = 0; k < data.length; k++) data[k] = scaled(scaled(data[k], -first) - shift, -second);
    return new Payoffs(matrix, shift, first, second);
  }

  /** out ← Ay, scaled. */
  ofRows(y: Float64Array, out: Float64Array): Float64Array {
    multiply(this.matrix, y, out);
    return out;
  }

  /** out ← Aᵀx, scaled. */
  ofColumns(x: Float64Array, out: Float64Array): Float64Array {
    multiplyTransposed(this.matrix, x, out);
    return out;
  }

  /** A payoff in the units of the game. */
  value(v: number): number {
    return scaled(scaled(v, this.second) + this.shift, this.first);
  }

  /** A difference of payoffs in the units of the game. */
  difference(v: number): number {
    return scaled(scaled(v, this.second), this.first);
  }

  /** What strategies guarantee. O(mn). */
  bounds(x: Float64Array, y: Float64Array): GameBounds {
    const toRows = this.ofRows(y, new Float64Array(this.rows));
    const toColumns = this.ofColumns(x, new Float64Array(this.cols));
    const [bestRow, bestColumn] = [largest(toRows), least(toColumns)];
    const [upper, lower] = [toRows[bestRow], toColumns[bestColumn]];
    return {
      lower: this.value(lower),
      upper: this.value(upper),
      gap: this.difference(Math.max(upper - lower, 0)),
      ...{ bestRow, bestColumn },
    };
  }

  free(): void {
    this.matrix.free();
  }
}

function range(values: Float64Array): readonly [least: number, most: number] {
  let [least, most] = [values[0], values[0]];
  for (let k = 1; k < values.length; k++) {
    if (values[k] < least) least = values[k];
    else if (values[k] > most) most = values[k];
  }
  return [least, most];
}

export function largest(values: Float64Array): number {
  let at = 0;
  for (let k = 1; k < values.length; k++) if (values[k] > values[at]) at = k;
  return at;
}

export function least(values: Float64Array): number {
  let at = 0;
  for (let k = 1; k < values.length; k++) if (values[k] < values[at]) at = k;
  return at;
}

/** @throws INVALID_SHAPE, INVALID_PARAMETER unless `p` is a point of the simplex up to 1e-9. */
function checkMixed(name: string, p: ArrayLike<number>, length: number): void {
  if (p.length !== length) fail('INVALID_SHAPE', `${name} has ${p.length} probabilities for ${length} strategies.`);
  let sum = 0;
  for (let i = 0; i < length; i++) {
    if (!(p[i] >= 0))
      fail('INVALID_PARAMETER', `${name} has ${p[i]} in entry ${i + 1}, but a probability is at least 0.`);
    sum += p[i];
  }
  if (!(Math.abs(sum - 1) <= 1e-9)) fail('INVALID_PARAMETER', `The probabilities of ${name} sum to ${sum}, not to 1.`);
}

/**
 * The duality gap of mixed strategies of a zero-sum game, from the strategies alone: the row player receives xᵀAy, which
 * x keeps at or above `lower` = minⱼ(Aᵀx)ⱼ and y at or below `upper` = maxᵢ(Ay)ᵢ, so that the value of the game lies
 * between. Rounding of the bounds is at most about ε·(m + n) times the range of the payoffs.
 *
 * von Neumann 1928, Zur Theorie der Gesellschaftsspiele.
 *
 * @param A m × n payoffs to the player who chooses rows.
 * @returns a function of x (m probabilities) and y (n of them), O(mn) a call; it throws INVALID_SHAPE and
 * INVALID_PARAMETER for what is no pair of mixed strategies.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE.
 */
export function gapFunction(A: MatrixLike): (x: ArrayLike<number>, y: ArrayLike<number>) => GameBounds {
  const payoffs = Payoffs.of(A);
  return (x, y) => {
    checkMixed('x', x, payoffs.rows);
    checkMixed('y', y, payoffs.cols);
    return payoffs.bounds(Float64Array.from(x), Float64Array.from(y));
  };
}
