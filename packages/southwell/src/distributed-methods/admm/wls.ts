import { fail } from '@southwell/numerics/core';
import { choleskyInPlace, choleskySolveInPlace, symmetricEigen } from '@southwell/numerics/linalg';
import type { LinkNoise } from './noise.ts';
import { checkNoise } from './noise.ts';

/** The rows of a client: D × L features by row, D targets, D weights above 0 (default 1), usually inverse variances of the noise. */
export interface WlsClient {
  readonly X: ReadonlyArray<ArrayLike<number>>;
  readonly y: ArrayLike<number>;
  readonly weights?: ArrayLike<number>;
}

/** H = 2XᵀWX by rows, g = 2XᵀWy. */
export interface WlsMoments {
  readonly length: number;
  readonly H: Float64Array;
  readonly g: Float64Array;
}

/**
 * Moments of a client's rows. A client without rows has moments of 0, for `length` features (default: those of its first row). O(D L²).
 * @throws EMPTY without rows and `length`, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER for weights that are not above 0; with the row, from 1.
 */
export function wlsMoments(client: WlsClient, length = client.X[0]?.length): WlsMoments {
  const { X, y, weights } = client;
  if (length === undefined) fail('EMPTY', 'A client without rows needs the number of features.');
  if (y.length !== X.length || (weights && weights.length !== X.length))
    fail(
      'INVALID_SHAPE',
      `A client has ${X.length} rows, but ${y.length} targets and ${weights?.length ?? X.length} weights.`,
    );
  const H = new Float64Array(length * length);
  const g = new Float64Array(length);
  X.forEach((row, i) => {
    if (row.length !== length)
      fail('INVALID_SHAPE', `Row ${i + 1} of a client has ${row.length} features instead of ${length}.`);
    const weight = weights ? weights[i] : 1;
    if (!(weight > 0 && Number.isFinite(weight)))
      fail('INVALID_PARAMETER', `Weights must be above 0 and finite, but that of row ${i + 1} is ${weight}.`);
    if (!Number.isFinite(y[i])) fail('NON_FINITE', `The target of row ${i + 1} of a client is ${y[i]}.`);
    for (let a = 0; a < length; a++) {
      if (!Number.isFinite(row[a])) fail('NON_FINITE', `Feature ${a + 1} of row ${i + 1} of a client is ${row[a]}.`);
      const scaled = 2 * weight * row[a];
      g[a] += scaled * y[i];
      for (let b = 0; b <= a; b++) H[a * length + b] += scaled * row[b];
    }
  });
  for (let a = 0; a < length; a++) for (let b = 0; b < a; b++) H[b * length + a] = H[a * length + b];
  return { length, H, g };
}

/** A least-squares solution, and whether the matrix was singular, in which case it is the one of minimum norm. */
export interface WlsSolution {
  readonly w: Float64Array;
  readonly singular: boolean;
}

/** Eigenvalues below this multiple of n times the largest count as 0. */
const RANK = 16 * Number.EPSILON;

/**
 * H⁺g, the weighted least-squares solution of one client, by a Cholesky factorisation, or for a singular H by its eigenvectors. O(L³).
 */
export function localSolution(moments: WlsMoments): WlsSolution {
  const { length: n, H, g } = moments;
  const factor = H.slice();
  const w = g.slice();
  if (choleskyInPlace(factor, n)) {
    choleskySolveInPlace(factor, n, w);
    return { w, singular: false };
  }
  const { values, vectors } = symmetricEigen(H, n);
  const least = RANK * n * values.reduce((most, v) => Math.max(most, v), 0);
  w.fill(0);
  let kept = 0;
  for (let j = 0; j < n; j++) {
    if (!(values[j] > least)) continue;
    kept++;
    let along = 0;
    for (let i = 0; i < n; i++) along += vectors[i * n + j] * g[i];
    for (let i = 0; i < n; i++) w[i] += (along / values[j]) * vectors[i * n + j];
  }
  return { w, singular: kept < n };
}

/** Σ Hₖ and Σ gₖ, added in the order of the clients. */
export function sumOfMoments(moments: readonly WlsMoments[]): WlsMoments {
  const [{ length }] = moments;
  const [H, g] = [new Float64Array(length * length), new Float64Array(length)];
  for (const of of moments) {
    for (let i = 0; i < H.length; i++) H[i] += of.H[i];
    for (let i = 0; i < length; i++) g[i] += of.g[i];
  }
  return { length, H, g };
}

/** Moments of all clients, which must have equally many features. @throws EMPTY, and as {@link wlsMoments}. */
export function momentsOfClients(clients: readonly WlsClient[]): WlsMoments[] {
  const length = clients.find(({ X }) => X.length > 0)?.X[0].length;
  if (length === undefined || length === 0) fail('EMPTY', 'No client has a row with a feature.');
  return clients.map((client, k) => {
    if (client.X.length > 0 && client.X[0].length !== length)
      fail('INVALID_SHAPE', `Client ${k} has ${client.X[0].length} features where others have ${length}.`);
    return wlsMoments(client, length);
  });
}

/**
 * The minimiser of Σₖ ‖yₖ − Xₖw‖² in the norms of the weights over the rows of all clients together, for comparison: a federated fit never
 * forms it. `singular` tells that the rows do not determine it; it then has minimum norm. O(Σ D L² + L³).
 *
 * @example wlsReference([{ X: [[1]], y: [1] }, { X: [[1]], y: [3] }]).w // 2
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function wlsReference(clients: readonly WlsClient[]): WlsSolution {
  return localSolution(sumOfMoments(momentsOfClients(clients)));
}

/**
 * How fast noise moves the robust form away from the solution w*: the slope in n of E‖wₙ − w*‖², ρ²C(σ_d² + σ_u²) tr((ΣHₖ)⁻²). The
 * noise of each round adds ρ(Σ η + Σ ε) to the sum Σ Hₖwₖ + ρC(wₙ − wₙ₋₁), which is constant without noise, so there is no steady
 * state. O(Σ D L² + L³).
 *
 * @param rho penalty ρ above 0; `perRound` clients C of a round; variances of the noise on the links, finite.
 * @throws SINGULAR if ΣHₖ is; EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function predictedDrift(clients: readonly WlsClient[], rho: number, perRound: number, noise: LinkNoise): number {
  const { up, down } = checkNoise(noise);
  if (!(rho > 0 && Number.isFinite(rho))) fail('INVALID_PARAMETER', `rho must be above 0 and finite, but is ${rho}.`);
  if (!(Number.isInteger(perRound) && perRound >= 1 && perRound <= clients.length))
    fail('INVALID_PARAMETER', `perRound must be a whole number from 1 to ${clients.length}, but is ${perRound}.`);
  const { H, length } = sumOfMoments(momentsOfClients(clients));
  const { values } = symmetricEigen(H, length);
  const largest = values.reduce((most, v) => Math.max(most, v), 0);
  let trace = 0;
  for (const value of values) {
    if (!(value > RANK * length * largest))
      fail(
        'SINGULAR',
        'The rows of all clients do not determine the solution, so that the drift is unbounded. Leave out features that depend on others.',
      );
    trace += 1 / (value * value);
  }
  return rho * rho * perRound * (up + down) * trace;
}
