import * as ad from '@southwell/autodiff';
import type { Parameters } from '@southwell/autodiff/nn';
import { fail, type Random } from '@southwell/numerics/core';
import { calibrate } from '../networks/calibrate.ts';
import { type LayerWeights, layersOf } from '../networks/layers.ts';

/** A network with its loss. */
export interface LossNetwork {
  readonly parameters: Parameters;
  /** The loss of each of n examples, [n]. */
  losses(parameters: Parameters, inputs: ad.Tensor, targets: ad.Tensor): ad.Tensor;
}

/** Examples, one for each entry of the first axis. */
export interface LossExamples {
  readonly inputs: ad.Tensor;
  readonly targets: ad.Tensor;
}

/** By what weights are compared. */
export const SCORES = {
  magnitude: 'size of the weight',
  wanda: 'size times the norm of its input',
  gradient: 'size times its gradient',
  random: 'none',
} as const;

/** A layer that is pruned. */
export interface PrunableLayer extends LayerWeights {
  readonly original: Float64Array;
  /** 1 where a weight stays. */
  readonly mask: Uint8Array;
  /** Weights that were in a block lately, the oldest first. */
  tabu: number[];
}

export type Batch = readonly [inputs: ad.Tensor, targets: ad.Tensor];

/** Rows of a tensor. */
const rowsOf = (x: ad.Tensor, rows: readonly number[]): ad.Tensor =>
  ad.take(x, ad.tensor(Int32Array.from(rows), { shape: [rows.length] }), 0);

/** A network that is being pruned: its parameters as they are now, and its layers. */
export class Pruning {
  readonly layers: readonly PrunableLayer[];
  readonly parameters: Record<string, ad.Tensor>;
  /** The first batch, on which weights are chosen at first. */
  readonly first: Batch;
  private readonly count: number;

  /** @throws as pruneIterative. */
  constructor(
    readonly network: LossNetwork,
    private readonly examples: LossExamples,
    private readonly random: Random,
    private readonly batchSize: number,
    names: readonly string[] | undefined,
  ) {
    const { inputs, targets } = examples;
    this.count = inputs.shape[0] ?? 0;
    if (this.count === 0 || targets.shape[0] !== this.count)
      fail(
        'INVALID_SHAPE',
        `pruneIterative needs as many targets as inputs, not ${targets.shape[0]} for ${this.count}.`,
      );
    this.parameters = { ...network.parameters };
    this.first = this.batch();
    const found = layersOf(this.watched(), this.first).filter(({ use }) => use !== 'table');
    const wanted = names ?? found.map(({ name }) => name);
    const stray = wanted.find((name) => !found.some((layer) => layer.name === name));
    if (stray !== undefined)
      fail('INVALID_PARAMETER', `pruneIterative: '${stray}' is not a matrix that inputs are multiplied by.`);
    if (wanted.length === 0) fail('EMPTY', 'pruneIterative: the network has no matrix that inputs are multiplied by.');
    this.layers = found
      .filter(({ name }) => wanted.includes(name))
      .map((layer) => {
        const original = Float64Array.from(network.parameters[layer.name].data());
        const bad = original.findIndex((w) => !Number.isFinite(w));
        if (bad >= 0) fail('NON_FINITE', `pruneIterative: weight ${bad} of '${layer.name}' is ${original[bad]}.`);
        return { ...layer, original, mask: new Uint8Array(original.length).fill(1), tabu: [] };
      });
  }

  private watched() {
    return {
      parameters: this.parameters,
      apply: (p: Parameters, [x, y]: Batch) => this.network.losses(p, x, y),
    };
  }

  /** Examples at random, each at most once. */
  batch(): Batch {
    const { count, random } = this;
    const rows = Array.from({ length: count }, (_, i) => i);
    const size = Math.min(this.batchSize, count);
    for (let i = 0; i < size; i++) {
      const j = i + Math.floor(random.uniform() * (count - i));
      [rows[i], rows[j]] = [rows[j], rows[i]];
    }
    const some = rows.slice(0, size);
    return [rowsOf(this.examples.inputs, some), rowsOf(this.examples.targets, some)];
  }

  /** The share of the examples in a batch. */
  get share(): number {
    return Math.min(1, this.batchSize / this.count);
  }

  /** The mean loss of a batch. */
  loss(batch: Batch): number {
    return this.mean(this.parameters, ...batch).item();
  }
  private readonly mean = ad.compile((p: Parameters, x: ad.Tensor, y: ad.Tensor) =>
    ad.mean(this.network.losses(p, x, y)),
  );

  /** Gives a layer the weights of its mask. */
  put({ name, original, mask }: PrunableLayer): void {
    const { shape } = this.network.parameters[name];
    const values = Float32Array.from(original, (w, i) => (mask[i] === 1 ? w : 0));
    this.parameters[name] = ad.tensorOver(values, shape);
  }

  /** Scores of the weights of dense layers, those removed included, with inputs and gradients of the present network. */
  scores(layers: readonly PrunableLayer[], by: keyof typeof SCORES, batch: Batch): ReadonlyArray<Float64Array> {
    const { parameters, network, random } = this;
    if (by === 'wanda') {
      const moments = calibrate(this.watched(), [batch], layers, { full: false });
      return layers.map(({ original, name, turned, inputs, outputs }) => {
        const { diagonal } = moments.get(name)!;
        return original.map((w, i) => Math.abs(w) * Math.sqrt(diagonal[turned ? Math.floor(i / outputs) : i % inputs]));
      });
    }
    return layers.map(({ original, name }) => {
      if (by === 'random') return original.map(() => random.uniform());
      if (by === 'magnitude') return original.map(Math.abs);
      const slope = ad.grad((w: ad.Tensor) => ad.mean(network.losses({ ...parameters, [name]: w }, ...batch)));
      const data = slope(parameters[name]).data();
      return original.map((w, i) => Math.abs(w * data[i]));
    });
  }

  /** Removes the weights of least score of every layer. */
  start(by: keyof typeof SCORES, density: number): void {
    const all = this.scores(this.layers, by, this.first);
    for (const [l, { mask }] of this.layers.entries()) {
      const scores = all[l];
      const order = Array.from(scores.keys()).sort((a, b) => scores[a] - scores[b] || a - b);
      for (const i of order.slice(0, order.length - Math.round(density * order.length))) mask[i] = 0;
    }
  }
}
