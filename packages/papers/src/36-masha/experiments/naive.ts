import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { type Course, follow, gamesOf, libraryRun, settingsOf, thinned } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'error by numbers sent';
const rivals = [
  { id: 'ceg-random', name: 'compressed extragradient, random entries', method: 'ceg', entries: 'random' },
  { id: 'ceg-largest', name: 'compressed extragradient, largest entries', method: 'ceg', entries: 'largest' },
  { id: 'csgda-random', name: 'compressed descent and ascent, random entries', method: 'csgda', entries: 'random' },
  { id: 'csgda-largest', name: 'compressed descent and ascent, largest entries', method: 'csgda', entries: 'largest' },
] as const;

const leastOf = ({ errors }: Course): number => errors.reduce((a, b) => Math.min(a, b));

/** Naive compression at every step size of a grid, beside MASHA1 at its bound. */
export default experiment(record, {
  id: 'naive',
  title: 'Naive compression',
  panels: [
    {
      title: PANEL,
      x: { label: 'numbers sent up by each device' },
      y: { label: 'squared error, relative to that of zero', log: true },
      series: [{ id: 'masha1', name: 'MASHA1' }, ...rivals.map(({ id, name }) => ({ id, name }))],
      control: 'ceg-random',
    },
  ],
  claims: ['naive-stalls'],
  method: libraryRun,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims['naive-stalls'].sizes[size];
    const { q, lambda, devices, steps } = sizes;
    const pause = pauses(context);
    const games = gamesOf(devices, sizes, new Random(seed).split(0));
    const table: Cell[][] = [];
    const tried = async (of: 'masha1' | 'ceg' | 'csgda', multiple: number, entries?: 'random' | 'largest') => {
      const { settings, k } = settingsOf(of, games, {
        ...{ q, lambda, multiple, seed: 1 },
        ...(entries && { entries }),
      });
      return follow(method, games, settings, { tol: 0, steps, k }, pause);
    };
    const best = async (
      multiples: readonly number[],
      of: 'masha1' | 'ceg' | 'csgda',
      entries?: 'random' | 'largest',
    ) => {
      const courses: Course[] = [];
      for (const multiple of multiples) courses.push(await tried(of, multiple, entries));
      return courses.reduce((a, b) => (leastOf(b) < leastOf(a) ? b : a));
    };
    yield { kind: 'progress', label: 'MASHA1', fraction: 0 };
    const ours = await best(locked.grids.masha1.multiple, 'masha1');
    yield { kind: 'points', panel: PANEL, series: 'masha1', ...thinned(ours) };
    table.push(['MASHA1', leastOf(ours)]);
    const least = { random: Number.POSITIVE_INFINITY, largest: Number.POSITIVE_INFINITY };
    for (const [at, { id, name, method: of, entries }] of rivals.entries()) {
      yield { kind: 'progress', label: name, fraction: (1 + at) / (1 + rivals.length) };
      const course = await best(locked.grids.naive.multiple, of, entries);
      least[entries] = Math.min(least[entries], leastOf(course));
      yield { kind: 'points', panel: PANEL, series: id, ...thinned(course) };
      table.push([name, leastOf(course)]);
    }
    // An error of exactly 0 is none that a ratio can be formed of.
    const own = Math.max(leastOf(ours), Number.MIN_VALUE);
    yield decide('naive-stalls', {
      random: least.random / own,
      largest: least.largest / own,
      least: Math.min(least.random, least.largest),
    });
    yield {
      kind: 'table',
      title: `Least squared error in ${steps} steps, at the best step size`,
      columns: ['method', 'least squared error'],
      rows: table,
    };
  },
});
