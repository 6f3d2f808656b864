import { Random } from 'southwell';
import { experiment } from '../../define.ts';
import { type Cell, parameterValue } from '../../experiment.ts';
import { loadCharacters } from '../../material/characters.ts';
import { schedule } from '../../material/decoder.ts';
import { pauses } from '../../pauses.ts';
import { type Kind, kinds, leftByKind, libraryChoice, matricesOf, names } from '../gradients.ts';
import { drawSeed, fewSteps, fullAdam, libraryMethod, lowRank, settings, stepper, trainer } from '../lab.ts';
import { record } from '../record.ts';

const RATE = 3e-3;
/** Steps between measurements of errors. */
const EVERY = 10;

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/**
 * The projection error of gradients for several kinds of vectors: each kind during its own run, and all during one run
 * of AdamW.
 */
export default experiment(record, {
  id: 'projection',
  title: 'What few vectors leave of gradients',
  axes: { x: 'step', y: 'mean of ‖G − GPᵀP‖²/‖G‖² over matrices', logY: false },
  parameters: [fewSteps],
  claims: ['projection'],
  method: libraryChoice,
  async *run(context, decide, choice) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const characters = await loadCharacters();
    const length = parameterValue(fewSteps, context);
    const { rank, width } = settings[context.size];
    const most = Math.max(...record.claims[2].draws[context.size]);
    const means: Array<Record<Kind, number>> = [];
    const rows: Cell[][] = [];
    const values = () => {
      const beside = (one: Kind, other: Kind) => ({
        draws: means.map((all) => ({ value: all[one], reference: all[other] })),
      });
      return {
        svd: beside('svd', 'dct'),
        dct: beside('dct', 'first'),
        first: beside('first', 'fresh'),
        ...(full && { most: { draws: means.map(({ dct }) => dct) } }),
      };
    };
    do {
      const draw = means.length;
      const left = leftByKind(choice, width, rank, new Random(drawSeed(context, draw)).split(3));
      const net = trainer(characters, context, draw, pause);
      /** Errors of these kinds during a run. */
      const along = async (made: typeof fullAdam, of: readonly Kind[]): Promise<Record<Kind, number[]>> => {
        const found: Record<Kind, number[]> = { svd: [], dct: [], random: [], first: [], fresh: [] };
        let step = 0;
        await net.train(stepper(made(schedule(RATE, length))), length, (gradient, ranges) => {
          if (step++ % EVERY !== 0) return;
          const matrices = [...matricesOf(gradient, ranges)];
          for (const kind of of) found[kind].push(mean(matrices.map((G) => left[kind](G, rank))));
        });
        return found;
      };
      try {
        const own: Record<Kind, number> = { svd: 0, dct: 0, random: 0, first: 0, fresh: 0 };
        for (const [k, kind] of kinds.entries()) {
          // Not used by any claim.
          if (kind === 'random' && draw > 0 && !full) continue;
          yield { kind: 'progress', label: `draw ${draw + 1}: ${names[kind]}`, fraction: (draw + k / 6) / most };
          const y = (await along(lowRank(libraryMethod, rank, { subspace: kind }), [kind]))[kind];
          own[kind] = mean(y);
          const x = y.map((_, t) => 1 + EVERY * t);
          if (draw === 0) {
            yield { kind: 'points', panel: 'along the run of each, first draw', series: names[kind], x, y };
          }
        }
        means.push(own);
        rows.push(['of each', draw + 1, ...kinds.map((kind) => own[kind] || null)]);
        if (draw > 0 && !full) continue;
        const same = await along(fullAdam, kinds);
        rows.push(['of AdamW', draw + 1, ...kinds.map((kind) => mean(same[kind]))]);
      } finally {
        net.free();
      }
    } while (!decide.enough('projection', means.length, values));
    yield decide('projection', values());
    const columns = ['along the run', 'draw', ...kinds.map((kind) => names[kind])];
    yield { kind: 'table', title: 'Mean relative squared error over matrices and steps', columns, rows };
  },
});
