import { elementary } from '@southwell/numerics/special';
import type { DadaoConstants } from './constants.ts';

const { exp, sin, cos } = elementary;

/**
 * The variables of some nodes of DADAO, X, X̃, Y, Ỹ, Z and Z̃ of d entries each, one node after the other, with the times until which they are
 * known. Between events the variables of a node follow
 *
 * Ẋ = (α/2)(X̃ − X), X̃' = (α/2)(X − X̃), Ẏ = α(Ỹ − Y), Ỹ' = −θ(Y + Z + νX̃), Ż = α(Z̃ − Z), Z̃' = (α/2)(Z − Z̃),
 *
 * whose solution is in closed form: X and X̃ tend to their mean as e^(−αt), Z and Z̃ to (Z + 2Z̃)/3 as e^(−3αt/2), and Y and Ỹ oscillate
 * around P = −(Zc + νXc) with frequency ω, ω² = αθ − α²/4 = 1/8 − α²/4 > 0, damped as e^(−αt/2). The time that has passed may be any.
 */
export class DadaoNodes {
  readonly values: Float64Array;
  readonly since: Float64Array;
  private readonly omega: number;

  constructor(
    readonly count: number,
    readonly d: number,
    private readonly constants: DadaoConstants,
  ) {
    const { alpha, theta } = constants;
    this.values = new Float64Array(6 * count * d);
    this.since = new Float64Array(count);
    this.omega = Math.sqrt(alpha * theta - (alpha * alpha) / 4);
  }

  /** Moves the variables of node k to a time that is not before that of its last event. O(d). */
  flow(k: number, time: number): void {
    const { values, d, omega, constants } = this;
    const { nu, alpha, theta } = constants;
    const passed = time - this.since[k];
    this.since[k] = time;
    if (passed === 0) return;
    const e = exp((-alpha / 2) * passed);
    const e2 = e * e;
    const e3 = e2 * e;
    const c = e * cos(omega * passed);
    const s = (e * sin(omega * passed)) / omega;
    const half = alpha / 2;
    // Coefficients of the particular solution to the decay of Z.
    const ratio = -theta / (theta + (3 * alpha) / 4);
    const first = 6 * k * d;
    for (let x = first; x < first + d; x++) {
      const xTilde = x + d;
      const y = xTilde + d;
      const yTilde = y + d;
      const z = yTilde + d;
      const zTilde = z + d;
      const xc = (values[x] + values[xTilde]) / 2;
      const zc = (values[z] + 2 * values[zTilde]) / 3;
      const dx = values[xTilde] - xc;
      const dz = values[z] - zc;
      const dzTilde = values[zTilde] - zc;
      const p = -(zc + nu * xc);
      const byX = nu * dx;
      const byZ = ratio * dz;
      const h = values[y] - p + byX - byZ;
      const hTilde = values[yTilde] - p + byZ / 2;
      values[x] = xc - dx * e2;
      values[xTilde] = xc + dx * e2;
      values[y] = p - byX * e2 + byZ * e3 + c * h + s * (alpha * hTilde - half * h);
      values[yTilde] = p - (byZ / 2) * e3 + c * hTilde + s * (half * hTilde - theta * h);
      values[z] = zc + dz * e3;
      values[zTilde] = zc + dzTilde * e3;
    }
  }

  /** X of node k at a time, without moving its variables. */
  xAt(k: number, time: number, into: Float64Array): void {
    const { values, d } = this;
    const e2 = exp(-this.constants.alpha * (time - this.since[k]));
    const x = 6 * k * d;
    for (let j = 0; j < d; j++) {
      const mean = (values[x + j] + values[x + d + j]) / 2;
      into[j] = mean + (values[x + j] - mean) * e2;
    }
  }

  /** X of node k at the time of its last event. */
  x(k: number): Float64Array {
    const at = 6 * k * this.d;
    return this.values.subarray(at, at + this.d);
  }

  /** The step of a node by its gradient at X, after the flow. */
  descend(k: number, gradient: Float64Array): void {
    const { values, d } = this;
    const { nu, gamma, gammaTilde, delta } = this.constants;
    const x = 6 * k * d;
    for (let j = 0; j < d; j++) {
      const rest = gradient[j] - nu * values[x + j] - values[x + 3 * d + j];
      values[x + j] -= gamma * rest;
      values[x + d + j] -= gammaTilde * rest;
      values[x + 3 * d + j] += delta * rest;
    }
  }

  /** What node k sends, Y + Z after the flow. */
  message(k: number, into: Float64Array): void {
    const { values, d } = this;
    const y = (6 * k + 2) * d;
    for (let j = 0; j < d; j++) into[j] = values[y + j] + values[y + 2 * d + j];
  }

  /** The step of node k by its own message and that of its neighbour. */
  mix(k: number, own: Float64Array, other: Float64Array): void {
    const { values, d } = this;
    const { beta, betaTilde } = this.constants;
    const z = (6 * k + 4) * d;
    for (let j = 0; j < d; j++) {
      const m = own[j] - other[j];
      values[z + j] -= beta * m;
      values[z + d + j] -= betaTilde * m;
    }
  }
}
