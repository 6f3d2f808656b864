import { muon, trion } from 'southwell/optimisers';
import { experiment } from '../../define.ts';
import { type Cell, parameterValue } from '../../experiment.ts';
import { loadCharacters } from '../../material/characters.ts';
import { pauses } from '../../pauses.ts';
import { dion } from '../dion.ts';
import { at, curve, type MakeAt, orthogonalSteps, settings, trainer, tried, tuned } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

/** Trion, Dion of the same rank, and Muon, each at the best of the rates on a draw that does not judge. */
export default experiment(record, {
  id: 'orthogonal',
  title: 'Orthogonal steps in few directions',
  panels: [
    {
      title: 'training, first draw',
      x: { label: 'step' },
      y: { label: 'loss of the batch', unit: 'nats a character' },
      series: ['Trion', 'Dion', 'Muon'],
      control: 'Muon',
    },
  ],
  parameters: [orthogonalSteps],
  claims: ['trion'],
  method: trion,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const characters = await loadCharacters();
    const length = parameterValue(orthogonalSteps, context);
    const { rank } = settings[context.size];
    const optimisers: Readonly<Record<'Trion' | 'Dion' | 'Muon', MakeAt>> = {
      Trion: at((rate) => method({ rate, rank })),
      Dion: (rate) => dion(rate, rank),
      Muon: at((rate) => muon({ rate })),
    };
    const names = ['Trion', 'Dion', 'Muon'] as const;
    yield { kind: 'progress', label: 'rates', fraction: 0 };
    const rates = await tuned(characters, context, optimisers, locked.grids.orthogonal[context.size], length, pause);
    const found: Record<(typeof names)[number], number[]> = { Trion: [], Dion: [], Muon: [] };
    const rows: Cell[][] = [];
    const most = Math.max(...locked.claims.trion.draws[context.size]);
    const values = () => ({
      dion: { draws: found.Trion.map((value, k) => ({ value, reference: found.Dion[k] })) },
    });
    do {
      const draw = found.Trion.length;
      const net = trainer(characters, context, draw, pause);
      try {
        for (const name of names) {
          yield { kind: 'progress', label: `draw ${draw + 1}: ${name}`, fraction: draw / most };
          const { rate, loss, losses } = await tried(net, optimisers[name], rates[name], length);
          found[name].push(loss);
          rows.push([name, draw + 1, rate, loss]);
          if (draw === 0) yield curve('training, first draw', name, losses);
        }
      } finally {
        net.free();
      }
    } while (!decide.enough('trion', found.Trion.length, values));
    yield decide('trion', values());
    const columns = ['optimiser', 'draw', 'rate', 'loss'];
    yield { kind: 'table', title: 'Mean of the last 30 losses', columns, rows };
  },
});
