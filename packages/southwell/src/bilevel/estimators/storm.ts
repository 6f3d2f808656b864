import { fail } from '@southwell/numerics/core';

/** An estimator of one vector from samples. */
export interface Storm {
  /** The estimate; undefined before the first sample. */
  readonly value: Float64Array | undefined;
  /**
   * Takes a sample: its value at the present point, and the value of the same sample at the previous point. The first
   * sample is the estimate. O(size).
   * @param eta Share of the fresh value, 0 to 1; 1 forgets the earlier samples.
   * @throws INVALID_PARAMETER, INVALID_SHAPE for other lengths.
   */
  update(fresh: ArrayLike<number>, stale: ArrayLike<number>, eta: number): Float64Array;
}

/**
 * Recursive momentum, the STORM estimator (Cutkosky & Orabona, NeurIPS 2019): d ← g(x; ξ) + (1 − η)(d − g(x₋; ξ)). Its
 * variance decreases as steps become small, without large batches, if samples are smooth in mean square.
 * @param resume An earlier value, from a checkpoint.
 * @throws INVALID_PARAMETER for a size that is not a whole number above 0.
 */
export function storm(size: number, resume?: ArrayLike<number>): Storm {
  if (!(Number.isSafeInteger(size) && size > 0)) {
    fail('INVALID_PARAMETER', `storm: size is ${size}; it must be a whole number above 0.`);
  }
  const check = (given: ArrayLike<number>) => {
    if (given.length !== size)
      fail('INVALID_SHAPE', `storm: a value has ${given.length} numbers; estimates have ${size}.`);
  };
  if (resume) check(resume);
  let value = resume && Float64Array.from(resume);
  return {
    get value() {
      return value;
    },
    update(fresh, stale, eta) {
      check(fresh);
      check(stale);
      if (!(eta >= 0 && eta <= 1)) fail('INVALID_PARAMETER', `storm: eta is ${eta}; it must be from 0 to 1.`);
      if (!value) {
        value = Float64Array.from(fresh);
        return value;
      }
      for (let j = 0; j < size; j++) value[j] = fresh[j] + (1 - eta) * (value[j] - stale[j]);
      return value;
    },
  };
}
