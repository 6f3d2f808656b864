import type { PenaltiesKernels } from '../generated/models/kernels.ts';

/**
 * A separable penalty as implemented by kernels, one coordinate at a time. The meaning of its parameters a1, a2, gamma,
 * lower and upper is given for each penalty below; z, t and b as in {@link proximal}.
 */
export interface PenaltyKernel {
  /** Its code in assembly/penalties.ts. */
  readonly code: number;
  /** g(b). */
  value(b: number, a1: number, a2: number, gamma: number, lower: number, upper: number): number;
  /** argmin over b of (b − z)²/(2t) + g(b); a tie goes to the smaller |b|. */
  prox(z: number, t: number, a1: number, a2: number, gamma: number, lower: number, upper: number): number;
}

const soft = (z: number, t: number): number => (z > t ? z - t : z < -t ? z + t : 0);
const moreau = (b: number, z: number, t: number): number => ((b - z) * (b - z)) / (2 * t);

/** a1|b| + a2·b²/2 on [lower, upper]. */
const elasticNet: PenaltyKernel = {
  code: 0,
  value: (b, a1, a2, _, lower, upper) =>
    b < lower || b > upper
      ? Number.POSITIVE_INFINITY
      : b === 0
        ? 0 // where infinite weights keep a coordinate
        : (a1 > 0 ? a1 * Math.abs(b) : 0) + (a2 > 0 ? 0.5 * a2 * b * b : 0),
  prox: (z, t, a1, a2, _, lower, upper) => Math.min(Math.max(soft(z, t * a1) / (1 + t * a2), lower), upper),
};

/** An even penalty without bounds, given by its value and its proximal operator for x ≥ 0. */
const even = (
  code: number,
  value: (x: number, a1: number, gamma: number) => number,
  prox: (x: number, t: number, a1: number, gamma: number) => number,
): PenaltyKernel => ({
  code,
  value: (b, a1, _, gamma) => (b === 0 ? 0 : value(Math.abs(b), a1, gamma)), // 0 at infinite weights too
  prox(z, t, a1, _, gamma) {
    const b = prox(Math.abs(z), t, a1, gamma);
    return z < 0 ? -b : b;
  },
});

const mcpValue = (x: number, a1: number, gamma: number): number =>
  x <= gamma * a1 ? a1 * x - (x * x) / (2 * gamma) : 0.5 * gamma * a1 * a1;

/** Threshold a1, concavity gamma (Zhang 2010). */
const mcp = even(1, mcpValue, (x, t, a1, gamma) => {
  if (t < gamma) return x <= t * a1 ? 0 : x <= gamma * a1 ? (x - t * a1) / (1 - t / gamma) : x;
  // Concave on [0, γ·a1]: the minimiser is 0 or x.
  return x > gamma * a1 && mcpValue(x, a1, gamma) < moreau(0, x, t) ? x : 0;
});

const scadValue = (x: number, a1: number, gamma: number): number => {
  if (x <= a1) return a1 * x;
  if (x <= gamma * a1) return (2 * gamma * a1 * x - x * x - a1 * a1) / (2 * (gamma - 1));
  return (a1 * a1 * (gamma + 1)) / 2;
};

/** Threshold a1, concavity gamma (Fan & Li 2001). */
const scad = even(2, scadValue, (x, t, a1, gamma) => {
  const s = Math.max(x - t * a1, 0);
  if (t < gamma - 1) {
    if (s <= a1) return s;
    return x <= gamma * a1 ? ((gamma - 1) * x - t * gamma * a1) / (gamma - 1 - t) : x;
  }
  // The middle piece is concave: compare the stationary points of the outer two.
  const first = Math.min(s, a1);
  const last = Math.max(x, gamma * a1);
  const at = (b: number) => moreau(b, x, t) + scadValue(b, a1, gamma);
  return at(first) <= at(last) ? first : last;
});

/** a1·|b|^½; prox by Xu, Chang, Xu & Zhang (2012), "L1/2 regularization: a thresholding representation theory". */
const lHalf = even(
  3,
  (x, a1) => a1 * Math.sqrt(x),
  (x, t, a1) => {
    const at = t * a1;
    if (!(x > 1.5 * at ** (2 / 3))) return 0;
    const phi = Math.acos((at / 4) * (x / 3) ** -1.5);
    return (2 / 3) * x * (1 + Math.cos((2 / 3) * (Math.PI - phi)));
  },
);

/** a1·|b|^⅔ (Cao, Sun & Xu 2013). */
const lTwoThirds = even(
  4,
  (x, a1) => a1 * Math.cbrt(x) ** 2,
  (x, t, a1) => {
    const at = t * a1;
    if (!(x > 2 * ((2 / 3) * at) ** 0.75)) return 0;
    // u = b^(1/3) is the largest root of u⁴ − x u + (2/3)·at = 0; Newton from the right is monotone.
    let u = Math.cbrt(x);
    for (let k = 0; k < 60; k++) {
      const step = (u ** 4 - x * u + (2 / 3) * at) / (4 * u ** 3 - x);
      u -= step;
      if (Math.abs(step) <= 1e-16 * u) break;
    }
    return u ** 3;
  },
);

/** a1·log(1 + |b|/gamma) (Candès, Wakin & Boyd 2008). */
const logSum = even(
  5,
  (x, a1, gamma) => a1 * Math.log1p(x / gamma),
  (x, t, a1, gamma) => {
    const square = (x + gamma) * (x + gamma) - 4 * t * a1;
    if (!(square >= 0)) return 0;
    const root = Math.sqrt(square);
    // The larger root of (b − x)(b + γ) + t·a1 = 0, without cancellation.
    const b = x > gamma ? 0.5 * (x - gamma + root) : (2 * (x * gamma - t * a1)) / (gamma - x + root);
    return b > 0 && moreau(b, x, t) + a1 * Math.log1p(b / gamma) < moreau(0, x, t) ? b : 0;
  },
);

/** All separable penalties implemented by kernels. The surrounding formulas are in southwell/penalties. */
export const penaltyKernels = { elasticNet, mcp, scad, lHalf, lTwoThirds, logSum };

const byCode: PenaltyKernel[] = [];
for (const kernel of Object.values(penaltyKernels)) byCode[kernel.code] = kernel;

/** argmin over b of (b − z)²/(2t) + g(b), where g is the penalty with the given code. */
export function proximal(
  code: number,
  z: number,
  t: number,
  a1: number,
  a2: number,
  gamma: number,
  lower: number,
  upper: number,
): number {
  return byCode[code].prox(z, t, a1, a2, gamma, lower, upper);
}

export const penalties = (): PenaltiesKernels => ({ proximal });
