import { readNpyMatrix } from '@southwell/data';
import type { ExperimentContext } from '../experiment.ts';
import { filesOf, type Part } from '../parts.ts';

interface Series {
  readonly name: string;
  /** The beginning of the names of its files, and their end. */
  readonly begins: string;
  readonly ends: string;
  /** As the names have them, in thousandths. The first is 0. */
  readonly loads: readonly string[];
  readonly rounds: number;
}

const QUARTERS = ['0_000', '0_250', '0_500', '0_750', '1_000'] as const;
const cnn = (profile: string, batch: number, rounds: number, region: string): Series => ({
  name: `${profile.replaceAll('_', ' ').trim()}, ${region}, ${rounds} rounds`,
  begins: `sam-gc-cnn_profile_est${profile}__w256-n${rounds}-l`,
  ends: `-b${batch}-cno_forloop-${region}.npy`,
  loads: QUARTERS,
  rounds,
});
const resnet = (profile: string, rounds: number, loads: readonly string[]): Series => ({
  name: `ResNet-18 ${profile}, Canada, ${rounds} rounds`,
  begins: `sam-gc-resnet18_profile_est_${profile}__w256-n${rounds}-l`,
  ends: '-b256-cno_forloop-Canada.npy',
  loads,
  rounds,
});

/** The series of delays at load 0, with those of the same network, profile and region at other loads. */
const all: readonly Series[] = [
  ...['Canada', 'London', 'Sydney', 'Tokyo'].map((region) => cnn('-mbp', 256, 10, region)),
  cnn('-mbp2', 256, 20, 'Sydney'),
  cnn('_desktop', 2048, 20, 'Canada'),
  cnn('_desktop_long', 2048, 30, 'Canada'),
  resnet('desktop', 25, ['0_000', '0_020', ...QUARTERS.slice(1)]),
  resnet('mbp', 20, QUARTERS),
].map((one) => ({ ...one, name: one.name.replace(/^-?/, one.name.startsWith('ResNet') ? '' : 'CNN ') }));

const fileOf = ({ begins, ends }: Series, load: string): string => `${begins}${load}${ends}`;
const loadOf = (text: string): number => Number(text.replace('_', '.'));

/** Delays of 256 cloud functions; their repository states no licence, so that they are not shipped. */
export const cloudDelays: Part = {
  id: 'cloud_delays',
  title: 'delays of 256 cloud functions as NumPy files of workers × rounds',
  files: all.flatMap((one) => one.loads.map((load) => fileOf(one, load))),
  from: 'the pickles in delay_profiles of https://github.com/mamaj/Sequential-Gradient-Coding-2',
};

export interface Measured {
  readonly name: string;
  readonly n: number;
  readonly rounds: number;
  /** Seconds at load 0, workers by rows. */
  readonly delays: Float64Array;
  /** Seconds for the whole data set: the slope of all delays over their loads by least squares; 0 if it is negative. */
  readonly slope: number;
  /** Share of delays that are over twice the shortest of their round. */
  readonly slow: number;
}

/** Least squares. */
function slopeOf(points: ReadonlyArray<readonly [load: number, delays: Float64Array]>): number {
  const count = points.reduce((sum, [, delays]) => sum + delays.length, 0);
  const of = (value: (load: number, delay: number) => number) =>
    points.reduce((sum, [load, delays]) => sum + delays.reduce((s, v) => s + value(load, v), 0), 0) / count;
  const [x, y] = [of((load) => load), of((_, v) => v)];
  return Math.max(0, of((load, v) => (load - x) * (v - y)) / of((load) => (load - x) ** 2));
}

/** All series at load 0 with their slopes. */
export async function measuredDelays(context: ExperimentContext): Promise<Measured[]> {
  const files = await filesOf(cloudDelays, context);
  const read = async (one: Series, load: string): Promise<Float64Array> => {
    const matrix = await readNpyMatrix(new Blob([files.get(fileOf(one, load))! as Uint8Array<ArrayBuffer>]));
    try {
      const { rows, cols } = matrix;
      return Float64Array.from({ length: rows * cols }, (_, k) => matrix.get(Math.floor(k / cols), k % cols));
    } finally {
      matrix.free();
    }
  };
  return Promise.all(
    all.map(async (one) => {
      const points = await Promise.all(one.loads.map(async (load) => [loadOf(load), await read(one, load)] as const));
      const [, delays] = points[0];
      const { rounds } = one;
      const n = delays.length / rounds;
      const least = Array.from({ length: rounds }, (_, r) =>
        Math.min(...Array.from({ length: n }, (__, i) => delays[i * rounds + r])),
      );
      const slow = delays.filter((v, k) => v > 2 * least[k % rounds]).length / delays.length;
      return { name: one.name, n, rounds, delays, slope: slopeOf(points), slow };
    }),
  );
}

/** Some of the rounds, again and again until there are so many. */
export function someRounds({ delays, n, rounds }: Measured, from: number, to: number, length = to - from) {
  return Float64Array.from(
    { length: n * length },
    (_, k) => delays[Math.floor(k / length) * rounds + from + ((k % length) % (to - from))],
  );
}
