import type { Arena, Block, Scratch } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import { fail, inOnePlace, type SplitRows } from '@southwell/numerics/core';
import { type BoundedLoss, type BoundLoss, isAbove0, overRows, rowOf, separableLoss } from './loss.ts';

function checkSigns(y: Float64Array, w: Float64Array, name: string, rows: SplitRows): void {
  let positive = 0;
  let negative = 0;
  for (let i = 0; i < y.length; i++) {
    if (y[i] === 1) positive += w[i];
    else if (y[i] === -1) negative += w[i];
    else fail('INVALID_TARGET', `${name} needs targets −1 and +1; row ${rowOf(i, rows)} has ${y[i]}.`);
  }
  const both = [isAbove0(positive, rows), isAbove0(negative, rows)];
  if (both.includes(false)) {
    fail('INVALID_TARGET', `${name} needs both classes, but all ${rows.all} rows (with weight) are of one class.`);
  }
}

/** log(1 + e^−m) without overflow. */
export const softplusMinus = (m: number): number => (m > 0 ? Math.log1p(Math.exp(-m)) : -m + Math.log1p(Math.exp(m)));

/** The logistic loss log(1 + e^−yη), y = ±1. */
export function logistic(): BoundedLoss {
  return {
    name: 'logistic',
    curvatureBound: 0.25,
    mean: (eta) => 1 / (1 + Math.exp(-eta)),
    bind(y, w, rows = inOnePlace(y.length)) {
      checkSigns(y, w, 'Logistic regression', rows);
      return overRows(y, w, rows, logisticPart);
    },
  };
}

function logisticPart(y: Float64Array, w: Float64Array): BoundLoss {
  const n = y.length;
  // Written out, so that one exponential per row serves value, gradient and curvature; in a kernel if possible.
  let near: { arena: Arena; scratch: Scratch; y: number; w: number; sums: Block<Float64Array> } | undefined;
  return {
    n,
    quadratic: false,
    steady: true,
    interceptMakesSense: true,
    value(eta) {
      let sum = 0;
      for (let i = 0; i < n; i++) if (w[i] > 0) sum += w[i] * softplusMinus(y[i] * eta[i]);
      return sum;
    },
    attach(arena) {
      this.detach!();
      const scratch = arena.scratch();
      const [ys, ws] = [scratch.f64(n), scratch.f64(n)];
      ys.view.set(y);
      ws.view.set(w);
      near = { arena, scratch, y: ys.pointer, w: ws.pointer, sums: scratch.f64(3) };
    },
    detach() {
      near?.scratch.release();
      near = undefined;
    },
    derivatives(eta, v, d, majorize = false) {
      const at = near?.arena.pointerOf(eta);
      if (near && at !== undefined) {
        const { arena, y: ys, w: ws } = near;
        return arena
          .use(modelKernels)
          .logisticDerivatives(n, ys, ws, at, arena.pointerOf(v)!, arena.pointerOf(d)!, majorize);
      }
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const m = y[i] * eta[i];
        const e = Math.exp(-Math.abs(m));
        const inverse = 1 / (1 + e);
        const wrong = m > 0 ? e * inverse : inverse; // σ(−m)
        if (w[i] > 0) sum += w[i] * (Math.log(1 + e) + (m > 0 ? 0 : -m)); // rounds at 1e-16 of log 2: log1p is not worth its time
        v[i] = w[i] * y[i] * wrong;
        d[i] = w[i] * (majorize ? 0.25 : e * inverse * inverse);
      }
      return sum;
    },
    conjugate(v, s) {
      const at = near?.arena.pointerOf(v);
      if (near && at !== undefined) return near.arena.use(modelKernels).logisticConjugate(n, near.y, near.w, at, s);
      let sum = 0;
      for (let i = 0; i < n; i++) {
        if (!(w[i] > 0)) continue;
        const t = (s * v[i] * y[i]) / w[i];
        if (t < -1e-12 || t > 1 + 1e-12) return Number.POSITIVE_INFINITY;
        sum += w[i] * ((t > 0 ? t * Math.log(t) : 0) + (t < 1 ? (1 - t) * Math.log(1 - t) : 0));
      }
      return sum;
    },
    bends(v, d) {
      const at = near?.arena.pointerOf(v);
      if (!near || at === undefined) return undefined;
      near.arena.use(modelKernels).logisticSums(n, at, near.arena.pointerOf(d)!, near.sums.pointer);
      // d²f*(−sv)/ds² = Σ wσ(1/s + σ/(1 − sσ)), with σ the probability of the wrong class; the last fraction is between
      // σ and σ/(1 − σ). |v| = wσ and d = |v|(1 − σ).
      const [size, curved, bent] = near.sums.view;
      return (s) => {
        const both = size * (s > 0 ? s * Math.log(s) - s + 1 : 1);
        const half = 0.5 * (1 - s) ** 2;
        return [both + half * (size - curved), both + half * (bent - size)];
      };
    },
  };
}

/** max(0, 1 − m)² of a margin m. */
export const squaredSlack = (m: number): number => Math.max(0, 1 - m) ** 2;

/** The squared hinge max(0, 1 − yη)², y = ±1 (liblinear's L2-loss SVC). */
export function squaredHinge(): BoundedLoss {
  return {
    name: 'squared-hinge',
    curvatureBound: 2,
    mean: (eta) => eta,
    bind(y, w, rows = inOnePlace(y.length)) {
      checkSigns(y, w, 'A squared-hinge classifier', rows);
      const slack = (yi: number, eta: number) => Math.max(0, 1 - yi * eta);
      return overRows(y, w, rows, (y, w) =>
        separableLoss(y, w, {
          value: (yi, eta) => squaredSlack(yi * eta),
          pull: (yi, eta) => 2 * yi * slack(yi, eta),
          curvature: (yi, eta) => (yi * eta < 1 ? 2 : 0),
          majorant: () => 2,
          conj: (yi, u) => {
            const t = -u * yi;
            return t >= -1e-12 ? -t + 0.25 * t * t : Number.POSITIVE_INFINITY;
          },
        }),
      );
    },
  };
}
