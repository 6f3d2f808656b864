import type { Arena, Block, Scratch } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import { checkOption, fail, inOnePlace, needsOnePlace, type SplitRows } from '@southwell/numerics/core';
import { type BoundedLoss, type BoundLoss, isAbove0, type Loss, overRows, rowOf, separableLoss } from './loss.ts';
import { lossParameters } from './parameters.ts';

/** @throws NON_FINITE if a target is not finite. */
export function checkReal(y: Float64Array, name: string, rows: SplitRows): void {
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i])) fail('NON_FINITE', `The target of ${name} holds ${y[i]} in row ${rowOf(i, rows)}.`);
  }
}

/** ½(η − y)². */
export function squared(): BoundedLoss {
  return {
    name: 'squared',
    curvatureBound: 1,
    followsTarget: true,
    mean: (eta) => eta,
    bind(y, w, rows = inOnePlace(y.length)) {
      checkReal(y, 'a regression', rows);
      return overRows(y, w, rows, squaredPart);
    },
  };
}

/** Targets, weights and workspace for sums, in kernel memory. */
interface Near {
  readonly arena: Arena;
  readonly scratch: Scratch;
  readonly y: Block<Float64Array>;
  readonly w: Block<Float64Array>;
  readonly out: Block<Float64Array>;
}

function nearTo(arena: Arena, y: Float64Array, w: Float64Array): Near {
  const scratch = arena.scratch();
  const near = { arena, scratch, y: scratch.f64(y.length), w: scratch.f64(w.length), out: scratch.f64(3) };
  near.y.view.set(y);
  near.w.view.set(w);
  return near;
}

/** Written out instead of using separableLoss, as it is the inner loop of every lasso; in a kernel if possible. */
function squaredPart(y: Float64Array, w: Float64Array): BoundLoss {
  const n = y.length;
  let near: Near | undefined;
  const found = { v: 0, size: 0, d: 0 };
  let sums: typeof found | undefined;
  return {
    n,
    quadratic: true,
    interceptMakesSense: true,
    get sums() {
      return sums;
    },
    attach(arena) {
      this.detach!();
      near = nearTo(arena, y, w);
    },
    detach() {
      near?.scratch.release();
      near = sums = undefined;
    },
    value(eta) {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const r = y[i] - eta[i];
        sum += w[i] * r * r;
      }
      return 0.5 * sum;
    },
    derivatives(eta, v, d) {
      const at = near?.arena.pointerOf(eta);
      if (near && at !== undefined) {
        const { arena, y: ys, w: ws, out } = near;
        const [ofV, ofD] = [arena.pointerOf(v)!, arena.pointerOf(d)!];
        const value = arena.use(modelKernels).squaredDerivatives(n, ys.pointer, ws.pointer, at, ofV, ofD, out.pointer);
        [found.v, found.size, found.d] = out.view;
        sums = found;
        return value;
      }
      sums = undefined;
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const r = y[i] - eta[i];
        const wr = w[i] * r;
        v[i] = wr;
        d[i] = w[i];
        sum += wr * r;
      }
      return 0.5 * sum;
    },
    conjugate(v, s) {
      const at = near?.arena.pointerOf(v);
      if (near && at !== undefined) {
        return near.arena.use(modelKernels).squaredConjugate(n, near.y.pointer, near.w.pointer, at, s);
      }
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const u = s * v[i];
        if (w[i] > 0) sum += (0.5 * u * u) / w[i] - y[i] * u;
      }
      return sum;
    },
  };
}

/**
 * Huber's loss: ½r² for |r| ≤ delta, delta·|r| − ½delta² beyond; delta > 0 in units of y (Huber 1964).
 * @throws INVALID_PARAMETER.
 */
export function huber(delta = 1.35): BoundedLoss {
  checkOption('delta', lossParameters.delta, delta);
  return {
    name: 'huber',
    curvatureBound: 1,
    mean: (eta) => eta,
    bind(y, w, rows = inOnePlace(y.length)) {
      checkReal(y, 'a Huber regression', rows);
      return overRows(y, w, rows, (y, w) =>
        separableLoss(y, w, {
          value: (yi, eta) => {
            const r = Math.abs(yi - eta);
            return r <= delta ? 0.5 * r * r : delta * (r - 0.5 * delta);
          },
          pull: (yi, eta) => Math.max(-delta, Math.min(delta, yi - eta)),
          curvature: (yi, eta) => (Math.abs(yi - eta) <= delta ? 1 : 0),
          majorant: (yi, eta) => Math.min(1, delta / Math.abs(yi - eta)),
          conj: (yi, u) => (Math.abs(u) <= delta * (1 + 1e-12) ? 0.5 * u * u + u * yi : Number.POSITIVE_INFINITY),
        }),
      );
    },
  };
}

/**
 * The pinball loss of quantile `tau`. With `smoothing`, its Moreau envelope of that width (units of y) at zero, a
 * smooth loss in its own right (Yi & Huang 2017). Otherwise the pinball loss itself, which solvers approximate by such
 * an envelope at multipliers λ, the loss of y + hλ. This is a step of the method of multipliers (Hestenes 1969; Powell
 * 1969), which on polyhedral problems terminates after finitely many updates of λ, whatever the width h (Rockafellar
 * 1976).
 * @throws INVALID_PARAMETER.
 */
export function quantile(tau = 0.5, smoothing?: number): BoundedLoss {
  checkOption('tau', lossParameters.tau, tau);
  if (smoothing !== undefined) checkOption('smoothing', lossParameters.smoothing, smoothing);
  return {
    name: 'quantile',
    curvatureBound: 1 / (smoothing ?? 1),
    mean: (eta) => eta,
    bind(y, w, rows = inOnePlace(y.length)) {
      checkReal(y, 'a quantile regression', rows);
      if (smoothing !== undefined) return overRows(y, w, rows, (y, w) => envelope(y, w, tau, () => smoothing));
      needsOnePlace(rows, 'A quantile regression that is not smoothed needs');
      return pinball(y, w, tau);
    },
  };
}

