import { muon, trion } from 'southwell/optimisers';
import { experiment } from '../../define.ts';
import { type Cell, parameterValue } from '../../experiment.ts';
import { loadCharacters } from '../../material/characters.ts';
import { schedule } from '../../material/decoder.ts';
import { pauses } from '../../pauses.ts';
import { dion } from '../dion.ts';
import {
  curve,
  ending,
  fullAdam,
  libraryMethod,
  lowRank,
  type Made,
  settings,
  stepper,
  steps,
  type Trainer,
  trainer,
  tried,
  tuned,
  withoutBlocks,
} from '../lab.ts';
import { record } from '../record.ts';

const PANEL = 'training at the best rates';

/** Every optimiser with the best of three rates, from the same initial parameters, on the same batches. */
export default experiment(record, {
  id: 'training',
  title: 'Training with moments of few vectors',
  axes: { x: 'step', y: 'loss of the batch, nats a character', logY: false },
  parameters: [steps],
  claims: ['quality'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const characters = await loadCharacters();
    const length = parameterValue(steps, context);
    const { rank } = settings[context.size];
    const judged: Readonly<Record<string, Made>> = {
      'DCT-AdamW': lowRank(method, rank),
      'singular vectors': lowRank(method, rank, { subspace: 'svd' }),
      AdamW: fullAdam,
    };
    const most = Math.max(...record.claims[0].draws[context.size]);
    const found: Record<string, number[]> = { 'DCT-AdamW': [], 'singular vectors': [], AdamW: [] };
    const rows: Cell[][] = [];
    const values = () => {
      const beside = (other: string) => ({
        draws: found['DCT-AdamW'].map((value, k) => ({ value, reference: found[other][k] })),
      });
      return { svd: beside('singular vectors'), adam: beside('AdamW') };
    };
    const nets: Trainer[] = [];
    try {
      let draw = 0;
      do {
        const net = trainer(characters, context, draw, pause);
        nets.push(net);
        for (const [name, made] of Object.entries(judged)) {
          yield { kind: 'progress', label: `draw ${draw + 1}: ${name}`, fraction: draw / most };
          const best = await tuned(net, made, length, context.size);
          found[name].push(best.loss);
          for (const { rate, loss } of best.all) rows.push([name, draw + 1, rate, loss]);
          if (draw === 0) yield curve(PANEL, name, best.losses);
        }
        draw++;
      } while (!decide.enough('quality', draw, values));
      yield decide('quality', values());

      // Not used by any claim.
      const reported: Readonly<Record<string, Made>> = {
        'first cosines': lowRank(method, rank, { subspace: 'first' }),
        'DCT-AdamW, without rotation': lowRank(method, rank, { rotate: false }),
        'DCT-AdamW, error feedback': lowRank(method, rank, { errorFeedback: 'full' }),
        ...(full && {
          'random basis, best aligned': lowRank(method, rank, { subspace: 'random' }),
          'fresh random vectors': lowRank(method, rank, { subspace: 'fresh' }),
          'DCT-AdamW, error feedback of 8 bits': lowRank(method, rank, { errorFeedback: 8 }),
          'DCT-AdamW, error feedback of 4 bits': lowRank(method, rank, { errorFeedback: 4 }),
        }),
      };
      const best = 1e-2;
      for (let k = 0; k < (full ? 3 : 1); k++) {
        for (const [name, made] of Object.entries(reported)) {
          yield { kind: 'progress', label: `draw ${k + 1}: ${name}`, fraction: 0.9 };
          rows.push([name, k + 1, best, (await tried(nets[k], made, best, length)).loss]);
        }
        const losses = await nets[k].train(withoutBlocks(fullAdam, schedule(best, length)), length);
        rows.push(['AdamW, matrices in blocks as they were', k + 1, best, ending(losses, length)]);
      }
      const half = Math.round(length / 2);
      const momentum = {
        Trion: stepper(trion({ rate: schedule(0.02, half), rank })),
        Dion: dion(schedule(0.02, half), rank),
        Muon: stepper(muon({ rate: schedule(0.02, half) })),
      };
      const orthogonal: Cell[][] = [];
      for (const [name, make] of Object.entries(momentum)) {
        for (let k = 0; k < (full ? 3 : 1); k++) {
          yield { kind: 'progress', label: `draw ${k + 1}: ${name}`, fraction: 0.98 };
          orthogonal.push([name, k + 1, ending(await nets[k].train(make, half), half)]);
        }
      }
      yield {
        kind: 'table',
        title: 'Mean of the last 30 losses',
        columns: ['optimiser', 'draw', 'rate', 'loss'],
        rows,
      };
      yield {
        kind: 'table',
        title: `Orthogonal steps, ${half} of them at a rate of 0.02`,
        columns: ['optimiser', 'draw', 'loss'],
        rows: orthogonal,
      };
    } finally {
      for (const net of nets) net.free();
    }
  },
});
