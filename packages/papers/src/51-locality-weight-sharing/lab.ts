import { type DynamicSignal, dynamicSignal } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import {
  type Examples,
  type PatchArchitecture,
  patchNet,
  type SampleComplexity,
  sampleComplexityIterates,
  sampleGrid,
  type TrainEquivariantOptions,
  trainEquivariant,
} from 'southwell/training';
import { type Pause, pointOf } from '../pauses.ts';
import { locked } from './locked.ts';

const { sigma: SIGMA, threshold: THRESHOLD, target: TARGET, most: MOST } = locked.claims.growth.sizes.full;
/** Number of examples on which errors are evaluated. */
const VALIDATION = 2000;

export const NETS = ['cnn', 'lcn', 'fcn'] as const satisfies readonly PatchArchitecture[];
export const nameOf = (arch: PatchArchitecture): string => arch.toUpperCase();

/** Which architecture replaces which: each itself, except in controls. */
export type Stands = Readonly<Record<PatchArchitecture, PatchArchitecture>>;
export const itself: Stands = { cnn: 'cnn', lcn: 'lcn', fcn: 'fcn' };

/** A task, σ and the threshold being those that are locked by default, and how inputs are presented to the learner. */
export interface Setting {
  readonly k: number;
  readonly d: number;
  readonly sigma?: number;
  readonly threshold?: number;
  /** The patch of the pattern, if it is fixed. */
  readonly patch?: number;
  /** A transformation of inputs, drawn once per problem. */
  readonly turn?: (seed: number) => (values: Float64Array) => Float64Array;
  readonly training?: TrainEquivariantOptions;
}

interface Problem {
  readonly task: DynamicSignal;
  readonly turn: (examples: Examples) => Examples;
  readonly validation: Examples;
}

function drawProblem({ k, d, sigma = SIGMA, patch, turn }: Setting, random: Random): Problem {
  const seed = random.integer(2 ** 31);
  const task = dynamicSignal({ patches: k, patchDim: d, sigma, seed, ...(patch !== undefined && { patch }) });
  const map = turn?.(random.integer(2 ** 31));
  const turned = (examples: Examples): Examples =>
    map
      ? { ...examples, inputs: { ...examples.inputs, values: map(examples.inputs.values as Float64Array) } }
      : examples;
  return { task, turn: turned, validation: turned(task.sample(VALIDATION)) };
}

/** The number of examples that a network needs; networks with the same seed get the same problems and examples. */
export function complexityOf(
  arch: PatchArchitecture,
  setting: Setting,
  seed: number,
  pause: Pause,
  options: { readonly to?: number; readonly repetitions?: number; readonly throughout?: boolean } = {},
): Promise<SampleComplexity> {
  const { to = MOST, repetitions = 1, throughout = false } = options;
  const { k, d, threshold = THRESHOLD, training } = setting;
  const net = patchNet({ arch, patches: k, patchDim: d, threshold });
  return pointOf(
    sampleComplexityIterates<Problem>({
      generator: (random) => drawProblem(setting, random),
      learner: ({ task, turn, validation }, count, random) => {
        const examples = turn(task.sample(count, 1 + random.integer(2 ** 31)));
        return trainEquivariant(net, examples, { ...training, validation, seed: random.integer(2 ** 31) }).error;
      },
      ...{ target: TARGET, grid: sampleGrid(1, to), repetitions, throughout, seed },
    }),
    pause,
  );
}

/** A permutation of the pixels of a setting, the same for all inputs of a problem. */
export const shuffler =
  ({ k, d }: Setting) =>
  (seed: number) =>
    shuffled(new Random(seed).permutation(k * d));

/** The number needed for one problem. */
export const neededOf = async (...args: Parameters<typeof complexityOf>): Promise<number> =>
  (await complexityOf(...args)).needed[0];

/** Rows with permuted values. */
export const shuffled =
  (order: Int32Array) =>
  (values: Float64Array): Float64Array => {
    const size = order.length;
    return values.map((_, at) => values[at - (at % size) + order[at % size]]);
  };

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
