import { Random } from '@southwell/numerics/core';
import {
  type FederatedWls,
  type FederatedWlsOptions,
  federatedWls,
  localSolution,
  type WlsClient,
  type WlsForm,
  wlsMoments,
  wlsReference,
} from 'southwell/distributed-methods';

/** Clients with rows of one model, the vector behind their targets, and the solution of all rows. */
export interface Network {
  readonly clients: readonly WlsClient[];
  readonly truth: Float64Array;
  readonly best: Float64Array;
}

export type Fit = (clients: readonly WlsClient[], options: Omit<FederatedWlsOptions, 'method'>) => FederatedWls;

const formOf =
  (method: WlsForm): Fit =>
  (clients, options) =>
    federatedWls(clients, { ...options, method });

/** The form of the paper: the method under test. */
export const robustFit: Fit = formOf('robust');
/** The form with duals where it is under test, with all clients in all rounds. */
export const dualFit: Fit = formOf('dual');
/** What the forms are compared with. */
export const rivals = {
  dual: formOf('dual'),
  'two-global': formOf('two-global'),
  simple: formOf('robust-simple'),
} as const satisfies Readonly<Record<string, Fit>>;

export const names = {
  robust: 'robust, one vector 2wₙ − wₙ₋₁',
  dual: 'with duals',
  'two-global': 'two received vectors',
  simple: 'simpler, one vector wₙ',
  average: 'mean of the fits of all clients',
} as const;

interface Shape {
  readonly clients: number;
  readonly features: number;
  readonly least: number;
  readonly most: number;
}

/** Clients of the study: normal features, variances of the noise between ½ and 1½, whose inverses are weights. */
export function networkOf({ clients: K, features: L, least, most }: Shape, random: Random): Network {
  const truth = Float64Array.from({ length: L }, () => random.normal());
  const clients = Array.from({ length: K }, (): WlsClient => {
    const rows = least + random.integer(most - least + 1);
    const variance = 0.5 + random.uniform();
    const X = Array.from({ length: rows }, () => Float64Array.from({ length: L }, () => random.normal()));
    const y = X.map((x) => x.reduce((sum, v, j) => sum + v * truth[j], Math.sqrt(variance) * random.normal()));
    return { X, y, weights: y.map(() => 1 / variance) };
  });
  return { clients, truth, best: wlsReference(clients).w };
}

/** Independent draws of a run by number. */
export const drawsOf = (seed: number, number: number): Random => new Random(seed).split(49).split(number);

/** Seeds of schedules and noise by number, apart from each other in all runs. */
export const scheduleSeed = (seed: number, number: number): number => seed * 1000 + number;

/** The mean of the fits that the clients make of their own rows: one round. */
export function meanOfFits(clients: readonly WlsClient[]): Float64Array {
  const [{ X }] = clients;
  const mean = new Float64Array(X[0].length);
  for (const client of clients)
    for (const [j, v] of localSolution(wlsMoments(client)).w.entries()) mean[j] += v / clients.length;
  return mean;
}

/** ‖w − reference‖² / ‖reference‖², infinite for a run that diverged. */
export function errorOf(w: Float64Array, reference: Float64Array): number {
  const [off, size] = [0, 0].map((_, which) =>
    reference.reduce((sum, v, j) => sum + (which === 0 ? (w[j] - v) ** 2 : v ** 2), 0),
  );
  return Number.isFinite(off) ? off / size : Number.POSITIVE_INFINITY;
}

/** A rival's error over that of the method; 0 where the method diverged, whatever the rival does. */
export const times = (rival: number, own: number): number => (Number.isFinite(own) ? rival / own : 0);
/** How far the error of a method is under that of a rival, in decibels; −∞ where the method diverged. */
export const decibels = (rival: number, own: number): number => 10 * Math.log10(times(rival, own));

export const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v / values.length, 0);

/** An empty list for each name. */
export const listsOf = <Id extends string>(ids: readonly Id[]): Record<Id, number[]> =>
  Object.fromEntries(ids.map((id): [Id, number[]] => [id, []])) as Record<Id, number[]>;

/** Points of a curve. */
const SHOWN = 100;

/** Rounds and errors of a history, some of them evenly. */
export function curveOf(errors: readonly number[]): { readonly x: number[]; readonly y: number[] } {
  const step = Math.max(1, Math.ceil(errors.length / SHOWN));
  const rounds = errors
    .map((_, round) => round)
    .filter((round) => round % step === 0 && Number.isFinite(errors[round]));
  return { x: rounds, y: rounds.map((round) => errors[round]) };
}

/** The errors of all rounds of a fit with a reference. */
export const errorsOf = ({ history }: FederatedWls): number[] => history.map(({ nmse = Number.NaN }) => nmse);

/** The mean of the last fifth of a list over that of the middle fifth. */
export function growthOf(errors: readonly number[]): number {
  const fifth = Math.floor(errors.length / 5);
  return mean(errors.slice(-fifth)) / mean(errors.slice(2 * fifth, 3 * fifth));
}
