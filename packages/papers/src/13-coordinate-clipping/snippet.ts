/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { sgd, withCoordinateClipping } from 'southwell/optimisers';

// One steep coordinate of a hundred: gradient steps must be short for its sake, clipped ones need not
const h = Float64Array.from({ length: 100 }, (_, i) => (i === 0 ? 1e4 : 1));
for (const fraction of [0, 0.1]) {
  const x = Float64Array.from({ length: 100 }, (_, i) => (i === 0 ? 0.1 : 1));
  const optimiser = withCoordinateClipping(sgd({ rate: fraction ? 0.05 : 1.9e-4 }), { fraction });
  const state = optimiser.init(x);
  for (let step = 0; step < 50; step++) optimiser.step(state, x, x.map((v, i) => h[i] * v));
  console.log(fraction, x.reduce((sum, v, i) => sum + (h[i] * v * v) / 2, 0));
}`;
