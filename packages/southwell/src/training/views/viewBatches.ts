import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { Random } from '@southwell/numerics/core';
import type { ParameterRange, StochasticProblem } from '../../optimisers/index.ts';
import { emptyBatch, fillBatch } from '../examples.ts';
import { parameterRanges } from '../programs.ts';
import { lastMatrix, type ViewParts } from './encoders.ts';
import { eyLoss } from './eyLoss.ts';

type Flat = Float32Array | Float64Array;

export interface ViewBatchesOptions {
  readonly layers: readonly nn.Layer[];
  /** Parameters of all networks, with names prefixed by the number of the view. */
  readonly parameters: nn.Parameters;
  readonly shared: boolean;
  readonly ridge: readonly number[];
  readonly twoBatches: boolean;
  readonly batchSize: number;
  readonly dtype: nn.Precision;
  readonly seed: number;
  /** The first step, from 0. */
  readonly step: number;
}

/** The random stream of second batches is separate from the order of the rows. */
const SECOND = 0x7ffffff3;

/** The parameters of the network of a view, without the prefix. */
export function ownParameters(all: nn.Parameters, view: number): nn.Parameters {
  const start = `${view}.`;
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, p]) => (name.startsWith(start) ? [[name.slice(start.length), p]] : [])),
  );
}

/** Initial parameters of the networks, or of the one that all views share. O(parameters). */
export const firstParameters = (
  layers: readonly nn.Layer[],
  { shared, seed, dtype }: Pick<ViewBatchesOptions, 'shared' | 'seed' | 'dtype'>,
): nn.Parameters =>
  Object.fromEntries(
    layers.slice(0, shared ? 1 : layers.length).flatMap((layer, v) => {
      const own = nn.init(layer, ad.foldIn(ad.randomKey(seed), v), { dtype });
      return Object.entries(own).map(([name, p]) => [`${v}.${name}`, p]);
    }),
  );

/**
 * Settings of the parameters: as for each network alone, whose last matrix is excluded by Muon and similar optimisers.
 */
export const viewRanges = (layers: readonly nn.Layer[], parameters: nn.Parameters): ParameterRange[] => {
  const last = new Set(layers.map((layer, v) => `${v}.${lastMatrix(layer, v + 1)}`));
  return parameterRanges(parameters, (name, shape) =>
    shape.length < 2 ? {} : { orthogonal: !last.has(name) && !/\.(embedding|positions)\.weight$/.test(name) },
  );
};

/** The Eckart–Young loss of networks over batches of rows, as needed by `stochasticIterates`. */
export class ViewBatches implements StochasticProblem {
  readonly examples: number;
  private readonly program;
  private readonly key: ad.Tensor;
  private readonly random: Random;
  private step: number;

  constructor(
    private readonly views: ViewParts,
    private readonly options: ViewBatchesOptions,
  ) {
    const { layers, parameters, shared, ridge, twoBatches, batchSize, dtype, seed } = options;
    this.examples = views.rows;
    this.step = options.step;
    this.key = ad.foldIn(ad.randomKey(seed), 1);
    this.random = new Random(seed).split(SECOND);
    const of = (v: number) => (shared ? 0 : v);
    const codes = (p: nn.Parameters, batch: readonly ad.Tensor[], key: ad.Tensor, which: number) =>
      batch.map((x, v) =>
        nn.apply(layers[v], ownParameters(p, of(v)), x, { train: true, key: ad.foldIn(key, 2 * v + which) }),
      );
    const loss = (p: nn.Parameters, first: readonly ad.Tensor[], second: readonly ad.Tensor[], key: ad.Tensor) =>
      eyLoss(codes(p, first, key, 0), {
        ...(twoBatches && { second: codes(p, second, key, 1) }),
        ...{ ridge, weights: layers.map((layer, v) => p[`${of(v)}.${lastMatrix(layer, v + 1)}`]) },
      });
    const empty = () => views.parts.map((part) => emptyBatch(part, batchSize, dtype));
    this.program = ad.compile(ad.valueAndGrad(loss)).prepare(parameters, empty(), twoBatches ? empty() : [], this.key);
  }

  get parameters(): Flat {
    return this.program.inputs[0].data as Flat;
  }

  get gradient(): Flat {
    return this.program.outputs[1].data as Flat;
  }

  evaluate(batch: Int32Array): number {
    const { program, views, options } = this;
    this.fill(1, batch);
    if (options.twoBatches) this.fill(2, this.random.split(this.step).sample(views.rows, batch.length));
    program.inputs[3].data.set(ad.foldIn(this.key, this.step).data());
    program.run();
    this.step++;
    return program.outputs[0].data[0];
  }

  /** Writes the rows of a batch of all views, one view after the other. */
  private fill(input: number, batch: Int32Array): void {
    const { data } = this.program.inputs[input];
    let at = 0;
    for (const part of this.views.parts) {
      const size = batch.length * part.shape.reduce((a, b) => a * b, 1);
      fillBatch(data.subarray(at, at + size), part, batch);
      at += size;
    }
  }

  free(): void {
    this.program.free();
  }
}
