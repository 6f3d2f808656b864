import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { median } from '../../median.ts';
import { pauses } from '../../pauses.ts';
import { bestOf } from '../games.ts';
import { type Course, follow, gamesOf, libraryRun, sentBy, settingsOf, thinned } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { sampledOf, VARIANTS, type Variant, variantOf } from '../variants.ts';

const PANEL = 'error by numbers sent both ways';
type Name = Variant | 'eg';
const names: Readonly<Record<Name, string>> = { ...VARIANTS, eg: 'extragradient' };
const methods = Object.keys(names) as Name[];
const variants = Object.keys(VARIANTS) as Variant[];

/** Batches, partial participation, and messages that are compressed both ways, on bilinear games. */
export default experiment(record, {
  id: 'variants',
  title: 'Samples, some devices, both ways',
  panels: [
    {
      title: PANEL,
      x: { label: 'numbers sent up and down by a device, on average' },
      y: { label: 'squared error, relative to that of zero', log: true },
      series: methods.map((id) => ({ id, name: names[id] })),
      control: 'eg',
    },
  ],
  claims: ['variants', 'both-ways'],
  method: libraryRun,
  async *run(context, decide, method) {
    const sizes = locked.claims.variants.sizes[context.size];
    const { devices, participation, lambda, instances, tuning } = sizes;
    const D = 2 * sizes.d;
    const pause = pauses(context);
    const random = new Random(context.seed).split(38);
    const games = Array.from({ length: tuning + instances }, (_, i) => {
      const game = gamesOf(devices, sizes, random.split(i).split(0));
      return { game, sampled: sampledOf(game, sizes, random.split(i).split(1)) };
    });
    const tried = (name: Name, i: number, multiple: number): Promise<Course> => {
      const { game, sampled } = games[i];
      const limits = { tol: sizes.tol, steps: sizes.steps };
      if (name === 'eg') {
        const { settings, k } = settingsOf('eg', game, { q: 1, lambda, multiple, seed: i });
        // Iterates have the point before the step.
        return follow(method, game, settings, { ...limits, k, sent: (t) => 4 * D * Math.max(0, t - 1) }, pause);
      }
      const { settings, k } = variantOf(name, game, sizes, multiple, i);
      const up = settings.participation ? (k * participation) / devices : k;
      const down = settings.downlink ? k : D;
      const sent = (t: number, refreshes: number) => t * (up + down) + refreshes * 2 * D;
      const operators = settings.batch ? sampled : game.operators;
      return follow(method, { ...game, operators }, settings, { ...limits, k, sent }, pause);
    };
    const found = {} as Record<Name, Course[]>;
    const chosen = {} as Record<Name, number>;
    for (const [at, name] of methods.entries()) {
      const multiples = locked.grids[name === 'eg' ? 'eg' : 'variants'].multiple;
      const numbers: number[][] = [];
      for (const [m, multiple] of multiples.entries()) {
        const fraction = (at + m / (multiples.length + 1)) / methods.length;
        yield { kind: 'progress', label: `${names[name]}: choosing the step`, fraction };
        const own: number[] = [];
        for (let i = 0; i < tuning; i++) own.push(sentBy(await tried(name, i, multiple)));
        numbers.push(own);
      }
      chosen[name] = multiples[bestOf(numbers)];
      yield { kind: 'progress', label: names[name], fraction: (at + 0.9) / methods.length };
      found[name] = [];
      for (let i = 0; i < instances; i++) found[name].push(await tried(name, tuning + i, chosen[name]));
      yield { kind: 'points', panel: PANEL, series: name, ...thinned(found[name][0]) };
    }
    const last = (name: Name) => Math.max(...found[name].map(({ errors }) => errors.at(-1)!));
    // Without a solution by extragradient there is nothing to compare with.
    const ratios = (name: Name) =>
      found[name].map((course, i) => {
        const plain = sentBy(found.eg[i]);
        return Number.isFinite(plain) ? sentBy(course) / plain : Number.POSITIVE_INFINITY;
      });
    yield decide('variants', { error: variants.map((name) => ({ label: names[name], value: last(name) })) });
    yield decide('both-ways', { random: median(ratios('downlink')), largest: median(ratios('largest')) });
    const rows: Cell[][] = methods.map((name) => [
      ...[names[name], chosen[name], last(name)],
      ...[median(found[name].map(sentBy)), median(ratios(name))],
    ]);
    yield {
      kind: 'table',
      title: `Numbers sent up and down by a device to a squared error of ${sizes.tol}, medians of ${instances} games`,
      columns: ['method', 'multiple of the step', 'largest last error', 'numbers', 'over extragradient'],
      rows,
    };
  },
});
