import type { MatrixLike } from '@southwell/numerics/arrays';
import {
  checkOptions,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
  type RunOptions,
  run,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import { Best, normalise } from './best.ts';
import { InteriorPoint, type InteriorState } from './interior.ts';
import { Payoffs } from './payoffs.ts';
import { type RegretState, regretSteps } from './regrets.ts';

/** Mixed strategies of both players of a zero-sum game, and what they guarantee. */
export interface GameSolution {
  /** Probabilities of the rows, for the player who receives the payoffs. */
  readonly x: Float64Array;
  /** Probabilities of the columns, for the player who pays. */
  readonly y: Float64Array;
  /** Value of the game: the middle of the bounds, from which it is at most half the gap away. */
  readonly value: number;
  /** What x secures at least, minⱼ(Aᵀx)ⱼ. */
  readonly lower: number;
  /** What y concedes at most, maxᵢ(Ay)ᵢ. */
  readonly upper: number;
  readonly gap: number;
}

/** State between steps, as plain data. */
export interface GameState {
  readonly best: ReturnType<Best['state']>;
  readonly regrets?: RegretState;
  readonly interior?: InteriorState;
  readonly steps: number;
}

export const gameRecords = {
  /**
   * Steps of regret matching before interior-point iterations, which take O(m·n·min(m, n)) each and end with an exact
   * solution on the support. Default 400.
   */
  regretSteps: integerOption({ min: 0 }),
  /** State from a checkpoint of a run on the same game. */
  resume: otherOption<GameState>('the state of a checkpoint'),
};

type Settings = OptionsOf<typeof gameRecords>;
export interface MatrixGameOptions extends Settings, RunOptions<GameSolution> {}

const keys: OptionKeys<MatrixGameOptions> = { ...keysOf(gameRecords), ...runKeys };

/** Relative rounding of one operation. */
const ROUNDING = 2 ** -52;

/**
 * A zero-sum game of two players with payoffs A to the one who chooses rows: iterates with the best mixed strategies so
 * far, whose duality gap, computed from the strategies alone, is the certificate, relative to the range of the payoffs.
 * A pure saddle point is found at once. Otherwise predictive regret matching⁺ runs for `regretSteps` steps, with two
 * products with A each (Farina, Kroer & Sandholm, AAAI 2021), then an interior-point method with exact solutions on the
 * support, which reaches gaps at the level of rounding also where strategies are duplicated or dominated. The objective is the
 * value. Where several strategies are optimal, the result is one of them. Games in which the sum of payoffs is not zero
 * have no value in this sense and are not covered.
 *
 * @param A m × n finite payoffs; copied.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function* matrixGameIterates(A: MatrixLike, options: Settings = {}): Generator<Iterate<GameSolution>> {
  checkOptions('matrixGameIterates', gameRecords, options);
  const { regretSteps: most = 400, resume } = options;
  const payoffs = Payoffs.of(A);
  const best = new Best(payoffs);
  let interior: InteriorPoint | undefined;
  try {
    if (resume) best.restore(resume.best);
    else startPure(payoffs, best);
    let steps = resume?.steps ?? 0;
    const over = () => best.gap <= ROUNDING * payoffs.spread;
    const iterate = (more: Pick<Iterate<GameSolution>, 'done' | 'next' | 'checkpoint'>): Iterate<GameSolution> => ({
      ...{ iteration: steps, objective: payoffs.value((best.lower + best.upper) / 2) },
      certificate: certificateOf(payoffs, best),
      work: { matrixVectorProducts: 2 * Math.min(steps, most) },
      snapshot: () => solutionOf(payoffs, best),
      ...(over() && { done: 'converged' as const }),
      ...more,
    });
    const kept = (state: Pick<GameState, 'regrets' | 'interior'>): GameState => ({
      best: best.state(),
      steps,
      ...state,
    });
    if (!resume) yield iterate({});
    if (over()) return;
    if (most > 0 && !resume?.interior) {
      for (const { step, state } of regretSteps(payoffs, best, resume?.regrets)) {
        steps = step;
        yield iterate({ checkpoint: () => kept({ regrets: state() }) });
        if (step >= most) break;
      }
    }
    interior = new InteriorPoint(payoffs, best, resume?.interior);
    for (const { state } of interior.steps()) {
      steps++;
      yield iterate({ checkpoint: () => kept({ interior: state() }) });
    }
    // What rounding leaves of the gap is no failure to converge.
    steps++;
    const rounding = 8 * ROUNDING * (payoffs.rows + payoffs.cols) * payoffs.spread;
    yield iterate(
      best.gap <= rounding
        ? { done: 'converged' }
        : { done: 'stalled', next: 'Use a looser tolerance: rounding of the payoffs leaves this gap.' },
    );
  } finally {
    interior?.free();
    payoffs.free();
  }
}

/** The best pure strategies: those that secure most, and concede least. */
function startPure(payoffs: Payoffs, best: Best): void {
  const { rows, cols, matrix } = payoffs;
  const secured = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  let [row, column, conceded] = [0, 0, Number.POSITIVE_INFINITY];
  for (let j = 0; j < cols; j++) {
    const values = matrix.column(j);
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < rows; i++) {
      if (values[i] < secured[i]) secured[i] = values[i];
      if (values[i] > most) most = values[i];
    }
    if (most < conceded) [column, conceded] = [j, most];
  }
  for (let i = 1; i < rows; i++) if (secured[i] > secured[row]) row = i;
  const [x, y] = [new Float64Array(rows), new Float64Array(cols)];
  x[row] = 1;
  y[column] = 1;
  best.offer(x, y);
}

function certificateOf(payoffs: Payoffs, best: Best) {
  const relative = payoffs.spread === 0 ? 0 : best.gap / payoffs.spread;
  return { kind: 'dualityGap', value: payoffs.difference(best.gap), relative };
}

/** Bounds are those of the strategies after normalisation. */
function solutionOf(payoffs: Payoffs, best: Best): GameSolution {
  const [x, y] = [normalise(best.x.slice()), normalise(best.y.slice())];
  const { lower, upper, gap } = payoffs.bounds(x, y);
  return { x, y, value: lower / 2 + upper / 2, lower, upper, gap };
}

/**
 * Optimal mixed strategies of a zero-sum game of two players, and its value ({@link matrixGameIterates}).
 *
 * @param A m × n payoffs to the player who chooses rows.
 * @param options `tol` is on the duality gap, relative to the range of the payoffs. Default 1e-12.
 * @example const { point } = matrixGame([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]); // x = y = (1/3, 1/3, 1/3), value 0
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function matrixGame(A: MatrixLike, options: MatrixGameOptions = {}): Solution<GameSolution> {
  knownKeys('matrixGame', options, keys);
  const { regretSteps, resume, tol = 1e-12, ...watched } = options;
  return run(matrixGameIterates(A, only({ regretSteps, resume }, keysOf(gameRecords))), { ...watched, tol });
}
