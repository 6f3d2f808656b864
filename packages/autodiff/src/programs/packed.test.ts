import { expect, test } from 'vitest';
import * as ad from '../index.ts';

// Products by constant matrices, which programs pack once, have the bits of those that pack them at each run.

let part = 0;
const draw = (...shape: number[]): ad.Tensor => ad.randomNormal(ad.foldIn(ad.randomKey(1), part++), shape, 'f32');

function check(f: (x: ad.Tensor) => ad.Tensor, x: ad.Tensor): void {
  const program = ad.compile(f).prepare(x);
  for (let run = 0; run < 2; run++) {
    program.run();
    expect(program.outputs[0].data).toEqual(f(x).data());
  }
  program.free();
}

test.each([1, 2, 3, 10, 32, 33])('%i rows', (rows) => {
  for (const [inner, out] of [
    [1, 1],
    [5, 3],
    [300, 70],
    [257, 131],
  ]) {
    const [w, turned] = [draw(inner, out), draw(out, inner)];
    const x = draw(rows, inner);
    check((t) => ad.matmul(t, w), x);
    check((t) => ad.matmul(t, ad.transpose(turned)), x);
    check((t) => ad.matmulTransposed(t, turned), x);
    check((t) => ad.relu(ad.matmul(ad.relu(t), w)), x);
  }
});

test('matrices that other operations read, parts of matrices, and views of rows', () => {
  const w = draw(40, 24);
  const x = draw(6, 40);
  check((t) => ad.add(ad.matmul(t, w), ad.sum(w, 0)), x);
  check((t) => ad.matmul(t, ad.slice(w, undefined, [3, 20])), x);
  check(
    (t) => ad.add(ad.matmul(t, ad.slice(w, undefined, [0, 12])), ad.matmul(t, ad.slice(w, undefined, [12, 24]))),
    x,
  );
  check((t) => ad.matmul(ad.slice(t, [null, null, 2]), w), x);
  check((t) => ad.matmul(ad.transpose(t), w), draw(40, 6));
  check((t) => ad.matmul(ad.matmul(t, ad.slice(w, [0, 24])), ad.slice(w, [0, 24])), draw(6, 24));
});

test('derivatives and batches', () => {
  const w = draw(12, 8);
  const loss = (t: ad.Tensor) => ad.sum(ad.square(ad.matmul(t, w)));
  check(ad.grad(loss), draw(4, 12));
  check(
    ad.vmap((t: ad.Tensor) => ad.matmul(t, w)),
    draw(3, 4, 12),
  );
  const product = (t: ad.Tensor, by: ad.Tensor) => ad.matmul(t, by);
  const program = ad.compile(product).prepare(draw(4, 12), w);
  program.inputs[1].data.fill(0);
  program.run();
  expect([...program.outputs[0].data]).toEqual(new Array(32).fill(0));
});
