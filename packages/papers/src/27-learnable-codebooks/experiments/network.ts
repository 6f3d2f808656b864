import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import {
  type CompressedLayer,
  type CompressOptions,
  compressNetworkIterates,
  fromCodes,
  layersOf,
  matrixOf,
  type Network,
  quantiseToGrid,
} from 'southwell/compression';
import { experiment } from '../../define.ts';
import type { ExperimentEvent } from '../../experiment.ts';
import { digitSet } from '../../material/perceptrons.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { type Arm, armOf, bitsOf, Losses, learn, type Material, materialOf } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'Training loss as layers are compressed to two bits';
const names = {
  means: 'k-means',
  joint: 'values and indices learned',
  dense: 'the same on inputs of the dense network',
  values: 'values alone learned',
  soft: 'values and indices learned, soft rule',
  linear: 'values and indices learned, linear rule',
  even: 'even levels',
  gptq: 'even levels, GPTQ',
  sweep: 'k-means, sweep',
  refit: 'k-means, sweep and least squares',
} as const;

/** All layers of a classifier of digits at two bits. */
export default experiment(record, {
  id: 'network',
  title: 'A network at two bits a weight',
  panels: [
    {
      title: PANEL,
      x: { label: 'compressed layers' },
      y: { label: 'loss on 1000 training images' },
      series: Object.values(names),
      control: names.means,
    },
  ],
  claims: ['two-bits', 'prefix'],
  method: learn,
  async *run(context, decide, method) {
    const sizes = locked.claims['two-bits'].sizes[context.size];
    const { bits, steps, batch: batchSize } = sizes;
    const pause = pauses(context);
    yield { kind: 'progress', label: 'training', fraction: 0 };
    const material = await materialOf(await digitSet(), sizes, context.seed, pause);
    const { model } = material;
    const losses = new Losses(PANEL, material);
    const all = { bits, steps, batchSize, seed: context.seed } as const;
    const own = {
      means: { mapping: 'none', values: false },
      joint: {},
      dense: { inputs: 'dense' },
      values: { mapping: 'none' },
      soft: { mapping: 'soft' },
      linear: { mapping: 'linear' },
    } as const;
    const found: Partial<Record<keyof typeof own, Arm>> = {};
    const run = async function* (which: keyof typeof own): AsyncGenerator<ExperimentEvent> {
      const fraction = Object.keys(found).length / Object.keys(own).length;
      yield { kind: 'progress', label: names[which], fraction };
      found[which] = yield* armOf(names[which], method, model, material, losses, { ...all, ...own[which] }, pause);
    };
    for (const which of ['means', 'joint', 'dense'] as const) yield* run(which);
    const { means, joint, dense } = found as Record<keyof typeof own, Arm>;
    yield decide('two-bits', { share: 1 - joint.rise / means.rise, bits: joint.bits });
    yield decide('prefix', { dense: dense.rise / joint.rise });
    for (const which of ['values', 'soft', 'linear'] as const) yield* run(which);
    for (const [which, options] of [
      ['gptq', { method: 'gptq' }],
      ['sweep', { method: 'codebooks' }],
      ['refit', { method: 'codebooks', reconstruct: true }],
    ] as const)
      yield* calibrated(names[which], material, losses, { ...options, bits }, pause);
    yield* nearestLevels(names.even, material, losses, bits);
    yield losses.table;
    const [, second] = joint.layers;
    const { codebooks, indices } = second.weights.codes;
    const picture = {
      type: 'image',
      width: second.inputs,
      height: second.outputs,
      values: Array.from(indices, (place) => codebooks[place]),
      value: 'weight',
    } as const;
    yield { kind: 'picture', title: 'The second layer with its four values', picture };
  },
});

const networkOf = ({ layer, state }: nn.Model, parameters: nn.Parameters): Network => ({
  parameters,
  apply: (p, x) => nn.apply(layer, p, x, { state }),
});

/** Methods of the library that look at second moments of the inputs. */
async function* calibrated(
  name: string,
  { model, calibrate }: Material,
  losses: Losses,
  options: CompressOptions<ad.Tensor>,
  pause: Pause,
): AsyncGenerator<ExperimentEvent> {
  const network = networkOf(model, model.parameters);
  for (const { iteration, done, snapshot } of compressNetworkIterates(network, [calibrate], options)) {
    const { layers, parameters } = snapshot();
    const now = { ...model, parameters };
    yield losses.point(name, iteration, now);
    if (done) losses.rise(name, now, bitsOf(layers));
    await pause();
  }
}

/** Evenly spaced levels for each output, and the nearest of them. */
function* nearestLevels(
  name: string,
  { model, calibrate }: Material,
  losses: Losses,
  bits: number,
): Generator<ExperimentEvent> {
  const parameters: Record<string, ad.Tensor> = { ...model.parameters };
  const now = { ...model, parameters };
  yield losses.point(name, 0, now);
  const few = ad.slice(calibrate, [0, 1]);
  const layers: CompressedLayer[] = [];
  for (const [i, layer] of layersOf(networkOf(model, model.parameters), few).entries()) {
    const W = matrixOf(layer, model.parameters[layer.name]);
    const codes = quantiseToGrid(W, { bits });
    layers.push({ ...layer, weights: { kind: 'coded', codes }, error: Number.NaN });
    const rounded = fromCodes(codes);
    const values = new Float32Array(rounded.data.length);
    for (let r = 0; r < layer.outputs; r++)
      for (let c = 0; c < layer.inputs; c++) values[r * layer.inputs + c] = rounded.get(r, c);
    parameters[layer.name] = ad.tensor(values, { shape: [layer.outputs, layer.inputs] });
    W.free();
    rounded.free();
    yield losses.point(name, i + 1, now);
  }
  losses.rise(name, now, bitsOf(layers));
}
