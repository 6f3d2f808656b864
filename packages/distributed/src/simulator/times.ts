import { fail, knownKeys, type Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';

/**
 * Distributions of non-negative random times; heavy tails model stragglers. Exponential: density e^(−t/m) / m with mean
 * m; shifted: `shift` plus an exponential time; log-normal: median · e^(σz) with z standard normal; Pareto: P(T > t) =
 * (minimum / t)^shape for t from the minimum on, with an infinite mean if `shape` ≤ 1.
 */
export type Times =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  | { readonly kind: 'shifted-exponential'; readonly shift: number; readonly mean: number }
  | { readonly kind: 'log-normal'; readonly median: number; readonly sigma: number }
  | { readonly kind: 'pareto'; readonly minimum: number; readonly shape: number };

/** The parameters of each kind of {@link Times}. */
export const timeParameters: Readonly<Record<Times['kind'], readonly string[]>> = {
  constant: ['value'],
  exponential: ['mean'],
  'shifted-exponential': ['shift', 'mean'],
  'log-normal': ['median', 'sigma'],
  pareto: ['minimum', 'shape'],
};

/** Draws one time. */
export function drawTime(times: Times, random: Random): number {
  switch (times.kind) {
    case 'constant':
      return times.value;
    case 'exponential':
      return times.mean * random.exponential();
    case 'shifted-exponential':
      return times.shift + times.mean * random.exponential();
    case 'log-normal':
      return times.median * elementary.exp(times.sigma * random.normal());
    case 'pareto':
      return times.minimum * elementary.exp(random.exponential() / times.shape);
  }
}

/**
 * Checks the parameters of a distribution; `positive`: times must not all be 0.
 * @throws INVALID_PARAMETER.
 */
export function checkTimes(where: string, times: Times, positive = false): void {
  const { kind } = (times ?? {}) as Times;
  const names = Object.hasOwn(timeParameters, kind) ? timeParameters[kind] : undefined;
  if (!names) {
    fail(
      'INVALID_PARAMETER',
      `${where}: the kind of times must be one of ${Object.keys(timeParameters).join(', ')}, not ${kind}.`,
    );
  }
  knownKeys(where, times, Object.fromEntries(['kind', ...names].map((name) => [name, true as const])));
  let most = 0;
  for (const name of names) {
    const value = (times as unknown as Readonly<Record<string, number>>)[name];
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY) || (name === 'shape' && value === 0)) {
      const least = name === 'shape' ? 'positive' : 'at least 0';
      fail('INVALID_PARAMETER', `${where}: ${name} of ${kind} times must be finite and ${least}, not ${value}.`);
    }
    if (name !== 'sigma' && name !== 'shape') most = Math.max(most, value);
  }
  if (positive && most === 0) fail('INVALID_PARAMETER', `${where}: times must not all be 0.`);
}
