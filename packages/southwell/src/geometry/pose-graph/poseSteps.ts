import { type Iterate, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { Degeneracy } from '../degeneracy/degeneracy.ts';
import { type DegenerateOptions, solveDegenerate } from '../degeneracy/degenerateStep.ts';
import { type FreeMotion, heldStill } from '../degeneracy/freeMotions.ts';
import { type Pose, stepPose } from '../pose.ts';
import type { PoseSystem } from '../system.ts';

/** What is known of a registration at one of its iterates. */
export interface RegistrationPoint {
  /** Moves source points into the target's frame. */
  readonly pose: Pose;
  /** Its normal equations, matches and residuals at this pose. */
  readonly system: PoseSystem;
  /** The step that led here: radians and units of length. */
  readonly step: { readonly rotation: number; readonly translation: number };
  /** Of the last step that was computed, where its method analyses. */
  readonly degeneracy?: Degeneracy;
  /** Motions that nothing fixes and that steps leave alone since the objective fell no more: `shift along x`. */
  readonly free: readonly string[];
}

/** Where steps end: both must be smaller. */
export interface StepTolerances {
  /** Radians. */
  readonly rotation?: number;
  /** Units of length. */
  readonly translation?: number;
}
const toleranceKeys: OptionKeys<StepTolerances> = { rotation: true, translation: true };

/** A least number of matches: six numbers are sought. */
const FEWEST = 10;
/** The objective falls no more where in so many steps it fell by less than this share: steps then wander, or creep. */
const [PATIENCE, FALL] = [4, 1e-3];
/** Of so many steps: where they together lead no farther than this share of their lengths, matches flip to and fro. */
const [WINDOW, SWING] = [8, 0.25];

export interface Loop {
  readonly start: Pose;
  readonly tolerances: StepTolerances;
  readonly degeneracy: DegenerateOptions;
  /** The analysis of the first step is used in all. */
  readonly onlyFirst: boolean;
  linearise(pose: Pose): PoseSystem;
  /** Motions that the data leave free at a pose, where that is asked of a method. */
  free?(pose: Pose): readonly FreeMotion[];
  tooFew(matches: number): never;
}

/** Steps to a pose, from whatever is made linear at each. */
export function* poseIterates({
  start,
  tolerances,
  degeneracy: handling,
  onlyFirst,
  linearise,
  free,
  tooFew,
}: Loop): Generator<Iterate<RegistrationPoint>> {
  knownKeys('tolerances', tolerances, toleranceKeys);
  const { rotation: turn = 1e-4, translation: shift = 1e-3 } = tolerances;
  let pose = start;
  let step = { rotation: 0, translation: 0 };
  let degeneracy: Degeneracy | undefined;
  let held: readonly FreeMotion[] = [];
  let [least, since] = [Number.POSITIVE_INFINITY, 0];
  let asked = free === undefined;
  const recent: Float64Array[] = [];
  let settling: Settling | undefined;
  for (let iteration = 0; ; iteration++) {
    const system = linearise(pose);
    if (system.matches < FEWEST) tooFew(system.matches);
    const below = ({ rotation, translation }: RegistrationPoint['step']) => rotation < turn && translation < shift;
    const small = iteration > 0 && below(step) && (!settling || below(sizeOf(settling.mean)));
    // Where no more is gained, what nothing fixes must not go on wandering, and take with it what is known.
    if (system.objective < (1 - FALL) * least) [least, since] = [system.objective, iteration];
    if (!small && !asked && iteration - since >= PATIENCE) {
      held = free?.(pose) ?? [];
      [asked, since] = [true, iteration];
      recent.length = 0;
    }
    const point: RegistrationPoint = {
      ...{ pose, system, step, ...(degeneracy && { degeneracy }) },
      free: held.map(({ name }) => name),
    };
    yield {
      iteration,
      objective: system.objective,
      metrics: { rmse: system.rmse, matches: system.matches, turn: step.rotation, shift: step.translation },
      work: { epochs: iteration + 1 },
      mayFail: true,
      ...(small && { done: 'converged' as const }),
      snapshot: () => point,
    };
    const first = onlyFirst && degeneracy ? { degeneracy } : {};
    const still = held.length > 0 ? heldStill(system.H, system.g, held) : undefined;
    const { H, g } = still ?? system;
    const solved = solveDegenerate(H, g, { ...handling, ...first });
    degeneracy = solved.degeneracy ?? degeneracy;
    let x = still?.step(solved.step) ?? solved.step;
    recent.push(x);
    if (recent.length > WINDOW) recent.shift();
    if (free && asked && !settling && iteration - since >= PATIENCE && swings(recent)) settling = new Settling();
    if (settling) x = settling.next(x);
    step = sizeOf(x);
    pose = stepPose(pose, x);
  }
}

const sizeOf = (x: Float64Array): RegistrationPoint['step'] => {
  const length = (k: number) => Math.sqrt(x[k] * x[k] + x[k + 1] * x[k + 1] + x[k + 2] * x[k + 2]);
  return { rotation: length(0), translation: length(3) };
};

/** Whether steps lead nowhere, in turns as in shifts. */
function swings(recent: readonly Float64Array[]): boolean {
  if (recent.length < WINDOW) return false;
  const net = sizeOf(new Float64Array(6).map((_, k) => recent.reduce((sum, x) => sum + x[k], 0)));
  const [turns, shifts] = (['rotation', 'translation'] as const).map((kind) =>
    recent.reduce((sum, x) => sum + sizeOf(x)[kind], 0),
  );
  return net.rotation <= SWING * turns && net.translation <= SWING * shifts;
}

/**
 * Where matches flip to and fro no pose stands still under full steps: shorter and shorter ones (Robbins & Monro 1951) lead to the pose between
 * them at which full steps cancel each other, which their mean shows.
 */
class Settling {
  private readonly steps: Float64Array[] = [];
  /** Of the later half of the full steps. */
  mean = new Float64Array(6);

  next(x: Float64Array): Float64Array {
    const { steps } = this;
    steps.push(x);
    const later = steps.slice(-Math.max(WINDOW, steps.length >> 1));
    this.mean = x.map((_, k) => later.reduce((sum, y) => sum + y[k], 0) / later.length);
    return x.map((v) => v / (steps.length + 1));
  }
}
