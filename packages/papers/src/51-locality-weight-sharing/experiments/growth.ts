import { Random } from '@southwell/numerics/core';
import { fitPowerLaw } from 'southwell/training';
import { experiment } from '../../define.ts';
import { type ExperimentEvent, type Parameter, parameterValue } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { itself, NETS, nameOf, neededOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes } = locked.claims.growth;

const sigmaOf: Parameter = {
  name: 'sigma',
  title: 'σ of the noise',
  default: { quick: sizes.quick.sigma, full: sizes.full.sigma },
  min: 0,
  max: 1,
};
const thresholdOf: Parameter = {
  name: 'threshold',
  title: 'threshold b of the units',
  default: { quick: sizes.quick.threshold, full: sizes.full.threshold },
  min: 0,
  max: 1,
};

/** Numbers of patches for which curves are drawn. */
const SHOWN = {
  quick: { cnn: [1, 2, 4, 8, 16], lcn: [1, 2, 4, 8], fcn: [1, 2, 4] },
  full: { cnn: [1, 2, 4, 8, 16, 32], lcn: [1, 2, 4, 8, 16], fcn: [1, 2, 4, 6] },
};

type PointsEvent = Extract<ExperimentEvent, { kind: 'points' }>;

/** The slope for one draw, NaN if a network never reached the target. */
const slope = (at: readonly number[], of: readonly number[]): number =>
  of.every(Number.isFinite) ? fitPowerLaw(at, of).exponent : Number.NaN;

/** The number of examples that networks need, as a function of the number of patches and of their size. */
export default experiment(record, {
  id: 'growth',
  title: 'How samples grow with patches',
  panels: [
    {
      title: 'Samples needed by the number of patches',
      x: { label: 'patches k', log: true },
      y: { label: 'samples to a sign error of 0.05', log: true },
      series: [...NETS.map(nameOf), ...NETS.map((arch) => `${nameOf(arch)}, fitted`)],
      control: nameOf('fcn'),
    },
    {
      title: 'Samples needed by the size d of 8 patches',
      x: { label: 'size d of a patch', log: true },
      y: { label: 'samples to a sign error of 0.05', log: true },
      series: NETS.map(nameOf),
    },
  ],
  parameters: [sigmaOf, thresholdOf],
  claims: ['growth'],
  method: itself,
  async *run(context, decide, stands) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const [sigma, threshold] = [parameterValue(sigmaOf, context), parameterValue(thresholdOf, context)];
    const { patches, dim, dims } = sizes[context.size];
    // Draws of results beyond those of the claim.
    const repeats = sizes[context.size].shown;
    const random = new Random(context.seed);
    const seedOf = (r: number): number => random.split(r).integer(2 ** 31);
    /** The results by network and setting; each draw is computed once. */
    const needed = new Map<string, number[]>();
    const name = (arch: string, k: number, d: number): string => `${arch}, ${k} × ${d}`;
    const all = (arch: string, k: number, d: number): number[] => needed.get(name(arch, k, d)) ?? [];
    const ask = async (arch: (typeof NETS)[number], k: number, d: number, draw: number): Promise<void> => {
      const list = all(arch, k, d);
      if (list.length > draw) return;
      list.push(await neededOf(stands[arch], { k, d, sigma, threshold }, seedOf(draw), pause));
      needed.set(name(arch, k, d), list);
    };
    const inPatches = (arch: string, r: number) =>
      slope(
        patches,
        patches.map((k) => all(arch, k, dim)[r]),
      );
    let draws = 0;
    const each = (value: (r: number) => number) => ({ draws: Array.from({ length: draws }, (_, r) => value(r)) });
    const values = () => ({
      patches: each((r) => inPatches('lcn', r)),
      apart: each((r) => inPatches('lcn', r) - inPatches('cnn', r)),
      ...(dims.length > 0 && {
        size: each((r) =>
          slope(
            dims,
            dims.map((d) => all('lcn', 8, d)[r]),
          ),
        ),
      }),
    });
    /** The medians of the draws so far. */
    const curve = (arch: (typeof NETS)[number], of: readonly number[]): PointsEvent =>
      curveOf(
        nameOf(arch),
        of.map((k) => [k, median(all(arch, k, dim))]),
      );
    for (; !decide.enough('growth', draws, values); draws++) {
      for (const arch of ['cnn', 'lcn'] as const) {
        for (const k of patches) {
          const label = `draw ${draws + 1}, ${nameOf(arch)}, k = ${k}`;
          yield { kind: 'progress', label, fraction: draws / (full ? 20 : 8) };
          await ask(arch, k, dim, draws);
          yield curve(arch, patches);
        }
      }
      for (const d of dims) await ask('lcn', 8, d, draws);
    }
    yield decide('growth', values());
    const laws: Array<Array<string | number>> = [];
    const fits: ExperimentEvent[] = [];
    const shown = SHOWN[context.size];
    for (const arch of NETS) {
      yield { kind: 'progress', label: `curves, ${nameOf(arch)}`, fraction: 0.8 };
      for (const k of shown[arch]) {
        for (let r = 0; r < repeats; r++) await ask(arch, k, dim, r);
        yield curve(arch, shown[arch]);
      }
      const { panel, x, y } = curve(arch, shown[arch]);
      const from = x.map((k, i) => [k, y[i]]).filter(([k]) => k >= 2);
      if (from.length < 2) continue;
      const law = fitPowerLaw(
        from.map(([k]) => k),
        from.map(([, n]) => n),
      );
      const ends = [from[0][0], from[from.length - 1][0]];
      fits.push({ kind: 'points', panel, series: `${nameOf(arch)}, fitted`, x: ends, y: ends.map(law.at) });
      laws.push([nameOf(arch), 'k', law.exponent, ...law.ci]);
    }
    yield* fits;
    for (const arch of dims.length > 0 ? (['cnn', 'lcn'] as const) : []) {
      yield { kind: 'progress', label: `sizes, ${nameOf(arch)}`, fraction: 0.95 };
      for (const d of dims) for (let r = 0; r < repeats; r++) await ask(arch, 8, d, r);
      const y = dims.map((d) => median(all(arch, 8, d)));
      if (!y.every(Number.isFinite)) continue;
      const panel = 'Samples needed by the size d of 8 patches';
      yield { kind: 'points', panel, series: nameOf(arch), x: dims, y };
      const law = fitPowerLaw(dims, y);
      laws.push([nameOf(arch), 'd', law.exponent, ...law.ci]);
    }
    yield {
      kind: 'table',
      title: 'Power laws of medians from k = 2 on, with intervals of 95 %',
      columns: ['net', 'in', 'exponent', 'from', 'to'],
      rows: laws,
    };
    yield {
      kind: 'table',
      title: 'Samples to a sign error of 0.05, by draws',
      columns: ['net, k × d', 'median', 'draws'],
      rows: [...needed].map(([label, list]) => [label, median(list), list.join(', ')]),
    };
  },
});

/** The curve through the points that are known. */
function curveOf(series: string, points: ReadonlyArray<readonly [k: number, needed: number]>): PointsEvent {
  const known = points.filter(([, needed]) => Number.isFinite(needed));
  const [x, y] = [known.map(([k]) => k), known.map(([, needed]) => needed)];
  return { kind: 'points', panel: 'Samples needed by the number of patches', series, restart: true, x, y };
}

const median = (values: readonly number[]): number => {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : sorted[half - 1] / 2 + sorted[half] / 2;
};
