import { Random } from '@southwell/numerics/core';
import { randK, type VariationalSettings } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { median } from '../../median.ts';
import { pauses } from '../../pauses.ts';
import { bestOf, followGap, type GapCourse, matrixGamesOf } from '../games.ts';
import { libraryRun } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'gap by numbers sent';
const names = { masha1: 'MASHA1, random entries', eg: 'extragradient' } as const;
type Name = keyof typeof names;
const methods = Object.keys(names) as Name[];
/** Points of a curve, besides the last. */
const POINTS = 500;

const sentBy = ({ floats, solved }: GapCourse): number => (solved ? floats.at(-1)! : Number.POSITIVE_INFINITY);

function thinned({ gaps, floats }: GapCourse): { readonly x: number[]; readonly y: number[] } {
  const every = Math.max(1, Math.ceil(gaps.length / POINTS));
  const kept = gaps.map((_, i) => i).filter((i) => i % every === 0 || i === gaps.length - 1);
  return { x: kept.map((i) => floats[i]), y: kept.map((i) => gaps[i]) };
}

/** Numbers sent to a duality gap of matrix games over devices; step sizes are chosen on games that do not count. */
export default experiment(record, {
  id: 'simplices',
  title: 'Matrix games',
  panels: [
    {
      title: PANEL,
      x: { label: 'numbers sent up by each device' },
      y: { label: 'duality gap', log: true },
      series: methods.map((id) => ({ id, name: names[id] })),
      control: 'eg',
    },
  ],
  claims: ['matrix-games'],
  method: libraryRun,
  async *run(context, decide, method) {
    const sizes = locked.claims['matrix-games'].sizes[context.size];
    const { d, q, instances, tuning } = sizes;
    const pause = pauses(context);
    const random = new Random(context.seed).split(36);
    const k = Math.round((2 * d) / q);
    const settingsOf = {
      masha1: { method: 'masha1', uplink: randK(k, { values: 'f64' }) },
      eg: { method: 'eg' },
    } as const satisfies Record<Name, VariationalSettings>;
    const sent = {
      masha1: (steps: number, refreshes: number) => steps * k + refreshes * 2 * d,
      // Its iterates have the point before the step.
      eg: (steps: number) => Math.max(0, steps - 1) * 4 * d,
    } as const;
    const tried = (name: Name, game: number, multiple: number) => {
      const settings = { ...settingsOf[name], gamma: multiple / (2 * Math.sqrt(d)), seed: game };
      return followGap(method, matrixGamesOf(sizes, random.split(game)), settings, sizes, sent[name], pause);
    };
    const multiples = locked.grids.simplices.multiple;
    const total = methods.length * tuning * multiples.length + methods.length * instances;
    let done = 0;
    const chosen: Record<Name, number> = { masha1: multiples[0], eg: multiples[0] };
    for (const name of methods) {
      const numbers: number[][] = [];
      for (const multiple of multiples) {
        yield { kind: 'progress', label: `${names[name]}: choosing the step`, fraction: done / total };
        const own: number[] = [];
        for (let game = 0; game < tuning; game++) own.push(sentBy(await tried(name, game, multiple)));
        numbers.push(own);
        done += tuning;
      }
      chosen[name] = multiples[bestOf(numbers)];
    }
    const found: Record<Name, GapCourse[]> = { masha1: [], eg: [] };
    for (let instance = 0; instance < instances; instance++) {
      for (const name of methods) {
        yield { kind: 'progress', label: `${names[name]}: game ${instance + 1}`, fraction: done / total };
        found[name].push(await tried(name, tuning + instance, chosen[name]));
        done++;
        if (instance === 0) yield { kind: 'points', panel: PANEL, series: name, ...thinned(found[name][0]) };
      }
    }
    // Without a solution by extragradient there is nothing to compare with.
    const ratios = found.masha1.map((course, i) => {
      const plain = sentBy(found.eg[i]);
      return Number.isFinite(plain) ? sentBy(course) / plain : Number.POSITIVE_INFINITY;
    });
    yield decide('matrix-games', {
      floats: median(ratios),
      gap: Math.max(...found.masha1.map(({ gaps }) => gaps.at(-1)!)),
    });
    const rows: Cell[][] = methods.flatMap((name) =>
      found[name].map((course, i) => [
        ...[i + 1, names[name], chosen[name]],
        ...[sentBy(course), course.gaps.at(-1)!, name === 'eg' ? 1 : ratios[i]],
      ]),
    );
    yield {
      kind: 'table',
      title: `Numbers sent up by each device to a duality gap of ${sizes.gap}`,
      columns: ['game', 'method', 'multiple of the step', 'numbers', 'last gap', 'over extragradient'],
      rows,
    };
  },
});
