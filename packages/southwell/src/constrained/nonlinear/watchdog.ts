import type { BarrierProblem } from './barrierProblem.ts';
import type { SearchStart } from './filter.ts';
import { moveTo, type SearchState, type Taken } from './lineSearch.ts';
import { Point } from './point.ts';
import { primalLength, Step } from './step.ts';

/** Shortened steps in a row that start the procedure, and full steps that it then takes on trial. */
const [SHORTENED, ON_TRIAL] = [10, 3];

/** Where the procedure began. */
interface Begun {
  readonly at: Point;
  readonly step: Step;
  readonly from: SearchStart;
  readonly alpha: number;
  taken: number;
}

/**
 * The watchdog of Chamberlain et al. (1982): where the line search has shortened many steps in a row, full steps are
 * taken on trial; if none of them makes enough progress relative to the point where they began, that point returns.
 */
export class Watchdog {
  private shortened = 0;
  private begun: Begun | undefined;

  constructor(private readonly problem: BarrierProblem) {}

  reset(): void {
    this.shortened = 0;
    this.begun = undefined;
  }

  search(
    state: SearchState,
    backtrack: (state: SearchState, from: SearchStart) => Taken | undefined,
    from: SearchStart,
  ): Taken | undefined {
    if (!this.begun && this.shortened >= SHORTENED) this.begin(state, from);
    const { begun } = this;
    if (begun) return this.onTrial(state, backtrack, begun);
    const taken = backtrack(state, from);
    this.shortened = taken && taken.trials > 1 ? this.shortened + 1 : 0;
    return taken;
  }

  private begin({ at, step, tau }: SearchState, from: SearchStart): void {
    const kept = new Point(this.problem);
    kept.copyFrom(at);
    const direction = new Step(this.problem);
    for (const key of ['w', 'y', 'zL', 'zU'] as const) direction[key].set(step[key]);
    const alpha = primalLength(this.problem, at.w, step.w, tau);
    this.begun = { at: kept, step: direction, from, alpha, taken: 0 };
  }

  private onTrial(
    state: SearchState,
    backtrack: (state: SearchState, from: SearchStart) => Taken | undefined,
    begun: Begun,
  ): Taken | undefined {
    const { at, trial, step, filter, mu, tau } = state;
    const alpha = primalLength(this.problem, at.w, step.w, tau);
    const finite = moveTo(at, step.w, alpha, trial);
    if (finite && filter.accepts(begun.from, begun.alpha, trial.theta, trial.phi(mu))) {
      filter.record(begun.from, begun.alpha, trial.phi(mu));
      this.reset();
      return { alpha, step, mark: 'w', trials: 1 };
    }
    if (finite && begun.taken++ < ON_TRIAL) return { alpha, step, mark: 'w', trials: 1 };
    return this.goBack(state, backtrack);
  }

  /** Where steps on trial led nowhere: back to where they began. Returns undefined if there were none. */
  goBack(
    state: SearchState,
    backtrack: (state: SearchState, from: SearchStart) => Taken | undefined,
  ): Taken | undefined {
    const { begun } = this;
    if (!begun) return undefined;
    state.at.copyFrom(begun.at);
    for (const key of ['w', 'y', 'zL', 'zU'] as const) state.step[key].set(begun.step[key]);
    this.reset();
    return backtrack({ ...state, corrects: false }, begun.from);
  }
}
