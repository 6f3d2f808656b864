import * as ad from '@southwell/autodiff';
import { fail, knownKeys, type OptionKeys, wholeNumber } from '@southwell/numerics/core';
import { ofLength } from './checks.ts';
import { extremeEigenvalues } from './extremes.ts';

export interface SharpnessMonitorOptions {
  /** The rate of the steps: what {@link SharpnessLook.traceShare} and `lambdaShare` are by. */
  readonly rate?: number;
  /** At which numbers of steps {@link SharpnessMonitor.look} looks: multiples of this. Default 100. */
  readonly every?: number;
  /** Examples whose gradients are held at a time, each of them as large as the parameters. Default 64. */
  readonly together?: number;
}
const monitorKeys: OptionKeys<SharpnessMonitorOptions> = { rate: true, every: true, together: true };

/** The curvature H = JᵀJ/n at a point of a run. */
export interface SharpnessLook {
  readonly step: number;
  /** tr H: the mean over examples of ‖∇f‖². */
  readonly trace: number;
  readonly lambdaMax: number;
  /** η·tr H/2: at most 1 where descent by single examples can stay. */
  readonly traceShare?: number;
  /** η·λ_max/2: at most 1 where descent by full gradients can. */
  readonly lambdaShare?: number;
}

export interface SharpnessMonitor {
  readonly history: readonly SharpnessLook[];
  /** Looks at the parameters after so many steps, where it is time to, and adds that to the history. */
  look(step: number, parameters: ArrayLike<number>): SharpnessLook | undefined;
  /** Frees the memory now. */
  free(): void;
}

/**
 * Follows the curvature of least squares along a run, H = JᵀJ/n, the Hessian where residuals are 0: its trace by the gradients of all examples, its
 * largest eigenvalue by Lanczos, and both against what a rate allows (Wu & Su, ICML 2023). Compiled once. A look costs about a gradient of
 * each example and one pass back and forth for each of the 10 to 50 products.
 *
 * @param outputs of a model: parameters and examples [n, …] give [n], a number for each.
 * @param parameters a tree of tensors like those of the run, whose numbers lie one after the other in `look`.
 * @throws INVALID_SHAPE if outputs are not a number for each example; INVALID_PARAMETER. `look` throws INVALID_SHAPE for other numbers of
 * parameters and NON_FINITE.
 */
export function sharpnessMonitor<P>(
  outputs: (parameters: P, inputs: ad.Tensor) => ad.Tensor,
  parameters: P,
  inputs: ad.Tensor,
  options: SharpnessMonitorOptions = {},
): SharpnessMonitor {
  knownKeys('sharpnessMonitor', options, monitorKeys);
  const { rate, every = 100, together = 64 } = options;
  if (rate !== undefined && !(rate > 0 && Number.isFinite(rate))) {
    fail('INVALID_PARAMETER', `rate must be a number above 0, but is ${rate}.`);
  }
  wholeNumber('every', every, 1);
  wholeNumber('together', together, 1);
  const n = inputs.shape[0] ?? 0;
  if (n === 0) fail('INVALID_SHAPE', 'There are no examples to look at.');
  const rows = Math.min(together, n);
  const part = (from: number): ad.Tensor => ad.slice(inputs, [from, from + rows]);
  const one = (p: P, x: ad.Tensor): ad.Tensor => {
    const y = outputs(p, ad.expandDims(x, 0));
    if (y.size !== 1) {
      fail('INVALID_SHAPE', `A model gives a number for each example, but this one gives [${y.shape}] for one.`);
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
        // The last part reaches back over rows that were counted.
        const start = Math.min(from, n - rows);
        write(gradients.inputs[1] as Data, part(start).data());
        gradients.run();
        // Tensor after tensor, in each of them example after example.
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
