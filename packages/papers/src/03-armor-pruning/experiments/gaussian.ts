import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { type Emit, streamed } from '../../streamed.ts';
import { type Fitted, fitted, gaussian, networkSeeds } from '../lab.ts';
import { locked } from '../locked.ts';
import { factorsPicture } from '../picture.ts';
import { record } from '../record.ts';

const LOSS = 'Loss by steps';
const NOWAG = 'NoWag-P';
const nameOf = (blockSize: number): string => `blocks of ${blockSize}`;
/** The block size with which parts of the method are left out. */
const SIZE = 32;
const parts = {
  'core alone': { wrappers: false },
  'no discrete steps': { discrete: false },
  'groups drawn uniformly': { select: 'uniform' },
} as const;
const partName = (part: string): string => `${nameOf(SIZE)}, ${part}`;

/** ARMOR on matrices of Gaussian weights, and without one or the other of its parts. */
export default experiment(record, {
  id: 'gaussian',
  title: 'Gaussian weights',
  panels: [
    {
      title: LOSS,
      x: { label: 'steps' },
      y: { label: 'loss relative to that of zero weights', log: true },
      series: [
        ...locked.claims['proxy-loss'].sizes.full.blocks.map(nameOf),
        ...Object.keys(parts).map(partName),
        NOWAG,
      ],
      control: NOWAG,
    },
  ],
  claims: ['proxy-loss', 'monotone', 'discrete-step', 'group-selection'],
  method: fitted,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const { side, steps, blocks, matrices, rate } = locked.claims['proxy-loss'].sizes[context.size];
    const all: Array<ReadonlyMap<string, Fitted>> = [];
    for (const [k, seed] of networkSeeds(context.seed, matrices).entries()) {
      yield { kind: 'progress', label: `matrix ${k + 1}`, fraction: k / matrices };
      const work = async (emit: Emit): Promise<Map<string, Fitted>> => {
        const problem = gaussian(side, seed);
        const found = new Map<string, Fitted>();
        const once = async (name: string, options: Parameters<typeof method>[1]): Promise<void> => {
          const each = (step: number, loss: number): void => {
            if (k === 0) emit({ kind: 'points', panel: LOSS, series: name, x: [step], y: [loss] });
          };
          found.set(name, await method(problem, { ...options, rate, seed }, each, pause));
        };
        const start = await fitted(problem, { blockSize: SIZE, steps: 0 }, () => {}, pause);
        found.set(NOWAG, start);
        if (k === 0) emit({ kind: 'points', panel: LOSS, series: NOWAG, x: [0, steps], y: [start.loss, start.loss] });
        for (const blockSize of blocks) await once(nameOf(blockSize), { blockSize, steps });
        for (const [part, without] of Object.entries(parts))
          await once(partName(part), { blockSize: SIZE, steps, ...without });
        problem.W.free();
        return found;
      };
      all.push(yield* streamed(work));
    }
    yield factorsPicture(all[0].get(nameOf(SIZE))!.factors);
    const ratio = (above: string, below: string) =>
      all.map((found, k) => ({ label: `matrix ${k + 1}`, value: found.get(above)!.loss / found.get(below)!.loss }));
    const fits = all.flatMap((found) => blocks.map((size) => found.get(nameOf(size))!));
    yield decide('proxy-loss', {
      eight: ratio(nameOf(8), NOWAG),
      thirtyTwo: ratio(nameOf(32), NOWAG),
      ...(full && { sixtyFour: ratio(nameOf(64), NOWAG) }),
      falling: all.map((found, k) => {
        const losses = blocks.map((size) => found.get(nameOf(size))!.loss);
        return { label: `matrix ${k + 1}`, value: Math.max(...losses.slice(1).map((loss, i) => loss / losses[i])) };
      }),
    });
    yield decide('monotone', {
      rise: Math.max(...fits.map((fit) => fit.rise)),
      best: Math.max(...fits.map((fit) => fit.best)),
      fall: Math.min(...fits.map((fit) => fit.fall)),
    });
    yield decide('discrete-step', { without: ratio(partName('no discrete steps'), nameOf(SIZE)) });
    yield decide('group-selection', { uniform: ratio(partName('groups drawn uniformly'), nameOf(SIZE)) });
    yield {
      kind: 'table',
      title: 'Losses',
      columns: ['matrix', 'fit', 'loss', 'over that of NoWag-P'],
      rows: all.flatMap((found, k) =>
        Array.from(found, ([name, { loss }]) => [k + 1, name, loss, loss / found.get(NOWAG)!.loss]),
      ),
    };
  },
});
