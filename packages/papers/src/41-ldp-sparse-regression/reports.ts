import { elementary } from '@southwell/numerics/special';
import { type Design, designOf, type LdpOptions, ldpSparseRegression, seededSource } from 'southwell/private-models';

/** The data of one person. */
interface Person {
  readonly x: readonly number[];
  readonly y: number;
}

interface Mechanism {
  readonly options: Omit<LdpOptions, 'epsilon' | 'delta'>;
  /** Whether noise is Gaussian, with δ above 0. */
  readonly gaussian: boolean;
  /** Two people whose reports lie far apart. */
  readonly pair: readonly [Person, Person];
  /** For rounds: the estimate that the server has sent. */
  readonly theta?: readonly number[];
}

const half = Math.SQRT1_2;
const [cos, sin] = [Math.cos((75 * Math.PI) / 180), Math.sin((75 * Math.PI) / 180)];
const clip = { x: 1, y: 1 };
const oneRound = { d: 2, mode: 'noninteractive', clip } as const;
const open = { d: 2, mode: 'public', clip } as const;
const rounds = { d: 4, mode: 'sequential', clip, sparsity: 1, rounds: 1 } as const;
/** Opposite targets; for one round also other features, since the matrix does not depend on the target. */
const opposite = [
  { x: [half, half], y: 1 },
  { x: [half, half], y: -1 },
] as const;
const alongAxis = { x: [1, 0], y: 1 } as const;
/** With this estimate the gradient of the first is as long as the bound. */
const theta = [-1, 0, 0, 0] as const;
const gradients = [
  { x: [1, 1, 1, 1], y: 1 },
  { x: [-1, 1, 1, 1], y: -1 },
] as const;

/** Every mechanism by which people report, at small sizes. */
export const mechanisms: Readonly<Record<string, Mechanism>> = {
  'one round, Gaussian': { options: oneRound, gaussian: true, pair: [alongAxis, { x: [cos, sin], y: -1 }] },
  'one round, Laplace': { options: oneRound, gaussian: false, pair: [alongAxis, { x: [half, half], y: -1 }] },
  'public covariates, Gaussian': { options: open, gaussian: true, pair: opposite },
  'public covariates, Laplace': { options: open, gaussian: false, pair: opposite },
  'rounds, sphere': { options: rounds, gaussian: false, pair: gradients, theta },
  'rounds, Gaussian': { options: rounds, gaussian: true, pair: gradients, theta },
};

/** What the mechanism adds noise to, in the units of its reports. */
function exact({ options, moments }: Design, { x, y }: Person, estimate: readonly number[]): number[] {
  if (!moments) {
    const residual = x.reduce((sum, v, j) => sum + v * estimate[j], 0) - y;
    return x.map((v) => v * residual);
  }
  const q = x.map((v) => Math.round(v / moments.step.x));
  const t = Math.round(y / moments.step.y);
  const products = options.mode === 'noninteractive' ? q.flatMap((a, i) => q.slice(i).map((b) => a * b)) : [];
  return [...products, ...q.map((k) => k * t)];
}

/** The logarithm of the density of a report, up to a constant, given what noise was added to. */
function logDensity(
  { options, moments, gradient, privacy }: Design,
  report: readonly number[],
  from: readonly number[],
) {
  if (gradient?.mechanism === 'ball') {
    const along = report.reduce((sum, v, j) => sum + v * from[j], 0);
    const forward = 0.5 + Math.sqrt(from.reduce((sum, v) => sum + v * v, 0)) / (2 * gradient.bound);
    const odds = elementary.exp(privacy.epsilon);
    const same = along > 0 ? forward : 1 - forward;
    return elementary.log((same * odds + (1 - same)) / (1 + odds));
  }
  const entries = moments?.matrix ? (options.d * (options.d + 1)) / 2 : 0;
  let sum = 0;
  for (let j = 0; j < report.length; j++) {
    const off = Math.abs(report[j] - from[j]);
    const noise = j < entries ? moments!.matrix! : moments?.vector;
    if (noise?.kind === 'laplace') sum -= off / noise.scale;
    else sum -= (off / (noise ? 2 ** noise.bits : gradient!.deviation)) ** 2 / 2;
  }
  return sum;
}

/** Log-likelihood ratios of reports, of the first person over the second: of reports by the first, and by the second. */
export interface Ratios {
  readonly near: readonly number[];
  readonly far: readonly number[];
}

/** Ratios as an observer computes them who knows both people and the protocol. */
export function ratiosOf(
  { options: shape, pair, theta: estimate = [] }: Mechanism,
  { epsilon, delta }: { readonly epsilon: number; readonly delta: number },
  reports: number,
  seed: number,
): Ratios {
  const options: LdpOptions = { ...shape, epsilon, delta };
  const design = designOf(options);
  const client = ldpSparseRegression(options).client({ source: seededSource(seed) });
  const round = options.mode === 'sequential' ? { round: 1, theta: Float64Array.from(estimate) } : {};
  const [first, second] = pair.map((person) => exact(design, person, estimate));
  const one = ({ x, y }: Person) => {
    const { matrix = [], vector } = client.encode(x, y, round);
    const report = [...matrix, ...vector];
    return logDensity(design, report, first) - logDensity(design, report, second);
  };
  const of = (person: Person) => Array.from({ length: reports }, () => one(person));
  return { near: of(pair[0]), far: of(pair[1]) };
}

const shareOf = (values: readonly number[], is: (v: number) => boolean): number =>
  values.filter(is).length / values.length;

/** Thresholds of the ratio, in units of ε: noise that is smaller than declared shows below ε, too much of ε above. */
const THRESHOLDS = [0, 0.25, 0.5, 0.75, 0.999, 1.001];

/**
 * A lower bound of the least δ with which the reports can be ε-private: the largest Pr[E] − e^ε·Pr′[E], less some of its standard
 * errors, over the events E that the logarithm of the ratio is above one of the thresholds, in either direction.
 */
export function deltaFound({ near, far }: Ratios, epsilon: number, errors: number): number {
  const odds = elementary.exp(epsilon);
  const bound = (p: number, other: number) =>
    p -
    odds * other -
    errors * Math.sqrt((p * (1 - p)) / near.length + (odds * odds * other * (1 - other)) / far.length);
  const found = THRESHOLDS.flatMap((t) => {
    const limit = t * epsilon;
    return [
      bound(
        shareOf(near, (v) => v > limit),
        shareOf(far, (v) => v > limit),
      ),
      bound(
        shareOf(far, (v) => v < -limit),
        shareOf(near, (v) => v < -limit),
      ),
    ];
  });
  return Math.max(...found);
}

/** How often the more likely of the two people is the sender; half of the time where both are equally likely. */
export const guessedRight = ({ near, far }: Ratios): number =>
  (shareOf(near, (v) => v > 0) + shareOf(near, (v) => v === 0) / 2) / 2 +
  (shareOf(far, (v) => v < 0) + shareOf(far, (v) => v === 0) / 2) / 2;

/**
 * The maximum success rate of any guess under (ε, δ): error rates a, b satisfy a + e^ε·b ≥ 1 − δ and b + e^ε·a ≥ 1 − δ.
 */
export function mostGuessed(epsilon: number, delta: number): number {
  const odds = elementary.exp(epsilon);
  return (odds + delta) / (1 + odds);
}
