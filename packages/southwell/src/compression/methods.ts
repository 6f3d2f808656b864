import type { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { factorizeSparseIterates } from './armor/factorize.ts';
import type { CompressedWeights } from './compressed.ts';
import { quantiseToGrid } from './grid.ts';
import { learnByMoments } from './learned/byMoments.ts';
import type { Pattern } from './masks.ts';
import type { InputMoments } from './moments.ts';
import { type PruneMethod, pruneWeights } from './prune.ts';
import { quantiseRows, quantiseToCodebooks } from './quantise.ts';

/** What methods are told of a layer. */
export interface Settings {
  /** Of methods that prune. */
  readonly pattern: Pattern;
  /** Of methods that quantise, from 1 to 8. */
  readonly bits: number;
  /** Codebooks of a layer, each of a run of its outputs. */
  readonly groups: number;
  /** Of factored weights: the size of their blocks, and steps of their fit. */
  readonly blockSize: number;
  readonly steps: number;
  readonly seed: number;
  /** Which weights stay, column after column, where that was decided before. */
  readonly mask?: Uint8Array;
}

/** A way to compress the weights of one layer. */
export interface CompressionMethod {
  readonly title: string;
  /** What it needs to know of the inputs. */
  readonly moments: 'none' | 'diagonal' | 'full';
  /** What it makes: numbers of few bits, which suits tables too, or zeros. */
  readonly makes: 'bits' | 'zeros';
  /** The settings that it reads. */
  readonly reads: ReadonlyArray<keyof Settings>;
  /**
   * The weights, or steps to them, which yield the share of the work that is done. `moments` are absent for tables, whose rows
   * are looked up.
   */
  compress(
    W: DenseMatrix,
    settings: Settings,
    moments: InputMoments | undefined,
  ): CompressedWeights | Generator<number, CompressedWeights>;
}

/** Inputs that all count alike, for methods that do not look at them. */
const alike = (columns: number): InputMoments => ({
  samples: 1,
  diagonal: new Float64Array(columns).fill(1),
  full: undefined,
});

const pruning = (title: string, method: PruneMethod, moments: CompressionMethod['moments']): CompressionMethod => ({
  ...{ title, moments, makes: 'zeros', reads: ['pattern'] },
  compress(W, { pattern }, given) {
    const { weights, mask } = pruneWeights(W, given ?? alike(W.cols), { method, pattern });
    const values = weights.data.slice();
    weights.free();
    const group = 'keep' in pattern ? { group: pattern } : {};
    return { kind: 'pruned', rows: W.rows, columns: W.cols, values, mask, ...group };
  },
});

/** The methods by name. */
export const compressionMethods = {
  int8: {
    ...{ title: 'Eight bits, a scale for each output', moments: 'none', makes: 'bits', reads: [] },
    compress: (W) => ({ kind: 'scaled', scaled: quantiseRows(W) }),
  },
  gptq: {
    ...{ title: 'GPTQ: evenly spaced levels', moments: 'full', makes: 'bits', reads: ['bits'] },
    compress: (W, { bits }, moments) => ({ kind: 'coded', codes: quantiseToGrid(W, { bits }, moments) }),
  },
  codebooks: {
    ...{ title: 'Codebooks', moments: 'full', makes: 'bits', reads: ['bits', 'groups'] },
    compress: (W, { bits, groups }, moments) => ({
      kind: 'coded',
      codes: quantiseToCodebooks(W, { bits, groups: Math.min(groups, W.rows) }, moments),
    }),
  },
  jlcm: {
    title: 'JLCM: learned codebooks',
    ...{ moments: 'full', makes: 'bits', reads: ['bits', 'groups'] },
    *compress(W, settings, moments) {
      const options = { bits: settings.bits, groups: Math.min(settings.groups, W.rows) };
      // Of a table k-means is what learning would come to.
      const codes = moments ? yield* learnByMoments(W, options, moments) : quantiseToCodebooks(W, options);
      return { kind: 'coded', codes };
    },
  },
  magnitude: pruning('Largest weights', 'magnitude', 'none'),
  wanda: pruning('Wanda: weights times inputs', 'wanda', 'diagonal'),
  nowag: pruning('NoWag-P: normalised weights times inputs', 'nowag', 'diagonal'),
  sparsegpt: pruning('SparseGPT: others make up for those removed', 'sparsegpt', 'full'),
  icbs: {
    ...{
      title: 'iCBS: blocks of weights by a model of the loss',
      moments: 'diagonal',
      makes: 'zeros',
      reads: ['mask'],
    },
    compress(W, { mask }) {
      if (!mask) return fail('INVALID_PARAMETER', 'The method icbs needs masks, such as those of pruneIterative.');
      const values = W.data.map((w, i) => (mask[i] === 1 ? w : 0));
      return { kind: 'pruned', rows: W.rows, columns: W.cols, values, mask };
    },
  },
  armor: {
    title: 'ARMOR: block-diagonal times sparse times block-diagonal',
    ...{ moments: 'diagonal', makes: 'zeros', reads: ['pattern', 'blockSize', 'steps', 'seed'] },
    *compress(W, { pattern, blockSize, steps, seed }, moments) {
      if (!('keep' in pattern))
        return fail('INVALID_PARAMETER', 'The method armor keeps weights by groups, such as 2:4, and not by density.');
      const options = { blockSize, steps, seed, keep: pattern.keep, of: pattern.of };
      for (const { iteration, done, snapshot } of factorizeSparseIterates(W, moments ?? alike(W.cols), options)) {
        if (done) return { kind: 'factored', factors: snapshot() };
        yield iteration / steps;
      }
      return fail('NUMERICAL', 'The method armor ended without factors.');
    },
  },
} as const satisfies Readonly<Record<string, CompressionMethod>>;

export type CompressionMethodName = keyof typeof compressionMethods;
