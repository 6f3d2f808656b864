import { calibrate, layersOf, matrixOf } from 'southwell/compression';
import { experiment } from '../../define.ts';
import { cranfield, sentenceEncoder, wordnet } from '../../material/sentences.ts';
import { pauses } from '../../pauses.ts';
import { type Emit, streamed } from '../../streamed.ts';
import { fitted } from '../lab.ts';
import { locked } from '../locked.ts';
import { encoder } from '../models.ts';
import { record } from '../record.ts';

const needs = [sentenceEncoder, wordnet, cranfield];
const LOSS = 'Loss by steps';
const NOWAG = 'NoWag-P';
const nameOf = (blockSize: number): string => `blocks of ${blockSize}`;

/** ARMOR on the largest matrix of an encoder of sentences. */
export default experiment(record, {
  id: 'layer',
  title: 'A feed-forward matrix of an encoder',
  needs: { quick: needs, full: needs },
  panels: [
    {
      title: LOSS,
      x: { label: 'steps' },
      y: { label: 'loss relative to that of zero weights', log: true },
      series: [...locked.claims['real-layer'].sizes.full.blocks.map(nameOf), NOWAG],
      control: NOWAG,
    },
  ],
  claims: ['real-layer'],
  method: fitted,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const { steps, blocks, calibrate: count } = locked.claims['real-layer'].sizes[context.size];
    yield { kind: 'progress', label: 'inputs of the layer', fraction: 0 };
    const sizes = { layers: 1, calibrate: count, documents: 1, queries: 1, inputs: 'dense' } as const;
    const { parameters, apply, batches, keep } = await encoder(context, sizes, pause);
    const network = { parameters, apply };
    const layer = layersOf(network, batches[0]).find(({ name }) => !keep(name))!;
    const W = matrixOf(layer, parameters[layer.name]);
    const { diagonal: h } = calibrate(network, batches, [layer], { full: false }).get(layer.name)!;
    const losses = yield* streamed(async (emit: Emit) => {
      const start = await fitted({ W, h }, { blockSize: blocks[0], steps: 0 }, () => {}, pause);
      emit({ kind: 'points', panel: LOSS, series: NOWAG, x: [0, steps], y: [start.loss, start.loss] });
      const found: number[] = [];
      for (const blockSize of blocks) {
        const each = (step: number, loss: number): void =>
          emit({ kind: 'points', panel: LOSS, series: nameOf(blockSize), x: [step], y: [loss] });
        const { loss } = await method({ W, h }, { blockSize, steps, seed: context.seed }, each, pause);
        found.push(loss / start.loss);
      }
      return found;
    });
    W.free();
    const [small, large] = losses;
    yield decide('real-layer', { small, ...(context.size === 'full' && { large }) });
    yield {
      kind: 'table',
      title: `Losses of ${layer.name}, ${layer.outputs} × ${layer.inputs}`,
      columns: ['blocks of', 'loss over that of NoWag-P', 'numbers of the wrappers over those of the matrix'],
      rows: blocks.map((b, k) => [b, losses[k], (b * (layer.outputs + layer.inputs)) / (layer.outputs * layer.inputs)]),
    };
  },
});
