// Separable penalties, one coordinate at a time; twins and what their numbers mean in src/twin/penalties.ts.

// Codes of the penalties: the same numbers as there.
const ELASTIC_NET: i32 = 0; // a1|b| + a2 b²/2 on [lower, upper]
const MCP: i32 = 1;
const SCAD: i32 = 2;
const L_HALF: i32 = 3;
const L_TWO_THIRDS: i32 = 4;

// @ts-ignore: decorator
@inline
function softThreshold(z: f64, t: f64): f64 {
  return z > t ? z - t : z < -t ? z + t : 0;
}

// @ts-ignore: decorator
@inline
function moreau(b: f64, z: f64, t: f64): f64 {
  return ((b - z) * (b - z)) / (2 * t);
}

function mcpValue(x: f64, a1: f64, gamma: f64): f64 {
  return x <= gamma * a1 ? a1 * x - (x * x) / (2 * gamma) : 0.5 * gamma * a1 * a1;
}

function mcpProx(x: f64, t: f64, a1: f64, gamma: f64): f64 {
  if (t < gamma) return x <= t * a1 ? 0 : x <= gamma * a1 ? (x - t * a1) / (1 - t / gamma) : x;
  // Concave between 0 and γ·a1: the minimum is 0 or x.
  return mcpValue(x, a1, gamma) < moreau(0, x, t) && x > gamma * a1 ? x : 0;
}

function scadValue(x: f64, a1: f64, gamma: f64): f64 {
  if (x <= a1) return a1 * x;
  if (x <= gamma * a1) return (2 * gamma * a1 * x - x * x - a1 * a1) / (2 * (gamma - 1));
  return (a1 * a1 * (gamma + 1)) / 2;
}

function scadProx(x: f64, t: f64, a1: f64, gamma: f64): f64 {
  const soft = max(x - t * a1, 0);
  if (t < gamma - 1) {
    if (soft <= a1) return soft;
    if (x <= gamma * a1) return ((gamma - 1) * x - t * gamma * a1) / (gamma - 1 - t);
    return x;
  }
  // The middle piece is concave: compare the stationary points of the outer two.
  const first = min(soft, a1);
  const last = max(x, gamma * a1);
  return moreau(first, x, t) + scadValue(first, a1, gamma) <= moreau(last, x, t) + scadValue(last, a1, gamma) ? first : last;
}

function lHalfProx(x: f64, t: f64, a1: f64): f64 {
  const at = t * a1;
  if (!(x > 1.5 * Math.pow(at, 2.0 / 3.0))) return 0;
  const phi = Math.acos((at / 4) * Math.pow(x / 3, -1.5));
  return (2.0 / 3.0) * x * (1 + Math.cos((2.0 / 3.0) * (Math.PI - phi)));
}

function lTwoThirdsProx(x: f64, t: f64, a1: f64): f64 {
  const at = t * a1;
  if (!(x > 2 * Math.pow((2.0 / 3.0) * at, 0.75))) return 0;
  // u = b^(1/3) is the largest root of u⁴ − x u + (2/3)·at = 0.
  let u = Math.cbrt(x);
  for (let k = 0; k < 60; k++) {
    const step = (u * u * u * u - x * u + (2.0 / 3.0) * at) / (4 * u * u * u - x);
    u -= step;
    if (abs(step) <= 1e-16 * u) break;
  }
  return u * u * u;
}

function logSumProx(x: f64, t: f64, a1: f64, gamma: f64): f64 {
  const square = (x + gamma) * (x + gamma) - 4 * t * a1;
  if (!(square >= 0)) return 0;
  const root = Math.sqrt(square);
  // The larger root of (b − x)(b + γ) + t·a1 = 0, without cancellation.
  const b = x > gamma ? 0.5 * (x - gamma + root) : (2 * (x * gamma - t * a1)) / (gamma - x + root);
  return b > 0 && moreau(b, x, t) + a1 * Math.log1p(b / gamma) < moreau(0, x, t) ? b : 0;
}

/** argmin over b of (b − z)²/(2t) + g(b); see packages/southwell/src/penalties for the formulas and their sources. */
export function proximal(kind: i32, z: f64, t: f64, a1: f64, a2: f64, gamma: f64, lower: f64, upper: f64): f64 {
  if (kind == ELASTIC_NET) {
    const b = softThreshold(z, t * a1) / (1 + t * a2);
    return min(max(b, lower), upper);
  }
  const x = abs(z);
  let b: f64;
  if (kind == MCP) b = mcpProx(x, t, a1, gamma);
  else if (kind == SCAD) b = scadProx(x, t, a1, gamma);
  else if (kind == L_HALF) b = lHalfProx(x, t, a1);
  else if (kind == L_TWO_THIRDS) b = lTwoThirdsProx(x, t, a1);
  else b = logSumProx(x, t, a1, gamma);
  return z < 0 ? -b : b;
}
