import { experiment } from '../../define.ts';
import { type Cell, parameterValue } from '../../experiment.ts';
import { loadCharacters } from '../../material/characters.ts';
import { schedule } from '../../material/decoder.ts';
import { pauses } from '../../pauses.ts';
import {
  at,
  curve,
  ending,
  fullAdam,
  libraryMethod,
  lowRank,
  type MakeAt,
  settings,
  steps,
  type Trainer,
  trainer,
  tried,
  tuned,
  withoutBlocks,
} from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { chosenAdamW } from '../rivals.ts';

const PANEL = 'training at the best rates';

/** Every optimiser at the best of the rates on a draw that does not judge, from the same parameters, on the same batches. */
export default experiment(record, {
  id: 'training',
  title: 'Training with moments of few vectors',
  panels: [
    {
      title: PANEL,
      x: { label: 'step' },
      y: { label: 'loss of the batch', unit: 'nats a character' },
      series: [
        'DCT-AdamW',
        'singular vectors',
        'AdamW',
        'worst aligned cosines',
        'best aligned axes',
        'best aligned of a random basis',
        'first cosines',
      ],
      control: 'AdamW',
    },
  ],
  parameters: [steps],
  claims: ['quality', 'alignment'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const characters = await loadCharacters();
    const length = parameterValue(steps, context);
    const { rank } = settings[context.size];
    const dct = at(lowRank(method, rank));
    const judged = {
      svd: ['singular vectors', at(lowRank(method, rank, { subspace: 'svd' }))],
      adam: ['AdamW', at(fullAdam)],
    } as const;
    const controls = {
      worst: ['worst aligned cosines', (rate) => chosenAdamW(rate, rank, { basis: 'cosines', take: 'worst' })],
      axes: ['best aligned axes', (rate) => chosenAdamW(rate, rank, { basis: 'axes', take: 'best' })],
      random: ['best aligned of a random basis', at(lowRank(method, rank, { subspace: 'random' }))],
      first: ['first cosines', at(lowRank(method, rank, { subspace: 'first' }))],
    } as const satisfies Readonly<Record<string, readonly [string, MakeAt]>>;
    const all = { dct: ['DCT-AdamW', dct], ...judged, ...controls } as const;
    type Arm = keyof typeof all;
    const arms = Object.keys(all) as Arm[];
    yield { kind: 'progress', label: 'rates', fraction: 0 };
    const makers = Object.fromEntries(arms.map((arm) => [arm, all[arm][1]])) as Record<Arm, MakeAt>;
    const rates = await tuned(characters, context, makers, locked.grids.optimisers[context.size], length, pause);

    const found: Record<Arm, number[]> = { dct: [], svd: [], adam: [], worst: [], axes: [], random: [], first: [] };
    const rows: Cell[][] = [];
    const beside = (other: Arm) => ({
      draws: found[other].map((reference, k) => ({ value: found.dct[k], reference })),
    });
    const quality = () => ({ svd: beside('svd'), adam: beside('adam') });
    const alignment = () => ({
      worst: beside('worst'),
      axes: beside('axes'),
      random: beside('random'),
      first: beside('first'),
    });
    const most = Math.max(...locked.claims.quality.draws[context.size]);
    const nets: Trainer[] = [];
    try {
      const netOf = (draw: number): Trainer => {
        nets[draw] ??= trainer(characters, context, draw, pause);
        return nets[draw];
      };
      const run = async function* (arm: Arm, draw: number) {
        const [name, make] = all[arm];
        yield { kind: 'progress', label: `draw ${draw + 1}: ${name}`, fraction: draw / most } as const;
        const { rate, loss, losses } = await tried(netOf(draw), make, rates[arm], length);
        found[arm].push(loss);
        rows.push([name, draw + 1, rate, loss]);
        if (draw === 0) yield curve(PANEL, name, losses);
      };
      for (let draw = 0; !decide.enough('quality', draw, quality); draw++) {
        for (const arm of ['dct', ...(Object.keys(judged) as Arm[])] as const) yield* run(arm, draw);
      }
      yield decide('quality', quality());
      for (let draw = 0; !decide.enough('alignment', draw, alignment); draw++) {
        if (found.dct.length === draw) yield* run('dct', draw);
        for (const arm of Object.keys(controls) as Arm[]) yield* run(arm, draw);
      }
      yield decide('alignment', alignment());

      // Not used by any claim.
      const reported: Readonly<Record<string, MakeAt>> = {
        'DCT-AdamW, without rotation': at(lowRank(method, rank, { rotate: false })),
        'DCT-AdamW, error feedback': at(lowRank(method, rank, { errorFeedback: 'full' })),
        ...(full && {
          'fresh random vectors': at(lowRank(method, rank, { subspace: 'fresh' })),
          'DCT-AdamW, error feedback of 8 bits': at(lowRank(method, rank, { errorFeedback: 8 })),
          'DCT-AdamW, error feedback of 4 bits': at(lowRank(method, rank, { errorFeedback: 4 })),
        }),
      };
      const rate = rates.dct;
      for (let k = 0; k < (full ? 3 : 1); k++) {
        for (const [name, make] of Object.entries(reported)) {
          yield { kind: 'progress', label: `draw ${k + 1}: ${name}`, fraction: 0.9 };
          rows.push([name, k + 1, rate, (await tried(nets[k], make, rate, length)).loss]);
        }
        const losses = await nets[k].train(withoutBlocks(fullAdam, schedule(rate, length)), length);
        rows.push(['AdamW, matrices in blocks as they were', k + 1, rate, ending(losses, length)]);
      }
      yield {
        kind: 'table',
        title: 'Mean of the last 30 losses',
        columns: ['optimiser', 'draw', 'rate', 'loss'],
        rows,
      };
    } finally {
      for (const net of nets) net.free();
    }
  },
});
