import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import type { Cell } from '../../experiment.ts';
import { pauses } from '../../pauses.ts';
import { type Course, follow, gamesOf, libraryRun, sentBy, settingsOf, thinned } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'error by numbers sent';
const names = {
  masha1: 'MASHA1, random entries',
  masha2: 'MASHA2, largest entries',
  eg: 'extragradient',
} as const;
type Name = keyof typeof names;
const methods = Object.keys(names) as Name[];

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];

/** Numbers sent to a precise solution of distributed bilinear games; step sizes are chosen on an instance that does not count. */
export default experiment(record, {
  id: 'bilinear',
  title: 'Bilinear games',
  panels: [
    {
      title: PANEL,
      x: { label: 'numbers sent up by each device' },
      y: { label: 'squared error, relative to that of zero', log: true },
      series: methods.map((id) => ({ id, name: names[id] })),
      control: 'eg',
    },
  ],
  claims: ['saves-floats', 'top-k'],
  method: libraryRun,
  async *run(context, decide, method) {
    const { size, seed } = context;
    const sizes = locked.claims['saves-floats'].sizes[size];
    const pause = pauses(context);
    const random = new Random(seed);
    const table: Cell[][] = [];
    const ratios: { readonly masha1: number; readonly masha2: number }[] = [];
    const total = sizes.devices.length * (sizes.instances + 1);
    for (const [at, devices] of sizes.devices.entries()) {
      const q = sizes.q[at];
      // Instance 0 chooses the steps.
      const chosen: Partial<Record<Name, number>> = {};
      const sent: Record<Name, number[]> = { masha1: [], masha2: [], eg: [] };
      for (let instance = 0; instance <= sizes.instances; instance++) {
        const games = gamesOf(devices, sizes, random.split(at).split(instance));
        yield {
          kind: 'progress',
          label: instance === 0 ? `${devices} devices: choosing steps` : `${devices} devices: instance ${instance}`,
          fraction: (at * (sizes.instances + 1) + instance) / total,
        };
        for (const name of methods) {
          const tried = async (multiple: number): Promise<Course> => {
            const { settings, k } = settingsOf(name, games, {
              ...{ q, multiple, seed: instance },
              lambda: sizes.lambda,
            });
            return follow(method, games, settings, { ...sizes, k }, pause);
          };
          if (instance === 0) {
            let least = Number.POSITIVE_INFINITY;
            for (const multiple of locked.grids[name].multiple) {
              const floats = sentBy(await tried(multiple));
              if (floats < least) [least, chosen[name]] = [floats, multiple];
            }
            continue;
          }
          // A method that no step size of the grid brings there is not asked again, but drawn.
          if (chosen[name] === undefined && instance > 1) {
            sent[name].push(Number.POSITIVE_INFINITY);
            continue;
          }
          const course = await tried(chosen[name] ?? locked.grids[name].multiple[0]);
          sent[name].push(sentBy(course));
          if (instance === 1 && at === 0) yield { kind: 'points', panel: PANEL, series: name, ...thinned(course) };
        }
      }
      for (const name of methods)
        table.push([
          devices,
          q,
          names[name],
          chosen[name] ?? null,
          median(sent[name]),
          median(sent[name].map((v, i) => v / sent.eg[i])),
        ]);
      const ratio = (name: Name) => median(sent[name].map((v, i) => v / sent.eg[i]));
      ratios.push({ masha1: ratio('masha1'), masha2: ratio('masha2') });
    }
    const [first, second] = ratios;
    yield decide(
      'saves-floats',
      size === 'quick' ? { ten: first.masha1 } : { twenty: first.masha1, fifty: second.masha1 },
    );
    yield decide('top-k', { top: first.masha2 });
    yield {
      kind: 'table',
      title: `Numbers sent up by each device to a squared error of ${sizes.tol}`,
      columns: ['devices', 'q', 'method', 'multiple of the step', 'numbers', 'over extragradient'],
      rows: table,
    };
  },
});
