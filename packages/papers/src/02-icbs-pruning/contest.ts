import type { LayerWeights } from 'southwell/compression';
import type { ExperimentContext, ExperimentEvent } from '../experiment.ts';
import type { ImageSet } from '../material/perceptrons.ts';
import type { Pause } from '../pauses.ts';
import { type Emit, streamed } from '../streamed.ts';
import type { AdmmOptions } from './admm.ts';
import {
  type BlockSizes,
  type Judged,
  type Masks,
  type NetSizes,
  networkSeeds,
  type Pruned,
  perceptron,
  type pruned,
  reconstructed,
  type Subject,
} from './lab.ts';
import { pixels } from './picture.ts';
import { type Both, DIAGONAL, FITTED, ICBS, PLAIN, rivals, WANDA } from './rivals.ts';

const TENTH = 0.1;
const FIFTH = 0.2;
const EARLY = 50;

/** What became of a network at a density, by method. */
export interface Result {
  readonly network: number;
  readonly density: number;
  readonly methods: ReadonlyMap<string, Both>;
  /** Training loss of iCBS by step. */
  readonly path: ReadonlyMap<number, number>;
  /** Weights by which the density is missed. */
  readonly missed: number;
}

export interface Contest {
  readonly subject: Subject;
  /** From 1. */
  readonly network: number;
  readonly density: number;
  readonly blocks: BlockSizes;
  readonly steps: number;
  /** Steps between the points of curves. */
  readonly look: number;
  readonly admm: Omit<AdmmOptions, 'steps'>;
  readonly method: typeof pruned;
  /** Which weights stay. */
  picture(masks: Readonly<Record<string, Masks>>, layer: LayerWeights): ExperimentEvent;
}

/** Prunes a network by all methods; `emit` is absent where no curves are drawn. */
export async function contest(
  { subject, network, density, blocks, steps, look, admm, method, picture }: Contest,
  emit: Emit | undefined,
  pause: Pause,
): Promise<Result> {
  const draw = (panel: string, series: string, x: readonly number[], { loss }: Judged): void =>
    emit?.({ kind: 'points', panel, series, x, y: x.map(() => loss) });
  const dense = await subject.judge(subject.model.parameters, false, pause);
  // Distances from the dense network are 0, which logarithmic axes do not show.
  if (dense.loss > 0) for (const panel of [PLAIN, FITTED]) draw(panel, 'dense', [0, steps], dense);
  const methods = new Map<string, Both>([['dense', { plain: dense, fitted: dense }]]);
  const path = new Map<number, number>();
  let [first, missed]: [Pruned | undefined, number] = [undefined, 0];
  const fittedOf = async ({ masks }: Pruned, soon: boolean): Promise<Judged> =>
    subject.judge(await reconstructed(subject, masks, pause), soon, pause);
  for (const [series, curvature] of [
    [ICBS, 'gradients'],
    [DIAGONAL, 'diagonal'],
  ] as const) {
    const each = async (step: number, now: Pruned) => {
      const plain = await subject.judge(now.parameters, true, pause);
      draw(PLAIN, series, [step], plain);
      if (emit) draw(FITTED, series, [step], await fittedOf(now, true));
      first ??= now;
      if (series !== ICBS) return;
      path.set(step, plain.loss);
      emit?.(picture({ [WANDA]: first.masks, [ICBS]: now.masks }, subject.layers[0]));
    };
    const last = await method(subject, blocks, { density, steps, curvature }, { every: look, each }, pause);
    const plain = await subject.judge(last.parameters, false, pause);
    methods.set(series, { plain, fitted: await fittedOf(last, false) });
    if (series !== ICBS) continue;
    for (const { name, outputs, inputs } of subject.layers) {
      const kept = last.masks[name].reduce((a, b) => a + b, 0);
      missed = Math.max(missed, Math.abs(kept - Math.round(density * outputs * inputs)));
    }
  }
  const own = { ...admm, ofStep: blocks.batch };
  for await (const [name, both] of rivals(subject, density, steps, own, emit, pause)) methods.set(name, both);
  return { network, density, methods, path, missed };
}

interface ImageSizes extends BlockSizes, NetSizes, Omit<AdmmOptions, 'steps' | 'batch'> {
  readonly networks: number;
  readonly densities: readonly number[];
  readonly steps: number;
}

/** Contests on networks of images at some densities; the first one is drawn. */
export async function* imageContests(
  images: ImageSet,
  { networks, densities, steps, hidden, epochs, rho, rate, every, ...blocks }: ImageSizes,
  { seed, size }: Pick<ExperimentContext, 'seed' | 'size'>,
  method: typeof pruned,
  pause: Pause,
): AsyncGenerator<ExperimentEvent, Result[]> {
  const results: Result[] = [];
  const look = size === 'full' ? 10 : 5;
  const options = { blocks, steps, look, admm: { rho, rate, every, batch: 100 }, method, picture: pixels };
  for (const [k, own] of networkSeeds(seed, networks).entries())
    for (const density of densities) {
      yield { kind: 'progress', label: `network ${k + 1}, density ${density}`, fraction: k / networks };
      const found = yield* streamed(async (emit) => {
        const subject = await perceptron(images, { hidden, epochs }, own, pause);
        const shown = results.length === 0 ? emit : undefined;
        return contest({ subject, network: k + 1, density, ...options }, shown, pause);
      });
      results.push(found);
    }
  return results;
}

/** The measures of claims against Wanda, a number for each network. */
export function measuresOf(results: readonly Result[], full: boolean) {
  const at = (density: number) => results.filter((one) => one.density === density);
  const each = (density: number, of: (own: Both, wanda: Both) => number) =>
    at(density).map(({ network, methods }) => ({
      label: `network ${network}`,
      value: of(methods.get(ICBS)!, methods.get(WANDA)!),
    }));
  const loss = (density: number) => each(density, (own, wanda) => own.plain.loss / wanda.plain.loss);
  /** Mean loss after so many steps, or the last before. */
  const after = (step: number): number => {
    const losses = at(TENTH).map(({ path }) => [...path].filter(([s]) => s <= step).at(-1)![1]);
    return losses.reduce((a, b) => a + b, 0) / losses.length;
  };
  return {
    versus: {
      accuracy: each(TENTH, (own, wanda) => own.plain.score - wanda.plain.score),
      loss: loss(TENTH),
      ...(full && { lossOfFifth: loss(FIFTH) }),
    },
    absolute: each(TENTH, (own) => own.plain.score),
    missed: Math.max(...results.map(({ missed }) => missed)),
    early: after(EARLY) / after(0),
    late: after(Number.POSITIVE_INFINITY) / after(EARLY),
    reconstructed: each(TENTH, (own, wanda) => own.fitted.loss / wanda.fitted.loss),
  };
}

/** All results as a table, with names of the two measures. */
export const tableOf = (results: readonly Result[], loss: string, score: string) => ({
  kind: 'table' as const,
  title: 'Networks after pruning',
  columns: [...['network', 'density', 'method', loss, score], ...[`${loss}, reconstructed`, `${score}, reconstructed`]],
  rows: results.flatMap(({ network, density, methods }) =>
    [...methods].map(([name, { plain, fitted }]) => [
      ...[network, density, name, plain.loss, plain.score],
      ...[fitted.loss, fitted.score],
    ]),
  ),
});
