import { dynamicSignal } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import { adamW } from 'southwell/optimisers';
import {
  checkEquivariance,
  patchNet,
  patchSymmetry,
  type TrainEquivariantOptions,
  trainEquivariant,
} from 'southwell/training';
import { experiment } from '../../define.ts';
import { pauses } from '../../pauses.ts';
import { NETS, nameOf, neededOf, type Setting, shuffler } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { sizes } = locked.claims['fixed-patch'];
const settingOf = ([k, d]: readonly [number, number]): Setting => ({ k, d });
const SMALL = settingOf(sizes.full.small);
const LARGE = settingOf(sizes.full.large);
/**
 * A linear network has an error of Φ(−1/(σ√k)): 2.3 % at k = 4, so that no patches are needed to reach 5 %, and 5.1 %
 * at k = 6.
 */
const SIX = settingOf(sizes.full.six);
/** Samples of LCN over CNN, with a moving pattern, from which sharing counts as an advantage: k/2. */
const ADVANTAGE = LARGE.k / 2;

const turns = {
  rotated: (seed: number) => patchSymmetry({ arch: 'fcn', patches: SMALL.k, patchDim: SMALL.d }, seed).inputs,
  shuffled: (seed: number) => shuffler(SMALL)(seed),
} as const;
const adam = (): TrainEquivariantOptions => ({ optimiser: adamW({ rate: 0.01, weightDecay: 0 }) });

const panelFor = (label: string): string => {
  if (/moving|fixed/.test(label)) return 'Samples, k = 8, d = 20';
  return label.endsWith('k = 6') ? 'Samples with shuffled pixels, k = 6, d = 10' : 'Samples, k = 4, d = 10';
};

