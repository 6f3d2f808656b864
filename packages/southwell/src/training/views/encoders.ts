import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { asMatrix, checkFinite, type MatrixLike } from '@southwell/numerics/arrays';
import { fail, wholeNumber } from '@southwell/numerics/core';
import { type Part, sizeOf } from '../examples.ts';
import { outputsOf } from '../programs.ts';

/** A perceptron whose last layer is linear. */
export function perceptron(
  width: number,
  hidden: readonly number[],
  outputs: number,
  name: nn.ActivationName,
): nn.Layer {
  const sizes = [width, ...hidden];
  return nn.sequential([
    ...hidden.flatMap((units, k) => [nn.linear({ in: sizes[k], out: units }), nn.activation({ name })]),
    nn.linear({ in: sizes[hidden.length], out: outputs }),
  ]);
}

/**
 * The name of the weight matrix of a model's last layer.
 * @throws INVALID_PARAMETER if that layer is not linear.
 */
export function lastMatrix(layer: nn.Layer, view: number, path = ''): string {
  if (layer.kind === 'linear') return `${path}weight`;
  if (layer.kind === 'sequential') {
    const last = Object.entries(layer.layers as Readonly<Record<string, nn.Layer>>).at(-1);
    if (last) return lastMatrix(last[1], view, `${path}${last[0]}.`);
  }
  return fail(
    'INVALID_PARAMETER',
    `The last layer of the encoder of view ${view} must be linear, so that its outputs are unbounded, but is ${layer.kind}.`,
  );
}

/** Views as inputs of networks: contiguous rows, each an example of the given shape. */
export interface ViewParts {
  readonly rows: number;
  readonly parts: readonly Part[];
}

/**
 * Checks and copies views. O(values).
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE.
 */
export function viewParts(
  name: string,
  input: readonly MatrixLike[],
  dtype: nn.Precision,
  shapes?: ReadonlyArray<readonly number[]>,
): ViewParts {
  if (!Array.isArray(input) || input.length < 2)
    fail('EMPTY', `${name} must be an array of at least two matrices with the same rows.`);
  if (shapes && shapes.length !== input.length)
    fail('INVALID_SHAPE', `There are ${shapes.length} shapes for ${input.length} views.`);
  let rows = 0;
  const parts = input.map((given: MatrixLike, v): Part => {
    const { count, part } = viewPart(`View ${v + 1} of ${name}`, given, dtype, shapes?.[v]);
    if (v === 0) rows = count;
    if (count !== rows) fail('INVALID_SHAPE', `View 1 of ${name} has ${rows} rows, but view ${v + 1} has ${count}.`);
    return part;
  });
  return { rows, parts };
}

/**
 * One view, checked and copied. O(values).
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE.
 */
export function viewPart(
  name: string,
  given: MatrixLike,
  dtype: nn.Precision,
  shape?: readonly number[],
): { readonly count: number; readonly part: Part } {
  const any = asMatrix(given);
  const X = any.kind === 'dense' ? any : any.toDense();
  const { rows, cols, data } = X;
  if (rows === 0 || cols === 0) fail('EMPTY', `${name} is ${rows} × ${cols}.`);
  checkFinite(X, `${name[0].toLowerCase()}${name.slice(1)}`);
  if (shape && sizeOf(shape) !== cols)
    fail('INVALID_SHAPE', `${name} has ${cols} columns, but the shape [${shape}] needs ${sizeOf(shape)}.`);
  const values = new (dtype === 'f64' ? Float64Array : Float32Array)(rows * cols);
  for (let j = 0; j < cols; j++) for (let i = 0; i < rows; i++) values[i * cols + j] = data[j * rows + i];
  if (X !== given) X.free();
  if (any !== X && any !== given) any.free();
  return { count: rows, part: { values, shape: shape ?? [cols] } };
}

/** @throws INVALID_PARAMETER for a view whose rows are all equal. */
export function checkVaries({ rows, parts }: ViewParts): void {
  parts.forEach(({ values, shape }, v) => {
    const size = sizeOf(shape);
    if (values.every((value, at) => at < size || value === values[at - size])) {
      fail('INVALID_PARAMETER', `All ${rows} rows of view ${v + 1} are equal: it has no correlations. Leave it out.`);
    }
  });
}

export interface EncoderOptions {
  readonly components?: number;
  readonly encoders?: readonly nn.Layer[];
  readonly hidden?: readonly number[];
  readonly activation?: nn.ActivationName;
  readonly shared?: boolean;
}

/**
 * A checked model for each view, and the number of outputs.
 * @throws INVALID_PARAMETER, INVALID_SHAPE.
 */
export function encodersOf(
  { parts }: ViewParts,
  { components, encoders, hidden = [128, 128], activation = 'relu', shared = false }: EncoderOptions,
  dtype: nn.Precision,
): { readonly layers: readonly nn.Layer[]; readonly width: number } {
  if (components !== undefined) wholeNumber('components', components, 1);
  if (shared && parts.some(({ shape }) => sizeOf(shape) !== sizeOf(parts[0].shape)))
    fail('INVALID_SHAPE', 'With shared all views must have the same number of columns.');
  if (!encoders) {
    for (const units of hidden) wholeNumber('Units of hidden layers', units, 1);
    const width = components ?? 1;
    return { layers: parts.map(({ shape }) => perceptron(sizeOf(shape), hidden, width, activation)), width };
  }
  const wanted = shared ? 1 : parts.length;
  if (encoders.length !== wanted)
    fail(
      'INVALID_PARAMETER',
      `There are ${encoders.length} encoders for ${parts.length} views: there must be ${shared ? 'one, which is shared' : 'one for each'}.`,
    );
  const layers = parts.map((_, v) => nn.checkArchitecture(encoders[shared ? 0 : v]));
  const widths = layers.map((layer, v) => {
    lastMatrix(layer, v + 1);
    if (Object.keys(nn.initState(layer)).length > 0)
      fail(
        'INVALID_PARAMETER',
        `The encoder of view ${v + 1} has batch norms, which are not supported: two batches per step would mix their statistics.`,
      );
    const any = nn.init(layer, ad.randomKey(0), { dtype });
    const { shape } = outputsOf(
      layer,
      any,
      { ...parts[v], values: parts[v].values.slice(0, sizeOf(parts[v].shape)) },
      1,
    );
    if (shape.length !== 1)
      fail('INVALID_SHAPE', `The encoder of view ${v + 1} has outputs of shape [${shape}], but they must be vectors.`);
    return shape[0];
  });
  const unlike = widths.findIndex((width) => width !== widths[0]);
  if (unlike >= 0)
    fail(
      'INVALID_SHAPE',
      `Encoders must have the same number of outputs, but that of view 1 has ${widths[0]} and that of view ${unlike + 1} ${widths[unlike]}.`,
    );
  if (components !== undefined && components > widths[0])
    fail(
      'INVALID_PARAMETER',
      `components must be at most ${widths[0]}, the number of units of the last layers, but is ${components}.`,
    );
  return { layers, width: widths[0] };
}
