import { checkOptions, integerOption, type OptionsOf } from '@southwell/numerics/core';
import type { Direction, DirectionRule } from './direction.ts';
import { dot } from './oracle.ts';

interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly sy: number;
}

class Lbfgs implements Direction {
  readonly direction: Float64Array;
  private readonly pairs: Pair[] = [];

  constructor(
    size: number,
    private readonly memory: number,
  ) {
    this.direction = new Float64Array(size);
  }

  get firstTrial(): 'one' | 'unit' {
    return this.pairs.length > 0 ? 'one' : 'unit';
  }

  /** direction ← H·gradient by the two-loop recursion (Nocedal & Wright, Algorithm 7.4). */
  take(gradient: Float64Array): void {
    const { direction: d, pairs } = this;
    d.set(gradient);
    const alphas: number[] = [];
    for (let t = pairs.length - 1; t >= 0; t--) {
      const { s, y, sy } = pairs[t];
      const alpha = dot(s, d) / sy;
      alphas[t] = alpha;
      for (let k = 0; k < d.length; k++) d[k] -= alpha * y[k];
    }
    const last = pairs.at(-1);
    if (last) {
      const scale = last.sy / dot(last.y, last.y);
      for (let k = 0; k < d.length; k++) d[k] *= scale;
    }
    for (let t = 0; t < pairs.length; t++) {
      const { s, y, sy } = pairs[t];
      const beta = alphas[t] - dot(y, d) / sy;
      for (let k = 0; k < d.length; k++) d[k] += beta * s[k];
    }
  }

  moved(s: Float64Array, y: Float64Array): void {
    const sy = dot(s, y);
    // Without positive curvature along the step the approximation would lose its positive definiteness.
    if (!(sy > 2.2e-16 * dot(y, y))) return;
    if (this.pairs.length === this.memory) this.pairs.shift();
    this.pairs.push({ s, y, sy });
  }

  reset(): void {
    this.pairs.length = 0;
  }
}

const lbfgsRecords = {
  /** Number of stored correction pairs. Default 10. */
  memory: integerOption({ min: 1 }),
};

export interface LbfgsOptions extends OptionsOf<typeof lbfgsRecords> {}

/**
 * L-BFGS (Nocedal 1980): the inverse Hessian approximation from the last `memory` (default 10) steps and a multiple of
 * the identity. O(memory · size) per step.
 * @throws INVALID_PARAMETER.
 */
export function lbfgs(options: LbfgsOptions = {}): DirectionRule {
  checkOptions('lbfgs', lbfgsRecords, options);
  const { memory = 10 } = options;
  return (size) => new Lbfgs(size, memory);
}
