import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { describe, expect, test } from 'vitest';
import { networkOf } from './networkOf.ts';

const model = nn.sequential([nn.linear({ in: 3, out: 8 }), nn.tanh(), nn.linear({ in: 8, out: 2 })]);
const parameters = nn.init(model, ad.randomKey(1), { dtype: 'f64' });

describe('networkOf', () => {
  test('values are those of apply, and products those of differences', () => {
    const network = networkOf(model, parameters, { inputs: [3] });
    expect([network.inputs, network.outputs]).toEqual([3, 2]);
    const x = [0.3, -0.2, 0.7];
    const y = network.value(x);
    expect([...y]).toEqual(Array.from(nn.apply(model, parameters, ad.tensor([x])).data()));
    const u = [0.4, -1.5];
    const along = (at: number[]) => network.value(at).reduce((s, v, k) => s + u[k] * v, 0);
    const product = network.vjp(x, u);
    product.forEach((g, i) => {
      const moved = (h: number) => along(x.map((v, j) => (j === i ? v + h : v)));
      expect(g).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 8);
    });
    network.free();
    expect(() => network.value(x)).toThrow('freed');
  });

  test('images and batch norms, in single precision', () => {
    const cnn = nn.sequential([
      nn.conv2d({ in: 1, out: 2, kernel: 3 }),
      nn.batchNorm({ features: 2 }),
      nn.relu(),
      nn.flatten(),
      nn.linear({ in: 8, out: 2 }),
    ]);
    const network = networkOf(cnn, nn.init(cnn, ad.randomKey(2)), { inputs: [4, 4, 1], state: nn.initState(cnn) });
    expect([network.inputs, network.outputs]).toEqual([16, 2]);
    expect(network.vjp(new Float64Array(16).fill(0.5), [1, -1])).toHaveLength(16);
    network.free();
  });

  test('wrong lengths and shapes are told', () => {
    const network = networkOf(model, parameters, { inputs: [3] });
    expect(() => network.value([1, 2])).toThrow('The point has 2 numbers instead of 3.');
    expect(() => network.vjp([1, 2, 3], [1])).toThrow('The direction has 1 numbers instead of 2.');
    expect(() => networkOf(model, parameters, { inputs: [4] })).toThrow();
    network.free();
  });
});
