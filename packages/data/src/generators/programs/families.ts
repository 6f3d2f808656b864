import type { Model } from '@southwell/numerics/expressions';
import { ellipticControl, parabolicControl } from './control.ts';
import { catalystMixing, goddardRocket, hangingChain, journalBearing, robotArm } from './cops.ts';
import { luksanVlcek1, luksanVlcek2, luksanVlcek3, luksanVlcek4 } from './luksanVlcek.ts';

/** Nonlinear programs of one kind at sizes of about 10³, 10⁴ and 10⁵ variables. */
export interface ProgramFamily {
  readonly name: string;
  /** Arguments of `make`: intervals, points along an axis, or variables. */
  readonly sizes: readonly [small: number, medium: number, large: number];
  make(size: number): Model;
  /** The optimal objective as the discretisation is refined, as COPS states it, of the bearing CUTEst (JNLBRNG1). */
  readonly limit?: number;
}

export const programFamilies: readonly ProgramFamily[] = [
  { name: 'chain', sizes: [480, 5000, 50_000], make: hangingChain, limit: 5.0685 },
  { name: 'rocket', sizes: [250, 2500, 25_000], make: goddardRocket, limit: 1.01283 },
  { name: 'arm', sizes: [110, 1100, 11_000], make: robotArm, limit: 9.1409 },
  { name: 'catalyst', sizes: [333, 3333, 33_333], make: catalystMixing, limit: -0.04806 },
  { name: 'bearing', sizes: [32, 100, 316], make: journalBearing, limit: -0.1806 },
  { name: 'elliptic', sizes: [22, 70, 223], make: ellipticControl },
  { name: 'parabolic', sizes: [31, 100, 316], make: parabolicControl },
  { name: 'luksanVlcek1', sizes: [1000, 10_000, 100_000], make: luksanVlcek1 },
  { name: 'luksanVlcek2', sizes: [1000, 10_000, 100_000], make: luksanVlcek2 },
  { name: 'luksanVlcek3', sizes: [1000, 10_000, 100_000], make: luksanVlcek3 },
  { name: 'luksanVlcek4', sizes: [1000, 10_000, 100_000], make: luksanVlcek4 },
];
