import type { Random } from '@southwell/numerics/core';
import { randK, type SampledOperator, topK, type VariationalSettings } from 'southwell/distributed-methods';
import { boundOf, type Games, scaledTo, symmetric } from './lab.ts';

/** Variants of the methods; in all of them but the last devices send random entries. */
export const VARIANTS = {
  batch: 'batches of samples',
  participation: 'some devices a step',
  downlink: 'random entries both ways',
  all: 'all three',
  largest: 'largest entries both ways',
} as const;
export type Variant = keyof typeof VARIANTS;

export interface VariantSettings {
  readonly q: number;
  readonly lambda: number;
  /** Samples of each operator, and how many of them a step uses. */
  readonly samples: number;
  readonly batch: number;
  /** The spectral norm of the matrices by which samples differ from their device, and the deviation of linear terms. */
  readonly spread: number;
  readonly offset: number;
  /** Devices in a step. */
  readonly participation: number;
}

/**
 * The operators of games as means of samples: xᵀ(A + Eᵢ)y with linear terms c + eᵢ, where the Eᵢ are symmetric and sum to zero, as do the eᵢ.
 */
export function sampledOf(
  { operators, solution }: Games,
  { samples, spread, offset }: VariantSettings,
  random: Random,
): readonly SampledOperator[] {
  const D = solution.length;
  const d = D / 2;
  return operators.map((F) => {
    const matrices = Array.from({ length: samples }, () => scaledTo(symmetric(d, random), spread).data.slice());
    const linear = Array.from({ length: samples }, () =>
      Float64Array.from({ length: D }, () => offset * random.normal()),
    );
    for (const parts of [matrices, linear]) {
      const mean = parts[0].map((_, i) => parts.reduce((sum, v) => sum + v[i], 0) / samples);
      for (const v of parts) for (let i = 0; i < v.length; i++) v[i] -= mean[i];
    }
    return {
      samples,
      at(z, chosen) {
        const out = F(z);
        if (!chosen) return out;
        for (const s of chosen) {
          const [E, e] = [matrices[s], linear[s]];
          for (let i = 0; i < D; i++) out[i] += e[i] / chosen.length;
          for (let j = 0; j < d; j++)
            for (let i = 0; i < d; i++) {
              out[i] += (E[j * d + i] * z[d + j]) / chosen.length;
              out[d + j] -= (E[j * d + i] * z[i]) / chosen.length;
            }
        }
        return out;
      },
    };
  });
}

/** The options of a variant at a multiple of the bound of MASHA1, and the entries of its messages. */
export function variantOf(
  variant: Variant,
  games: Games,
  { q, lambda, batch, participation }: VariantSettings,
  multiple: number,
  seed: number,
): { readonly settings: VariationalSettings & { readonly gamma: number }; readonly k: number } {
  const k = Math.round(games.solution.length / q);
  const random = randK(k, { values: 'f64' });
  const largest = topK(k, { values: 'f64' });
  const common = { gamma: multiple * boundOf(games, q, lambda), seed };
  const masha1 = { method: 'masha1', uplink: random, ...common } as const;
  switch (variant) {
    case 'batch':
      return { settings: { ...masha1, batch }, k };
    case 'participation':
      return { settings: { ...masha1, participation }, k };
    case 'downlink':
      return { settings: { ...masha1, downlink: random }, k };
    case 'all':
      return { settings: { ...masha1, batch, participation, downlink: random }, k };
    case 'largest':
      return { settings: { method: 'masha2', uplink: largest, downlink: largest, ...common }, k };
  }
}
