import { expect, test } from 'vitest';
import * as ad from '../../index.ts';
import * as nn from '../index.ts';
import { fileBytes, infoBytes, nodeBytes, tensorBytes } from './messages.ts';

const floats = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

/** Two products and a convolution's worth of tensors, with what there is to say of them. */
const file = (opset = 17, last = 'Tanh'): Uint8Array =>
  fileBytes(
    {
      nodes: [
        nodeBytes('MatMul', 'first', ['x', 'w'], ['a'], {}),
        nodeBytes('Add', 'shift', ['a', 'b'], ['c'], {}),
        nodeBytes('MatMul', 'second', ['c', 'twin'], ['d'], {}),
        nodeBytes(last, 'last', ['d'], ['y'], {}),
      ],
      initialisers: [
        tensorBytes('w', 'f32', [2, 2], floats([3, 0, 0, 4])),
        tensorBytes('b', 'f32', [2], floats([Number.NaN, 0])),
        tensorBytes('twin', 'f32', [2, 2], floats([3, 0, 0, 4])),
      ],
      inputs: [infoBytes('x', 'f32', ['n', 2])],
      outputs: [infoBytes('y', 'f32', ['n', 2])],
    },
    opset,
  );

test('nodes with shapes, tensors with zeros, NaN, duplicates and singular values', () => {
  const { nodes, tensors, missing, notes, opset, producer, metadata } = nn.inspectOnnx(file());
  expect(metadata).toEqual({});
  expect({ missing, notes, opset, producer }).toEqual({ missing: [], notes: [], opset: 17, producer: 'southwell' });
  expect(nodes[0]).toEqual({
    ...{ name: 'first', op: 'MatMul', inputs: ['x', 'w'], outputs: ['a'], tensors: ['w'] },
    ...{ numbers: 4, bytes: 16, shape: [1, 2] },
  });
  expect(nodes.map(({ op, shape }) => [op, shape])).toEqual([
    ['MatMul', [1, 2]],
    ['Add', [1, 2]],
    ['MatMul', [1, 2]],
    ['Tanh', [1, 2]],
  ]);
  const [w, b, twin] = tensors;
  expect(w).toMatchObject({ name: 'w', type: 'f32', shape: [2, 2], size: 4, bytes: 16, zeros: 2, notFinite: 0 });
  expect(w.largestSingular).toBeCloseTo(4, 5);
  expect(w.stableRank).toBeCloseTo(25 / 16, 5);
  expect(b).toMatchObject({ zeros: 1, notFinite: 1 });
  expect(twin.duplicateOf).toBe('w');
});

test('largest singular values of matrices of any form', () => {
  for (const shape of [
    [5, 3],
    [3, 5],
    [4, 2, 3, 1],
  ]) {
    const values = ad.randomNormal(ad.randomKey(shape.length), shape, 'f32');
    const nodes = [nodeBytes('Identity', '', ['w'], ['y'], {})];
    const bytes = fileBytes(
      {
        nodes,
        initialisers: [tensorBytes('w', 'f32', shape, floats([...values.data()]))],
        inputs: [],
        outputs: [infoBytes('y', 'f32', null)],
      },
      17,
    );
    const matrix = ad.cast(ad.reshape(values, [shape[0], -1]), 'f64');
    const [, singular] = ad.svd(matrix.shape[0] < matrix.shape[1] ? ad.transpose(matrix) : matrix);
    const expected = singular.data()[0];
    expect(nn.inspectOnnx(bytes).tensors[0].largestSingular).toBeCloseTo(expected, 4);
  }
});

test('what cannot be run is inspected all the same', () => {
  const newer = nn.inspectOnnx(file(24));
  expect(newer.nodes.map(({ op }) => op)).toEqual(['MatMul', 'Add', 'MatMul', 'Tanh']);
  expect(newer.notes[0]).toMatch('The network is of opset 24');
  const strange = nn.inspectOnnx(file(17, 'Surprise'));
  expect(strange.missing).toEqual([{ op: 'Surprise', nodes: ['last'] }]);
  expect(strange.nodes[0].shape).toBeUndefined();
});
