import { fail, knownKeys, type Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';

/**
 * Random times, none below 0. Heavy tails are those of stragglers. Exponential ones have density e^(−t/m) / m with mean m; shifted
 * ones are `shift` and one of these; log-normal ones are median · e^(σz) with z standard normal; of Pareto's, P(T > t) = (minimum / t)^shape
 * from the minimum on, whose mean is infinite where `shape` ≤ 1.
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

/** One of them. */
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
 * What times are made of; `positive`: not of 0 alone.
 * @throws INVALID_PARAMETER.
 */
export function checkTimes(where: string, times: Times, positive = false): void {
  const { kind } = (times ?? {}) as Times;
  const names = Object.hasOwn(timeParameters, kind) ? timeParameters[kind] : undefined;
  if (!names) {
    fail('INVALID_PARAMETER', `${where}: times are ${Object.keys(timeParameters).join(', ')}, not ${kind}.`);
  }
  knownKeys(where, times, Object.fromEntries(['kind', ...names].map((name) => [name, true as const])));
  let most = 0;
  for (const name of names) {
    const value = (times as unknown as Readonly<Record<string, number>>)[name];
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY) || (name === 'shape' && value === 0)) {
      const least = name === 'shape' ? 'positive' : 'at least 0';
      fail('INVALID_PARAMETER', `${where}: ${name} of ${kind} times is finite and ${least}, not ${value}.`);
    }
    if (name !== 'sigma' && name !== 'shape') most = Math.max(most, value);
  }
  if (positive && most === 0) fail('INVALID_PARAMETER', `${where}: some time must be above 0.`);
}
