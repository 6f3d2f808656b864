import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { fail, type Iterate, Random } from '@southwell/numerics/core';
import { checkData, type MergingData } from './barrier.ts';
import { type PermutationSpec, type Permutations, permuteTensor } from './permute.ts';
import { copyOf, identities, pairsOf, sweepOnce } from './sweep.ts';

export interface StraightOptions {
  readonly spec: PermutationSpec;
  readonly data: MergingData;
  readonly steps: number;
  readonly rate: number;
  /** Of the free parameters, in standard deviations of each parameter; 0 starts with those of the first network. */
  readonly noise: number;
  readonly seed: number;
  readonly resume?: StraightState;
}

/** State between steps, as plain data. */
export interface StraightState {
  readonly step: number;
  /** The free parameters and the moments of their gradients, parameter by parameter. */
  readonly free: readonly Float64Array[];
  readonly first: readonly Float64Array[];
  readonly second: readonly Float64Array[];
  readonly permutations: Permutations;
  readonly best: Permutations;
  readonly loss: number;
}

/** Decay rates and the term against division by zero of Adam. */
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

const copies = (arrays: readonly Float64Array[]): Float64Array[] => arrays.map((array) => array.slice());

/** The free parameters that the permutations match at the start. */
function startOf(own: readonly Float64Array[], noise: number, seed: number): Float64Array[] {
  if (noise === 0) return copies(own);
  const random = new Random(seed).split(1);
  return own.map((values) => {
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
    return values.map(() => noise * deviation * random.normal());
  });
}

/**
 * Straight-through estimation of permutations (Ainsworth, Hayase & Srinivasa, 2023): see `matchWeightsIterates`.
 * @throws as `matchWeightsIterates`.
 */
export function* straightThrough(
  a: nn.Model,
  b: nn.Model,
  { spec, data, steps, rate, noise, seed, resume }: StraightOptions,
): Generator<Iterate<{ permutations: Permutations; objective: number; sweeps: number }>> {
  checkData(data);
  const given = pairsOf(a, b, spec);
  const free = resume
    ? copies(resume.free)
    : startOf(
        given.map((pair) => pair.a),
        noise,
        seed,
      );
  const zeros = (): Float64Array[] => free.map(({ length }) => new Float64Array(length));
  const first = resume ? copies(resume.first) : zeros();
  const second = resume ? copies(resume.second) : zeros();
  const pairs = given.map((pair, k) => ({ ...pair, a: free[k] }));
  const permutations = resume ? copyOf(resume.permutations) : identities(spec);
  let best = resume ? copyOf(resume.best) : identities(spec);
  const derivative = ad.compile(
    ad.valueAndGrad((p: nn.Parameters, x: ad.Tensor, y: ad.Tensor) =>
      ad.sum(data.loss(nn.apply(a.layer, p, x, { state: a.state }), y)),
    ),
  );
  const halfway = (): nn.Parameters =>
    Object.fromEntries(
      given.map(({ name, factors }) => {
        const moved = permuteTensor(b.parameters[name], factors, permutations);
        return [name, ad.mul(ad.add(a.parameters[name], moved), 0.5)];
      }),
    );
  const random = new Random(seed);
  const names = Object.keys(spec.sizes);
  const order = (): string[] => Array.from(random.permutation(names.length), (at) => names[at]);
  for (let step = 0; step < (resume?.step ?? 0); step++) order();
  let loss = resume?.loss ?? Number.POSITIVE_INFINITY;
  for (let step = resume?.step ?? 0; step < steps; ) {
    sweepOnce(pairs, permutations, order());
    const [value, slopes] = derivative(halfway(), data.inputs, data.targets);
    const now = value.item();
    if (!Number.isFinite(now)) fail('NON_FINITE', `The loss halfway between the networks is ${now}.`);
    if (now < loss) {
      loss = now;
      best = copyOf(permutations);
    }
    step++;
    const [one, two] = [1 - BETA1 ** step, 1 - BETA2 ** step];
    given.forEach(({ name }, k) => {
      const slope = slopes[name].data();
      const [u, m, v] = [free[k], first[k], second[k]];
      for (let i = 0; i < u.length; i++) {
        // Half of the network halfway is made of π(b), for which u stands.
        const g = 0.5 * slope[i];
        m[i] = BETA1 * m[i] + (1 - BETA1) * g;
        v[i] = BETA2 * v[i] + (1 - BETA2) * g * g;
        u[i] -= (rate * (m[i] / one)) / (Math.sqrt(v[i] / two) + EPSILON);
      }
    });
    const [sweeps, objective] = [step, loss];
    yield {
      ...{ iteration: step, objective, work: {}, ...(step === steps ? { done: 'completed' as const } : {}) },
      snapshot: () => ({ permutations: copyOf(best), objective, sweeps }),
      checkpoint: (): StraightState => ({
        ...{ step: sweeps, free: copies(free), first: copies(first), second: copies(second) },
        ...{ permutations: copyOf(permutations), best: copyOf(best), loss: objective },
      }),
    };
  }
}