/** Changes that should remove the advantage of local networks, and should not affect one that sees the whole input. */
export default experiment(record, {
  id: 'controls',
  title: 'Fixed patches, shuffled and rotated inputs',
  panels: [
    {
      title: 'Samples, k = 8, d = 20',
      x: { label: 'draw' },
      y: { label: 'samples to a sign error of 0.05', log: true },
      series: ['CNN, moving', 'CNN, fixed', 'LCN, moving', 'LCN, fixed'],
      control: 'CNN, moving',
    },
    {
      title: 'Samples with shuffled pixels, k = 6, d = 10',
      x: { label: 'draw' },
      y: { label: 'samples to a sign error of 0.05', log: true },
      series: NETS.map((arch) => `${nameOf(arch)}, k = 6`),
    },
    {
      title: 'Samples, k = 4, d = 10',
      x: { label: 'draw' },
      y: { label: 'samples to a sign error of 0.05', log: true },
      series: [...NETS.map(nameOf), '{net}'],
    },
  ],
  claims: ['fixed-patch', 'shuffled-pixels'],
  /** The fixed patch. */
  method: 0 as number | undefined,
  async *run(context, decide, patch) {
    const pause = pauses(context);
    const full = context.size === 'full';
    const { most: to, sigma } = sizes[context.size];
    const random = new Random(context.seed);
    const columns: Record<string, number[]> = {};
    const locals = ['CNN', 'LCN'];
    const leastOf = (a: number[], b: number[]) => a.map((v, r) => Math.min(v, b[r]));
    const over = (a: string, b: string) => columns[a].map((n, r) => n / columns[b][r]);
    const saved = () => {
      const moving = over('LCN, moving', 'CNN, moving');
      const left = over('LCN, fixed', 'CNN, fixed').map((ratio, r) => ratio / moving[r]);
      return { fixed: { draws: left.map((ratio, r) => (moving[r] >= ADVANTAGE ? ratio : 1)) } };
    };
    const values = () => ({
      shuffled: { draws: leastOf(over('CNN, shuffled', 'CNN'), over('LCN, shuffled', 'LCN')) },
      ...(full && { level: locals.map((label) => ({ label, draws: over(`${label}, k = 6`, 'FCN, k = 6') })) }),
      turned: Object.keys(turns).map((label) => ({ label, draws: over(`FCN, ${label}`, 'FCN') })),
    });
    const asked: Array<{ readonly label: string; readonly arch: (typeof NETS)[number]; readonly setting: Setting }> = [
      ...(['cnn', 'lcn'] as const).flatMap((arch) => [
        { label: `${nameOf(arch)}, moving`, arch, setting: LARGE },
        { label: `${nameOf(arch)}, fixed`, arch, setting: patch === undefined ? LARGE : { ...LARGE, patch } },
        { label: `${nameOf(arch)}, shuffled`, arch, setting: { ...SMALL, turn: turns.shuffled } },
      ]),
      ...NETS.map((arch) => ({ label: nameOf(arch), arch, setting: SMALL })),
      ...(full ? NETS : []).map((arch) => ({
        ...{ label: `${nameOf(arch)}, k = 6`, arch },
        setting: { ...SIX, turn: (seed: number) => shuffler(SIX)(seed) },
      })),
      ...Object.entries(turns).map(([label, turn]) => ({
        ...{ label: `FCN, ${label}`, arch: 'fcn' as const },
        setting: { ...SMALL, turn },
      })),
    ];
    let draws = 0;
    async function* measure(label: string, arch: (typeof NETS)[number], setting: Setting, draw: number) {
      const seed = random.split(draw).integer(2 ** 31);
      const needed = Math.min(to, await neededOf(arch, setting, seed, pause, { to }));
      (columns[label] ??= []).push(needed);
      yield { kind: 'points', panel: panelFor(label), series: label, x: [draw + 1], y: [needed] } as const;
    }
    const enough = () =>
      [decide.enough('fixed-patch', draws, saved), decide.enough('shuffled-pixels', draws, values)].every(Boolean);
    for (; !enough(); draws++) {
      for (const { label, arch, setting } of asked) {
        yield { kind: 'progress', label: `draw ${draws + 1}, ${label}`, fraction: draws / (full ? 20 : 8) };
        yield* measure(label, arch, setting, draws);
      }
    }
    yield decide('fixed-patch', saved());
    yield decide('shuffled-pixels', values());
    for (const label of full ? ['FCN by Adam', 'FCN by Adam, rotated'] : []) {
      for (let r = 0; r < draws; r++) {
        yield { kind: 'progress', label: `draw ${r + 1}, ${label}`, fraction: 0.9 };
        const turn = label.endsWith('rotated') ? turns.rotated : undefined;
        yield* measure(label, 'fcn', { ...SMALL, training: adam(), ...(turn && { turn }) }, r);
      }
    }
    const names = Object.keys(columns);
    yield {
      kind: 'table',
      title: 'Samples to a sign error of 0.05',
      columns: ['draw', ...names],
      rows: Array.from({ length: draws }, (_, r) => [r + 1, ...names.map((name) => columns[name][r])]),
    };
    const task = dynamicSignal({ patches: SMALL.k, patchDim: SMALL.d, sigma, seed: context.seed });
    const rows: Array<Array<string | number>> = [];
    for (const arch of NETS) {
      const net = patchNet({ arch, patches: SMALL.k, patchDim: SMALL.d });
      const difference = (options: TrainEquivariantOptions): number =>
        checkEquivariance(
          (data, normals) => {
            const { weights } = trainEquivariant(net, data.train, { ...options, normals });
            return (inputs) => net.predict(weights, inputs);
          },
          patchSymmetry(net, context.seed),
          { train: task.sample(128, 1), probe: task.sample(500) },
        ).difference;
      rows.push([nameOf(arch), difference({}), difference(adam())]);
      await pause();
    }
    yield {
      kind: 'table',
      title: 'How far predictions differ when inputs are turned, at most',
      columns: ['net', 'gradient descent', 'Adam'],
      rows,
    };
  },
});
