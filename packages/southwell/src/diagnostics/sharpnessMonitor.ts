import * as ad from '@southwell/autodiff';
import { checkOptions, fail, integerOption, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { ofLength } from './checks.ts';
import { extremeEigenvalues } from './extremes.ts';

const monitorRecords = {
  /** The learning rate, used for {@link SharpnessLook.traceShare} and `lambdaShare`. */
  rate: numberOption({ min: 0, open: true, finite: true }),
  /** Interval of steps at which {@link SharpnessMonitor.look} measures. Default 100. */
  every: integerOption({ min: 1 }),
  /** Number of examples whose gradients are stored at a time, each as large as the parameters. Default 64. */
  together: integerOption({ min: 1 }),
};

export interface SharpnessMonitorOptions extends OptionsOf<typeof monitorRecords> {}

/** The curvature H = JᵀJ/n at a point of a run. */
export interface SharpnessLook {
  readonly step: number;
  /** tr H: the mean over examples of ‖∇f‖². */
  readonly trace: number;
  readonly lambdaMax: number;
  /** η·tr H/2: at most 1 if SGD with single examples is stable. */
  readonly traceShare?: number;
  /** η·λ_max/2: at most 1 if full gradient descent is stable. */
  readonly lambdaShare?: number;
}

export interface SharpnessMonitor {
  readonly history: readonly SharpnessLook[];
  /** Measures at the parameters after a number of steps, if due, and adds the result to the history. */
  look(step: number, parameters: ArrayLike<number>): SharpnessLook | undefined;
  /** Frees the memory. */
  free(): void;
}

/**
 * Monitors the curvature of least squares during a run, H = JᵀJ/n, the Hessian if residuals are 0: its trace by the
 * gradients of all examples, its largest eigenvalue by Lanczos, and both relative to the stability limits of a learning
 * rate (Wu & Su, ICML 2023). Compiled once. A measurement costs about one gradient of each example and one forward and
 * backward pass for each of 10 to 50 products.
 *
 * @param outputs of a model: parameters and examples [n, …] give [n], a number for each.
 * @param parameters a tree of tensors like those of the run, whose values are concatenated in `look`.
 * @throws INVALID_SHAPE if outputs are not a number for each example; INVALID_PARAMETER. `look` throws INVALID_SHAPE
 * for another number of parameters and NON_FINITE.
 */
export function sharpnessMonitor<P>(
  outputs: (parameters: P, inputs: ad.Tensor) => ad.Tensor,
  parameters: P,
  inputs: ad.Tensor,
  options: SharpnessMonitorOptions = {},
): SharpnessMonitor {
  checkOptions('sharpnessMonitor', monitorRecords, options);
  const { rate, every = 100, together = 64 } = options;
  const n = inputs.shape[0] ?? 0;
  if (n === 0) fail('INVALID_SHAPE', 'There are no examples.');
  const rows = Math.min(together, n);
  const part = (from: number): ad.Tensor => ad.slice(inputs, [from, from + rows]);
  const one = (p: P, x: ad.Tensor): ad.Tensor => {
    const y = outputs(p, ad.expandDims(x, 0));
    if (y.size !== 1) {
      fail(
        'INVALID_SHAPE',
        `A model must return a number for each example, but this one returns [${y.shape}] for one.`,
      );
    }
    return ad.sum(y);
  };
  const gradients = ad
    .compile((p: P, x: ad.Tensor) => ad.vmap(ad.grad(one), { axes: [null, 0] })(p, x))
    .prepare(parameters, part(0));
  const place = gradients.inputs[0];
  const widths = ad.leavesOf(parameters).map((t) => t.size);
  const size = widths.reduce((a, b) => a + b, 0);
  const each = new Float64Array(rows * size);
  const flat = (p: P, x: ad.Tensor) => ad.reshape(outputs(p, x), [n]);
  const along = ad.mapTree((t) => ad.mul(t, 0), parameters);
  const tree = place.tree as P;
  const forward = ad
    .compile((d: P, p: P, x: ad.Tensor) => ad.jvp((q: P) => flat(q, x), [p], [d])[1])
    .prepare(along, tree, inputs);
  const weights = ad.full([n], 0, ad.leavesOf(parameters)[0].dtype as 'f32' | 'f64');
  const backward = ad
    .compile((u: ad.Tensor, p: P, x: ad.Tensor) => ad.vjp((q: P) => flat(q, x), p)[1](u)[0])
    .prepare(weights, tree, inputs);
  type Data = { readonly data: ArrayLike<number> & { set(values: ArrayLike<number>, at?: number): void } };
  const write = (at: Data, values: ArrayLike<number>) => at.data.set(values);
  const history: SharpnessLook[] = [];
  return {
    history,
    look(step, point) {
      if (step % every !== 0) return undefined;
      ofLength('point', point, size);
      write(place as Data, point);
      let trace = 0;
      for (let from = 0; from < n; from += rows) {
        // The last chunk overlaps rows that were counted before.
        const start = Math.min(from, n - rows);
        write(gradients.inputs[1] as Data, part(start).data());
        gradients.run();
        // Tensor by tensor, within each example by example.
        let at = 0;
        for (const { data } of gradients.outputs as ReadonlyArray<{ readonly data: ArrayLike<number> }>) {
          each.set(data, at);
          at += data.length;
        }
        at = 0;
        for (const width of widths) {
          for (let k = at + (from - start) * width; k < at + rows * width; k++) trace += each[k] * each[k];
          at += rows * width;
        }
      }
      trace /= n;
      if (!Number.isFinite(trace))
        fail('NON_FINITE', `The gradients of the examples are not finite after ${step} steps.`);
      const { largest } = extremeEigenvalues(
        (v, out) => {
          write(forward.inputs[0] as Data, v);
          forward.run();
          write(backward.inputs[0] as Data, forward.outputs[0].data as ArrayLike<number>);
          backward.run();
          let at = 0;
          for (const { data } of backward.outputs) for (let k = 0; k < data.length; k++) out[at++] = data[k] / n;
        },
        size,
        { largest: 1, smallest: 0, tol: 1e-5, maxProducts: Math.min(size, 100) },
      );
      const lambdaMax = largest[0].value;
      const look = {
        ...{ step, trace, lambdaMax },
        ...(rate !== undefined && { traceShare: (rate * trace) / 2, lambdaShare: (rate * lambdaMax) / 2 }),
      };
      history.push(look);
      return look;
    },
    free() {
      for (const program of [gradients, forward, backward]) program.free();
    },
  };
}