/** The Moreau envelope of the pinball loss. */
function envelope(y: Float64Array, w: Float64Array, tau: number, width: () => number): BoundLoss {
  const clip = (t: number) => Math.max(tau - 1, Math.min(tau, t));
  return separableLoss(y, w, {
    value: (yi, eta) => {
      const [h, e] = [width(), yi - eta];
      const t = clip(e / h);
      return t * e - 0.5 * h * t * t;
    },
    pull: (yi, eta) => clip((yi - eta) / width()),
    curvature: (yi, eta) => {
      const t = (yi - eta) / width();
      return t > tau - 1 && t < tau ? 1 / width() : 0;
    },
    majorant: (yi, eta) => {
      const t = (yi - eta) / width();
      return t > tau - 1 && t < tau ? 1 / width() : clip(t) / (yi - eta);
    },
    conj: (yi, u) => (inBox(u, tau) ? 0.5 * width() * u * u + u * yi : Number.POSITIVE_INFINITY),
  });
}

const inBox = (u: number, tau: number): boolean => -u >= tau - 1 - 1e-12 && -u <= tau + 1e-12;

/**
 * Widths of the smooth approximation, in mean absolute deviations of the target: the first, which is the widest, and
 * the narrowest.
 */
const [FIRST, LAST] = [0.5, 1e-4];

/** The pinball loss, with an envelope at multipliers as its smooth approximation. */
function pinball(y: Float64Array, w: Float64Array, tau: number): BoundLoss {
  let mean = 0;
  for (let i = 0; i < y.length; i++) mean += w[i] * y[i];
  let deviation = 0;
  for (let i = 0; i < y.length; i++) deviation += w[i] * Math.abs(y[i] - mean);
  const unit = deviation > 0 ? deviation : 1;
  const shifted = y.slice();
  let width = FIRST * unit;
  const standIn = envelope(shifted, w, tau, () => width);
  return {
    ...standIn,
    value(eta) {
      let sum = 0;
      for (let i = 0; i < y.length; i++) {
        const e = y[i] - eta[i];
        if (w[i] > 0) sum += w[i] * (e > 0 ? tau * e : (tau - 1) * e);
      }
      return sum;
    },
    kinks: {
      get width() {
        return width;
      },
      conjugate(v, s) {
        let sum = 0;
        for (let i = 0; i < y.length; i++) {
          if (w[i] > 0 && !inBox((-s * v[i]) / w[i], tau)) return Number.POSITIVE_INFINITY;
          sum -= s * v[i] * y[i];
        }
        return sum;
      },
      about(v, times) {
        width = Math.min(Math.max(times * width, LAST * unit), FIRST * unit);
        for (let i = 0; i < y.length; i++) shifted[i] = w[i] > 0 ? y[i] + (width * v[i]) / w[i] : y[i];
      },
    },
  };
}

/** Poisson with log link: half the unit deviance, e^η − yη + y log y − y; y ≥ 0. */
export function poisson(): Loss {
  return {
    name: 'poisson',
    mean: Math.exp,
    bind(y, w, rows = inOnePlace(y.length)) {
      checkReal(y, 'a Poisson regression', rows);
      let sum = 0;
      for (let i = 0; i < y.length; i++) {
        if (y[i] < 0) {
          fail(
            'INVALID_TARGET',
            `A Poisson target must be a count or rate of at least 0; row ${rowOf(i, rows)} has ${y[i]}.`,
          );
        }
        sum += w[i] * y[i];
      }
      if (!isAbove0(sum, rows)) {
        fail('INVALID_TARGET', 'All Poisson targets are 0: the fitted rate would be 0, at η = −∞.');
      }
      return overRows(y, w, rows, (y, w) =>
        separableLoss(y, w, {
          value: (yi, eta) => Math.exp(eta) - yi * eta + (yi > 0 ? yi * Math.log(yi) - yi : 0),
          pull: (yi, eta) => yi - Math.exp(eta),
          curvature: (_, eta) => Math.exp(eta),
          conj: (yi, u) => {
            const m = u + yi;
            if (m < -1e-12 * yi) return Number.POSITIVE_INFINITY;
            return (m > 0 ? m * Math.log(m) - m : 0) - (yi > 0 ? yi * Math.log(yi) - yi : 0);
          },
        }),
      );
    },
  };
}

/** Gamma with log link: half the unit deviance, y e^−η + η − 1 − log y; y > 0. */
export function gamma(): Loss {
  return {
    name: 'gamma',
    mean: Math.exp,
    bind(y, w, rows = inOnePlace(y.length)) {
      checkReal(y, 'a gamma regression', rows);
      for (let i = 0; i < y.length; i++) {
        if (!(y[i] > 0)) {
          fail('INVALID_TARGET', `A gamma target must be above 0; row ${rowOf(i, rows)} has ${y[i]}.`);
        }
      }
      return overRows(y, w, rows, (y, w) =>
        separableLoss(y, w, {
          value: (yi, eta) => yi * Math.exp(-eta) + eta - 1 - Math.log(yi),
          pull: (yi, eta) => yi * Math.exp(-eta) - 1,
          curvature: (yi, eta) => yi * Math.exp(-eta),
          conj: (yi, u) => {
            const m = 1 - u;
            if (m < 0) return Number.POSITIVE_INFINITY;
            return (m > 0 ? m * Math.log(m / yi) : 0) - m + 1 + Math.log(yi);
          },
        }),
      );
    },
  };
}
