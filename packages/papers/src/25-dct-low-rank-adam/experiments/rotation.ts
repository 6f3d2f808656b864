import { experiment } from '../../define.ts';
import { type Cell, parameterValue } from '../../experiment.ts';
import { loadCharacters } from '../../material/characters.ts';
import { pauses } from '../../pauses.ts';
import { at, curve, libraryMethod, lowRank, settings, steps, trainer, tried } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes, draws: looks } = locked.claims.rotation;

/** The same run with moments that are rotated with their vectors, and with moments that are not. */
export default experiment(record, {
  id: 'rotation',
  title: 'Moments that follow their vectors',
  panels: [
    {
      title: 'training, first draw',
      x: { label: 'step' },
      y: { label: 'loss of the batch', unit: 'nats a character' },
      series: ['moments follow', 'moments stay'],
      control: 'moments stay',
    },
  ],
  parameters: [steps],
  claims: ['rotation'],
  method: libraryMethod,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const characters = await loadCharacters();
    const length = parameterValue(steps, context);
    const { rank } = settings[context.size];
    const { rate } = sizes[context.size];
    const most = Math.max(...looks[context.size]);
    const draws: Array<{ readonly value: number; readonly reference: number }> = [];
    const rows: Cell[][] = [];
    const values = () => ({ gain: { draws } });
    do {
      const draw = draws.length;
      yield { kind: 'progress', label: `draw ${draw + 1}`, fraction: draw / most };
      const net = trainer(characters, context, draw, pause);
      try {
        const rotated = await tried(net, at(lowRank(method, rank)), rate, length);
        const fixed = await tried(net, at(lowRank(method, rank, { rotate: false })), rate, length);
        draws.push({ value: rotated.loss, reference: fixed.loss });
        rows.push([draw + 1, rotated.loss, fixed.loss, fixed.loss - rotated.loss]);
        if (draw > 0) continue;
        yield curve('training, first draw', 'moments follow', rotated.losses);
        yield curve('training, first draw', 'moments stay', fixed.losses);
      } finally {
        net.free();
      }
    } while (!decide.enough('rotation', draws.length, values));
    yield decide('rotation', values());
    const columns = ['draw', 'moments follow', 'moments stay', 'difference'];
    yield { kind: 'table', title: `Mean of the last 30 losses at a rate of ${rate}`, columns, rows };
  },
});
