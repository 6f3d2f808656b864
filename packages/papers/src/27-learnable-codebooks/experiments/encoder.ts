import { packedBytes, type Tensor } from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import type { Iterate } from '@southwell/numerics/core';
import {
  type CompressedLayer,
  compressNetworkIterates,
  layersOf,
  type Network,
  packWeights,
} from 'southwell/compression';
import { experiment } from '../../define.ts';
import type { ExperimentEvent } from '../../experiment.ts';
import {
  cranfield,
  encoderModel,
  type SentencesQuality,
  sentenceEncoder,
  sentencesJudge,
  shortGlosses,
  wordnet,
} from '../../material/sentences.ts';
import { pauses } from '../../pauses.ts';
import { learn } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'Distance of vectors as layers are compressed to four bits';
const learned = {
  'k-means': { mapping: 'none', values: false },
  'values alone learned': { mapping: 'none' },
  'values and indices learned': {},
} as const;
const calibrated = {
  int8: { method: 'int8' },
  'even levels, GPTQ': { method: 'gptq', bits: locked.claims.encoder.sizes.full.bits },
  'k-means, sweep and least squares': {
    ...{ method: 'codebooks', reconstruct: true, bits: locked.claims.encoder.sizes.full.bits },
  },
} as const;
type Name = keyof typeof learned | keyof typeof calibrated;
const names = [...Object.keys(learned), ...Object.keys(calibrated)] as Name[];
const needs = [sentenceEncoder, wordnet, cranfield];
/** Sentences encoded at a time. */
const BATCH = 32;

interface Compressed {
  readonly parameters: nn.Parameters;
  readonly layers: ReadonlyArray<Pick<CompressedLayer, 'name' | 'weights'>>;
}
interface Arm extends SentencesQuality {
  readonly bytes: number;
}

/** An encoder of sentences at four bits a weight. */
export default experiment(record, {
  id: 'encoder',
  title: 'An encoder of sentences at four bits a weight',
  panels: [
    {
      title: PANEL,
      x: { label: 'compressed layers' },
      y: { label: 'squared distance over squared length, some texts' },
      series: names,
      control: 'k-means',
    },
  ],
  needs: { quick: needs, full: needs },
  claims: ['encoder'],
  method: learn,
  async *run(context, decide, method) {
    const sizes = locked.claims.encoder.sizes[context.size];
    const { bits, steps, batch: batchSize } = sizes;
    const { seed } = context;
    const pause = pauses(context);
    yield { kind: 'progress', label: 'the dense model', fraction: 0 };
    const encoder = await encoderModel(context);
    const { model } = encoder;
    const glosses = await shortGlosses(context, sizes.calibrate, sizes.longest);
    const batches = Array.from({ length: Math.ceil(glosses.length / BATCH) }, (_, k) =>
      encoder.batch(glosses.slice(k * BATCH, (k + 1) * BATCH)),
    );
    const network: Network = {
      parameters: model.parameters,
      apply: (p, x) => nn.apply(model.layer, p, x, { state: model.state }),
    };
    const chosen = layersOf(network, batches[0])
      .map(({ name }) => name)
      .filter((name) => name.includes(sizes.layers));
    const judge = await sentencesJudge(context, encoder, sizes, pause);
    const dense = await judge(model.parameters);
    const bytesOf = ({ layers }: Compressed): number => {
      const packed = new Map(layers.map(({ name, weights }) => [name, packedBytes(packWeights(weights))]));
      return Object.entries(model.parameters).reduce(
        (sum, [name, { size }]) => sum + (packed.get(name) ?? 4 * size),
        0,
      );
    };
    const rows: Array<Array<string | number>> = [['dense', 0, dense.ndcg, bytesOf({ ...model, layers: [] })]];
    const found: Partial<Record<Name, Arm>> = {};
    const arm = async function* (
      name: Name,
      iterates: Generator<Iterate<Compressed, undefined>>,
    ): AsyncGenerator<ExperimentEvent> {
      yield { kind: 'progress', label: name, fraction: (1 + Object.keys(found).length) / (1 + names.length) };
      let seen = -1;
      for (const { done, snapshot } of iterates) {
        const now = snapshot();
        if (now.layers.length > seen) {
          seen = now.layers.length;
          const { error } = await judge(now.parameters, sizes.soon);
          yield { kind: 'points', panel: PANEL, series: name, x: [seen], y: [error] };
        }
        if (done) {
          const own = { ...(await judge(now.parameters)), bytes: bytesOf(now) };
          found[name] = own;
          rows.push([name, own.error, own.ndcg, own.bytes]);
        }
        await pause();
      }
    };
    for (const [name, own] of Object.entries(learned) as Array<[keyof typeof learned, object]>) {
      const options = { bits, steps, batchSize, seed, layers: chosen, ...own };
      yield* arm(name, asCompressed(method(model, batches, options)));
    }
    const keep = (name: string): boolean => !chosen.includes(name);
    for (const [name, own] of Object.entries(calibrated) as Array<[keyof typeof calibrated, object]>) {
      if (name !== 'int8' && !sizes.rivals) continue;
      yield* arm(name, compressNetworkIterates<Tensor>(network, batches, { keep, ...own }));
    }
    const { 'k-means': means, 'values and indices learned': joint, int8 } = found as Record<Name, Arm>;
    yield decide('encoder', {
      distance: joint.error / means.error,
      ndcg: dense.ndcg - joint.ndcg,
      ...(context.size === 'full' && {
        int8: int8.ndcg - joint.ndcg,
        bytes: joint.bytes / bytesOf({ ...model, layers: [] }),
        half: joint.bytes / int8.bytes,
      }),
    });
    const columns = ['weights', 'squared distance of vectors', 'nDCG@10', 'bytes'];
    yield { kind: 'table', title: 'Encoders on titles and queries of Cranfield', columns, rows };
  },
});

function* asCompressed(iterates: ReturnType<typeof learn>): Generator<Iterate<Compressed, undefined>> {
  for (const iterate of iterates)
    yield {
      ...iterate,
      snapshot: () => {
        const { model, layers } = iterate.snapshot();
        return { parameters: model.parameters, layers };
      },
    };
}
