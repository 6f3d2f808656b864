import * as ad from '@southwell/autodiff';
import type * as nn from '@southwell/autodiff/nn';
import { Random } from '@southwell/numerics/core';
import { adamW, cosineDecay } from 'southwell/optimisers';
import type { Pause } from '../pauses.ts';
import type { Masks, Pruned, Subject } from './lab.ts';

export interface AdmmOptions {
  /** Penalty ρ of the distance to the sparse point. */
  readonly rho: number;
  readonly rate: number;
  /** Steps between projections. */
  readonly every: number;
  readonly steps: number;
  /** Examples of a gradient step. */
  readonly batch: number;
}

/**
 * Pruning by the alternating direction method of multipliers on the training loss (as ELSA, 2025): Adam steps on loss +
 * ρ/2·‖w − z + u‖² for all pruned layers at once, every few steps z = the nearest point of the density to w + u, and u
 * += w − z. The answer is w at the places of z. Weights that stay move, unlike those of iCBS.
 */
export async function prunedByAdmm(
  { model, layers, losses, inputs, targets, seed }: Subject,
  density: number,
  { rho, rate, every, steps, batch }: AdmmOptions,
  { look, each }: { readonly look: number; readonly each: (step: number, now: Pruned) => Promise<void> },
  pause: Pause,
): Promise<Pruned> {
  const names = layers.map(({ name }) => name);
  const starts = names.map((name) => model.parameters[name].data() as Float32Array);
  const at = starts.map((_, l) => starts.slice(0, l).reduce((sum, { length }) => sum + length, 0));
  const size = starts.reduce((sum, { length }) => sum + length, 0);
  const part = (of: Float32Array, l: number) => of.subarray(at[l], at[l] + starts[l].length);
  const w = new Float32Array(size);
  for (const [l, start] of starts.entries()) w.set(start, at[l]);
  const [z, u, g] = [new Float32Array(size), new Float32Array(size), new Float32Array(size)];
  const placed = (of: Float32Array): nn.Parameters => ({
    ...model.parameters,
    ...Object.fromEntries(
      names.map((name, l) => [name, ad.tensor(part(of, l).slice(), { shape: model.parameters[name].shape })]),
    ),
  });
  const project = (): Masks =>
    Object.fromEntries(names.map((name, l) => [name, nearest(part(w, l), part(u, l), part(z, l), density)]));
  const slope = ad.compile(
    ad.grad((own: nn.Parameters, rest: nn.Parameters, x: ad.Tensor, y: ad.Tensor) =>
      ad.mean(losses({ ...rest, ...own }, x, y)),
    ),
  );
  const optimiser = adamW({ rate: cosineDecay({ rate, steps }), weightDecay: 0 });
  const state = optimiser.init(w);
  const random = new Random(seed);
  let masks = project();
  const answer = (): Pruned => {
    const kept = w.slice();
    for (const [l, name] of names.entries())
      part(kept, l).forEach((_, i, own) => {
        if (masks[name][i] === 0) own[i] = 0;
      });
    return { parameters: placed(kept), masks };
  };
  for (let step = 1; step <= steps; step++) {
    const rows = ad.tensor(Int32Array.from({ length: batch }, () => random.integer(inputs.shape[0])));
    const now = placed(w);
    const own = Object.fromEntries(names.map((name) => [name, now[name]]));
    const found = slope(own, model.parameters, ad.take(inputs, rows, 0), ad.take(targets, rows, 0));
    for (const [l, name] of names.entries()) g.set(found[name].data(), at[l]);
    for (let i = 0; i < size; i++) g[i] += rho * (w[i] - z[i] + u[i]);
    optimiser.step(state, w, g);
    if (step % every === 0 || step === steps) {
      masks = project();
      for (let i = 0; i < size; i++) u[i] += w[i] - z[i];
    }
    if (step % look === 0 || step === steps) await each(step, answer());
    await pause();
  }
  state.free();
  return answer();
}

/** Sets z to w + u where it is greatest in magnitude, and to 0 elsewhere; 1 in the mask where it stays. */
function nearest(w: Float32Array, u: Float32Array, z: Float32Array, density: number): Uint8Array {
  const mask = new Uint8Array(w.length);
  for (let i = 0; i < w.length; i++) z[i] = w[i] + u[i];
  const order = Array.from(z.keys()).sort((a, b) => Math.abs(z[b]) - Math.abs(z[a]) || a - b);
  const kept = Math.round(density * w.length);
  for (let k = 0; k < kept; k++) mask[order[k]] = 1;
  for (let i = 0; i < w.length; i++) if (mask[i] === 0) z[i] = 0;
  return mask;
}
