import { elementary } from '../../special/index.ts';

/** Factor by which products are rescaled to stay in range. */
const STEP = 2 ** 400;

/** A product that may overflow or underflow on the way: mantissa · 2^(400·steps). */
export class LongProduct {
  private mantissa = 1;
  private steps = 0;

  multiply(factor: number): void {
    this.mantissa *= this.inRange(factor);
    this.mantissa = this.inRange(this.mantissa);
  }

  /** Rescales a number to between 2⁻⁴⁰⁰ and 2⁴⁰⁰, counting the steps. */
  private inRange(value: number): number {
    let v = value;
    for (; Math.abs(v) > STEP; v /= STEP) this.steps++;
    if (v !== 0) for (; Math.abs(v) < 1 / STEP; v *= STEP) this.steps--;
    return v;
  }

  /** −1, 0 or 1. */
  get sign(): number {
    return Math.sign(this.mantissa) || 0;
  }

  /** log |product|; −∞ for zero. */
  get log(): number {
    if (this.mantissa === 0) return Number.NEGATIVE_INFINITY;
    return elementary.log(Math.abs(this.mantissa)) + this.steps * (400 * Math.LN2);
  }

  /** The product; zero or infinite if it is outside the range of doubles. */
  get value(): number {
    let v = this.mantissa;
    for (let s = this.steps; s > 0 && Number.isFinite(v); s--) v *= STEP;
    for (let s = this.steps; s < 0 && v !== 0; s++) v /= STEP;
    return v;
  }
}
