import { dynamicSignal } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { complexityOf, itself, mean, nameOf, neededOf, type Setting } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes } = locked.claims['weight-sharing'];
const NAMES = { 8: 'eight', 16: 'sixteen' } as const;
type Named = { readonly name: Name; readonly setting: Setting };
const settingsOf = ({ dim: d, patches, fainter }: (typeof sizes)[keyof typeof sizes]): Named[] => [
  ...patches.map((k) => ({ name: NAMES[k], setting: { k, d } })),
  ...(fainter > 0 ? patches : []).map((k) => ({
    name: `${NAMES[k]}Fainter` as const,
    setting: { k, d, sigma: fainter / Math.sqrt(k) },
  })),
];
type Name = 'eight' | 'sixteen' | 'eightFainter' | 'sixteenFainter';

/** The number of examples needed by networks with and without weight sharing, and the decrease of their errors. */
export default experiment(record, {
  id: 'sharing',
  title: 'What sharing weights saves',
  panels: [
    {
      title: 'Error by examples, k = 8, d = 20',
      x: { label: 'training examples', log: true },
      y: { label: 'sign error on new examples', log: true },
      series: [nameOf('cnn'), nameOf('lcn'), 'CNN, b = 0', 'best there is'],
      control: 'best there is',
    },
    {
      title: 'Samples needed by draw, k = {k}, σ = {σ}',
      x: { label: 'draw' },
      y: { label: 'samples to a sign error of 0.05', log: true },
      series: [nameOf('cnn'), nameOf('lcn')],
      control: nameOf('lcn'),
    },
  ],
  claims: ['weight-sharing'],
  method: itself,
  async *run(context, decide, stands) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const { dim, sigma } = sizes[context.size];
    const settings = settingsOf(sizes[context.size]);
    const random = new Random(context.seed);
    const rows: Array<Array<string | number>> = [];
    const ratios: Partial<Record<Name, number[]>> = {};
    const of = (name: Name) => ({ draws: ratios[name]! });
    const values = () => ({
      eight: of('eight'),
      ...(full && {
        sixteen: of('sixteen'),
        eightFainter: of('eightFainter'),
        sixteenFainter: of('sixteenFainter'),
      }),
    });
    for (let r = 0; !decide.enough('weight-sharing', r, values); r++) {
      const seed = random.split(r).integer(2 ** 31);
      for (const { name, setting } of settings) {
        yield { kind: 'progress', label: `draw ${r + 1}, k = ${setting.k}`, fraction: r / (full ? 20 : 8) };
        const cnn = await neededOf(stands.cnn, setting, seed, pause);
        const lcn = await neededOf(stands.lcn, setting, seed, pause);
        (ratios[name] ??= []).push(lcn / cnn);
        rows.push([r + 1, setting.k, setting.sigma ?? sigma, cnn, lcn, lcn / cnn]);
        const panel = `Samples needed by draw, k = ${setting.k}, σ = ${setting.sigma ?? sigma}`;
        yield { kind: 'points', panel, series: nameOf('cnn'), x: [r + 1], y: [cnn] };
        yield { kind: 'points', panel, series: nameOf('lcn'), x: [r + 1], y: [lcn] };
      }
    }
    yield decide('weight-sharing', values());
    yield {
      kind: 'table',
      title: 'Samples to a sign error of 0.05, d = 20',
      columns: ['draw', 'k', 'σ', 'CNN', 'LCN', 'LCN over CNN'],
      rows,
    };
    // With b = 0 a network is linear: the noise of all patches adds up.
    const eight: Setting = { k: 8, d: dim };
    const shown = [
      { series: nameOf('cnn'), arch: stands.cnn, setting: eight },
      { series: nameOf('lcn'), arch: stands.lcn, setting: eight },
      { series: 'CNN, b = 0', arch: stands.cnn, setting: { ...eight, threshold: 0 } },
    ];
    const to = 512;
    for (const { series, arch, setting } of shown) {
      yield { kind: 'progress', label: `errors, ${series}`, fraction: 0.9 };
      const seed = random.split(0).integer(2 ** 31);
      const { curve } = await complexityOf(arch, setting, seed, pause, { to, repetitions: 3, throughout: true });
      const points = { x: curve.map(({ n }) => n), y: curve.map(({ errors }) => mean(errors)) };
      yield { kind: 'points', panel: 'Error by examples, k = 8, d = 20', series, ...points };
    }
    const task = dynamicSignal({ patches: 8, patchDim: dim, sigma, seed: context.seed });
    const { inputs, targets } = task.sample(20_000);
    const wrong = task.logOdds(inputs.values).filter((odds, i) => !(odds * targets.values[i] > 0)).length / 20_000;
    const panel = 'Error by examples, k = 8, d = 20';
    yield { kind: 'points', panel, series: 'best there is', x: [1, to], y: [wrong, wrong] };
  },
});
