/** Kinds of separable penalty that kernels know; the same numbers as in assembly/descent.ts. */
export const PenaltyKind = { convex: 0, mcp: 1, scad: 2, lHalf: 3, lTwoThirds: 4 } as const;
export type PenaltyKind = (typeof PenaltyKind)[keyof typeof PenaltyKind];

const soft = (z: number, t: number): number => (z > t ? z - t : z < -t ? z + t : 0);
const moreau = (b: number, z: number, t: number): number => ((b - z) * (b - z)) / (2 * t);

/**
 * g(b) for one coordinate: a1|b| + a2·b²/2 on [lower, upper] (convex); MCP (Zhang 2010) and SCAD (Fan & Li 2001) with
 * threshold a1 and concavity gamma; a1·|b|^½ and a1·|b|^⅔.
 */
export function penaltyValue(
  kind: PenaltyKind,
  b: number,
  a1: number,
  a2: number,
  gamma: number,
  lower: number,
  upper: number,
): number {
  const x = Math.abs(b);
  switch (kind) {
    case PenaltyKind.convex:
      return b < lower || b > upper
        ? Number.POSITIVE_INFINITY
        : (a1 > 0 ? a1 * x : 0) + (a2 > 0 ? 0.5 * a2 * b * b : 0);
    case PenaltyKind.mcp:
      return x <= gamma * a1 ? a1 * x - (x * x) / (2 * gamma) : 0.5 * gamma * a1 * a1;
    case PenaltyKind.scad:
      if (x <= a1) return a1 * x;
      if (x <= gamma * a1) return (2 * gamma * a1 * x - x * x - a1 * a1) / (2 * (gamma - 1));
      return (a1 * a1 * (gamma + 1)) / 2;
    case PenaltyKind.lHalf:
      return a1 * Math.sqrt(x);
    default:
      return a1 * Math.cbrt(x) ** 2;
  }
}

/** g′(b) off the kinks, with g as in {@link penaltyValue}; at b = 0 the ridge part alone. */
export function penaltyDerivative(kind: PenaltyKind, b: number, a1: number, a2: number, gamma: number): number {
  const x = Math.abs(b);
  const sign = Math.sign(b);
  switch (kind) {
    case PenaltyKind.convex:
      return a1 * sign + a2 * b;
    case PenaltyKind.mcp:
      return sign * Math.max(a1 - x / gamma, 0);
    case PenaltyKind.scad:
      return sign * (x <= a1 ? a1 : Math.max(gamma * a1 - x, 0) / (gamma - 1));
    case PenaltyKind.lHalf:
      return (sign * 0.5 * a1) / Math.sqrt(x);
    default:
      return (sign * (2 / 3) * a1) / Math.cbrt(x);
  }
}

/** argmin over b of (b − z)²/(2t) + g(b), with g as in {@link penaltyValue}; a tie goes to the smaller |b|. */
export function proximal(
  kind: PenaltyKind,
  z: number,
  t: number,
  a1: number,
  a2: number,
  gamma: number,
  lower: number,
  upper: number,
): number {
  if (kind === PenaltyKind.convex) {
    const b = soft(z, t * a1) / (1 + t * a2);
    return Math.min(Math.max(b, lower), upper);
  }
  const x = Math.abs(z);
  const value = (b: number) => moreau(b, x, t) + penaltyValue(kind, b, a1, a2, gamma, lower, upper);
  let b = 0;
  if (kind === PenaltyKind.mcp) {
    if (t < gamma) b = x <= t * a1 ? 0 : x <= gamma * a1 ? (x - t * a1) / (1 - t / gamma) : x;
    // Otherwise the objective is concave on [0, γ·a1] and the minimum is 0 or z.
    else b = x > gamma * a1 && value(x) < value(0) ? x : 0;
  } else if (kind === PenaltyKind.scad) {
    const s = Math.max(x - t * a1, 0);
    if (t < gamma - 1) {
      if (s <= a1) b = s;
      else b = x <= gamma * a1 ? ((gamma - 1) * x - t * gamma * a1) / (gamma - 1 - t) : x;
    } else {
      // The middle piece is concave: compare the stationary points of the outer two.
      const first = Math.min(s, a1);
      const last = Math.max(x, gamma * a1);
      b = value(first) <= value(last) ? first : last;
    }
  } else if (kind === PenaltyKind.lHalf) {
    // Xu, Chang, Xu & Zhang (2012), "L1/2 regularization: a thresholding representation theory".
    const at = t * a1;
    if (x > 1.5 * at ** (2 / 3)) {
      const phi = Math.acos((at / 4) * (x / 3) ** -1.5);
      b = (2 / 3) * x * (1 + Math.cos((2 / 3) * (Math.PI - phi)));
    }
  } else {
    // u = b^(1/3) is the largest root of u⁴ − x u + (2/3)·at = 0; Newton from the right is monotone.
    const at = t * a1;
    if (x > 2 * ((2 / 3) * at) ** 0.75) {
      let u = Math.cbrt(x);
      for (let k = 0; k < 60; k++) {
        const step = (u ** 4 - x * u + (2 / 3) * at) / (4 * u ** 3 - x);
        u -= step;
        if (Math.abs(step) <= 1e-16 * u) break;
      }
      b = u ** 3;
    }
  }
  return z < 0 ? -b : b;
}
