import { Random } from '@southwell/numerics/core';
import { type LdpFit, type LdpOptions, ldpSparseRegression, type NoiseSource } from './index.ts';

/** Shared by the tests of private reports. */

/** Normal covariates and targets that depend on them. */
export const people = (n: number, theta: readonly number[], noise: number, seed: number) => {
  const random = new Random(seed);
  const X = Array.from({ length: n }, () => theta.map(() => random.normal()));
  const y = X.map((x) => x.reduce((s, v, j) => s + v * theta[j], 0) + noise * random.normal());
  return { X, y };
};

/** Everybody reports once. */
export function fitted(
  options: LdpOptions,
  X: readonly number[][],
  y: readonly number[],
  source: NoiseSource,
  publics?: readonly number[][],
): LdpFit {
  const protocol = ldpSparseRegression(options);
  const [client, server] = [protocol.client({ source }), protocol.server()];
  if (publics) server.publicCovariates(publics);
  const rounds = options.rounds ?? 1;
  const group = Math.floor(X.length / rounds);
  for (let t = 0; t < rounds; t++) {
    for (let i = t * group; i < (t + 1) * group; i++) {
      const told = options.mode === 'sequential' ? { round: server.round, theta: server.theta } : {};
      server.aggregate(client.encode(X[i], y[i], told));
    }
    if (options.mode === 'sequential') server.endRound();
  }
  return server.finish();
}
