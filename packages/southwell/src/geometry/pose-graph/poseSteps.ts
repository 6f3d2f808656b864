import { checkOptions, type Iterate, numberOption, type OptionsOf } from '@southwell/numerics/core';
import type { Degeneracy } from '../degeneracy/degeneracy.ts';
import { type DegenerateOptions, solveDegenerate } from '../degeneracy/degenerateStep.ts';
import { type FreeMotion, heldStill } from '../degeneracy/heldStill.ts';
import { type Pose, stepPose } from '../pose.ts';
import type { PoseSystem } from '../system.ts';

/** State of a registration at an iterate. */
export interface RegistrationPoint {
  /** Maps source points to the target's frame. */
  readonly pose: Pose;
  /** Its normal equations, matches and residuals at this pose. */
  readonly system: PoseSystem;
  /** The step that led to this pose: radians and units of length. */
  readonly step: { readonly rotation: number; readonly translation: number };
  /** The analysis of the last step, if the method makes one. */
  readonly degeneracy?: Degeneracy;
  /** The largest difference so far between a step and the plain least-squares step in its place: radians and length. */
  readonly remedied: { readonly rotation: number; readonly translation: number };
  /**
   * Unconstrained motions, such as `shift along x`, which steps leave unchanged once the objective no longer decreases.
   */
  readonly free: readonly string[];
}

const toleranceRecords = {
  /** Radians. Default 1e-4. */
  rotation: numberOption({ min: 0 }),
  /** Units of length. Default 1e-3. */
  translation: numberOption({ min: 0 }),
};

/** Tolerances on steps: both must be met. */
export interface StepTolerances extends OptionsOf<typeof toleranceRecords> {}

/** Minimum number of matches, for six unknowns. */
const FEWEST = 10;
/** The objective no longer decreases if it fell by less than this fraction in this many steps: steps then drift. */
const [PATIENCE, FALL] = [4, 1e-3];
/**
 * Number of steps, and fraction: if the steps together lead no farther than this fraction of their total length,
 * matches oscillate.
 */
const [WINDOW, SWING] = [8, 0.25];

export interface Loop {
  readonly start: Pose;
  readonly tolerances: StepTolerances;
  readonly degeneracy: DegenerateOptions;
  /** Whether the analysis of the first step is used for all. */
  readonly onlyFirst: boolean;
  linearise(pose: Pose): PoseSystem;
  /** Motions that the data leave unconstrained at a pose, if the method supports it. */
  free?(pose: Pose): readonly FreeMotion[];
  tooFew(matches: number): never;
}

/** Iterates towards a pose, from any linearisation. */
export function* poseIterates({
  start,
  tolerances,
  degeneracy: handling,
  onlyFirst,
  linearise,
  free,
  tooFew,
}: Loop): Generator<Iterate<RegistrationPoint>> {
  checkOptions('tolerances', toleranceRecords, tolerances);
  const { rotation: turn = 1e-4, translation: shift = 1e-3 } = tolerances;
  let pose = start;
  let step = { rotation: 0, translation: 0 };
  let remedied = { rotation: 0, translation: 0 };
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
    // Once the objective stagnates, unconstrained motions must not keep drifting, which would also shift the
    // constrained ones.
    if (system.objective < (1 - FALL) * least) [least, since] = [system.objective, iteration];
    if (!small && !asked && iteration - since >= PATIENCE) {
      held = free?.(pose) ?? [];
      [asked, since] = [true, iteration];
      recent.length = 0;
    }
    const point: RegistrationPoint = {
      ...{ pose, system, step, remedied, ...(degeneracy && { degeneracy }) },
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
    if (handling.method !== 'none') {
      const plain = solveDegenerate(H, g, { method: 'none' }).step;
      const apart = sizeOf(solved.step.map((v, k) => v - plain[k]));
      remedied = {
        rotation: Math.max(remedied.rotation, apart.rotation),
        translation: Math.max(remedied.translation, apart.translation),
      };
    }
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

/** Whether steps make no progress, in rotation and in translation. */
function swings(recent: readonly Float64Array[]): boolean {
  if (recent.length < WINDOW) return false;
  const net = sizeOf(new Float64Array(6).map((_, k) => recent.reduce((sum, x) => sum + x[k], 0)));
  const [turns, shifts] = (['rotation', 'translation'] as const).map((kind) =>
    recent.reduce((sum, x) => sum + sizeOf(x)[kind], 0),
  );
  return net.rotation <= SWING * turns && net.translation <= SWING * shifts;
}

/**
 * If matches oscillate, no pose is a fixed point of full steps: decreasing steps (Robbins & Monro 1951) converge to the
 * pose at which full steps cancel, as their mean shows.
 */
class Settling {
  private readonly steps: Float64Array[] = [];
  /** Mean of the later half of the full steps. */
  mean = new Float64Array(6);

  next(x: Float64Array): Float64Array {
    const { steps } = this;
    steps.push(x);
    const later = steps.slice(-Math.max(WINDOW, steps.length >> 1));
    this.mean = x.map((_, k) => later.reduce((sum, y) => sum + y[k], 0) / later.length);
    return x.map((v) => v / (steps.length + 1));
  }
}
