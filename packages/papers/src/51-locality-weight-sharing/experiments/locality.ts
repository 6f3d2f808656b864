import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { complexityOf, itself, mean, NETS, nameOf, neededOf, type Setting } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const told = ({ k, d }: Setting): string => `k = ${k}, d = ${d}`;

/** The number of examples needed by networks that see the whole input, and by those that see patches. */
export default experiment(record, {
  id: 'locality',
  title: 'What looking locally saves',
  panels: [
    {
      title: 'Error by examples, k = 4, d = 10',
      x: { label: 'training examples', log: true },
      y: { label: 'sign error on new examples', log: true },
      series: NETS.map(nameOf),
      control: nameOf('fcn'),
    },
    {
      title: 'Samples needed by draw, {setting}',
      x: { label: 'draw' },
      y: { label: 'samples to a sign error of 0.05', log: true },
      series: NETS.map(nameOf),
      control: nameOf('fcn'),
    },
  ],
  claims: ['locality'],
  method: itself,
  async *run(context, decide, stands) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const { patches, dims } = locked.claims.locality.sizes[context.size];
    const settings: readonly Setting[] = patches.map((k, i) => ({ k, d: dims[i] }));
    const random = new Random(context.seed);
    const rows: Array<Array<string | number>> = [];
    const found = settings.map((): Array<Record<(typeof NETS)[number], number>> => []);
    const over = (s: number, a: (typeof NETS)[number], b: (typeof NETS)[number]) => ({
      draws: found[s].map((needed) => needed[a] / needed[b]),
    });
    const values = () => ({
      four: over(0, 'fcn', 'lcn'),
      ...(full && { six: over(1, 'fcn', 'lcn') }),
      order: settings.flatMap((setting, s) => [
        { label: `LCN over CNN at ${told(setting)}`, ...over(s, 'lcn', 'cnn') },
        { label: `FCN over LCN at ${told(setting)}`, ...over(s, 'fcn', 'lcn') },
      ]),
    });
    for (let r = 0; !decide.enough('locality', r, values); r++) {
      const seed = random.split(r).integer(2 ** 31);
      for (const [s, setting] of settings.entries()) {
        const needed = { cnn: 0, lcn: 0, fcn: 0 };
        for (const arch of NETS) {
          const label = `draw ${r + 1}, ${nameOf(arch)}, ${told(setting)}`;
          yield { kind: 'progress', label, fraction: r / (full ? 20 : 8) };
          needed[arch] = await neededOf(stands[arch], setting, seed, pause);
          const panel = `Samples needed by draw, ${told(setting)}`;
          yield { kind: 'points', panel, series: nameOf(arch), x: [r + 1], y: [needed[arch]] };
        }
        found[s].push(needed);
        rows.push([r + 1, setting.k, setting.d, needed.cnn, needed.lcn, needed.fcn]);
      }
    }
    yield decide('locality', values());
    yield {
      kind: 'table',
      title: 'Samples to a sign error of 0.05',
      columns: ['draw', 'k', 'd', 'CNN', 'LCN', 'FCN'],
      rows,
    };
    for (const arch of NETS) {
      yield { kind: 'progress', label: `errors, ${nameOf(arch)}`, fraction: 0.9 };
      const seed = random.split(0).integer(2 ** 31);
      const options = { to: 512, repetitions: 3, throughout: true };
      const { curve } = await complexityOf(stands[arch], settings[0], seed, pause, options);
      const points = { x: curve.map(({ n }) => n), y: curve.map(({ errors }) => mean(errors)) };
      yield { kind: 'points', panel: 'Error by examples, k = 4, d = 10', series: nameOf(arch), ...points };
    }
  },
});
