import { Random } from 'southwell';
import { experiment } from '../../define.ts';
import { type Cell, parameterValue } from '../../experiment.ts';
import { loadCharacters } from '../../material/characters.ts';
import { schedule } from '../../material/decoder.ts';
import { pauses } from '../../pauses.ts';
import {
  type Kind,
  kinds,
  leftByKind,
  libraryChoice,
  matricesOf,
  names,
  type SameKind,
  sameKinds,
} from '../gradients.ts';
import { drawSeed, fullAdam, libraryMethod, lowRank, projectionSteps, settings, stepper, trainer } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes, draws: looks } = locked.claims.projection;

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/**
 * The projection error of gradients for several kinds of vectors: each kind during its own run, and all during one run
 * of AdamW.
 */
export default experiment(record, {
  id: 'projection',
  title: 'What few vectors leave of gradients',
  panels: [
    {
      title: 'along {run}, first draw',
      x: { label: 'step' },
      y: { label: 'mean of ‖G − GPᵀP‖²/‖G‖² over matrices' },
      series: sameKinds.map((kind) => names[kind]),
      control: names.svd,
    },
  ],
  parameters: [projectionSteps],
  claims: ['projection', 'cosines'],
  method: libraryChoice,
  async *run(context, decide, choice) {
    const full = context.size === 'full';
    const pause = pauses(context);
    const characters = await loadCharacters();
    const length = parameterValue(projectionSteps, context);
    const { rank, width } = settings[context.size];
    const { rate, every } = sizes[context.size];
    const most = Math.max(...looks[context.size]);
    const means: Array<Record<Kind, number>> = [];
    const ofAdam: Array<Record<SameKind, number>> = [];
    const rows: Cell[][] = [];
    const projection = () => {
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
    const cosines = () => {
      const beside = (other: SameKind) => ({
        draws: ofAdam.map((all) => ({ value: all.dct, reference: all[other] })),
      });
      return { random: beside('random'), axes: beside('axes') };
    };
    const open = { projection: true, cosines: true };
    for (let draw = 0; open.projection || open.cosines; draw++) {
      const left = leftByKind(choice, width, rank, new Random(drawSeed(context, draw)).split(3));
      const net = trainer(characters, context, draw, pause);
      /** Mean errors of these kinds, every few steps of a run. */
      const along = async (made: typeof fullAdam, of: readonly SameKind[]): Promise<Record<SameKind, number[]>> => {
        const found: Record<SameKind, number[]> = { svd: [], dct: [], random: [], first: [], fresh: [], axes: [] };
        let step = 0;
        await net.train(stepper(made(schedule(rate, length))), length, (gradient, ranges) => {
          if (step++ % every !== 0) return;
          const matrices = [...matricesOf(gradient, ranges)];
          for (const kind of of) found[kind].push(mean(matrices.map((G) => left[kind](G, rank))));
        });
        return found;
      };
      try {
        if (open.projection) {
          const own: Record<Kind, number> = { svd: 0, dct: 0, random: 0, first: 0, fresh: 0 };
          for (const [k, kind] of kinds.entries()) {
            // Not used by any claim.
            if (kind === 'random' && draw > 0 && !full) continue;
            yield { kind: 'progress', label: `draw ${draw + 1}: ${names[kind]}`, fraction: (draw + k / 6) / most };
            const y = (await along(lowRank(libraryMethod, rank, { subspace: kind }), [kind]))[kind];
            own[kind] = mean(y);
            const x = y.map((_, t) => 1 + every * t);
            if (draw === 0) {
              yield { kind: 'points', panel: 'along the run of each, first draw', series: names[kind], x, y };
            }
          }
          means.push(own);
          rows.push(['of each', draw + 1, ...sameKinds.map((kind) => (kind === 'axes' ? null : own[kind] || null))]);
        }
        if (open.cosines) {
          const same = await along(fullAdam, sameKinds);
          ofAdam.push(
            Object.fromEntries(sameKinds.map((kind) => [kind, mean(same[kind])])) as Record<SameKind, number>,
          );
          rows.push(['of AdamW', draw + 1, ...sameKinds.map((kind) => mean(same[kind]))]);
        }
      } finally {
        net.free();
      }
      if (open.projection && decide.enough('projection', means.length, projection)) {
        open.projection = false;
        yield decide('projection', projection());
      }
      if (open.cosines && decide.enough('cosines', ofAdam.length, cosines)) {
        open.cosines = false;
        yield decide('cosines', cosines());
      }
    }
    const columns = ['along the run', 'draw', ...sameKinds.map((kind) => names[kind])];
    yield { kind: 'table', title: 'Mean relative squared error over matrices and steps', columns, rows };
  },
});
