// A step of a perceptron of bench/src/autodiff/nets.ts by jax-js on WebAssembly, compiled by its jit: node jax.mjs NET
// train|infer prints milliseconds and megabytes as JSON. Its arrays are reference-counted manually (`ref`). Adam is in
// a separate package of theirs: training takes plain gradient steps, which are cheaper.
import { packageOf, peak, perceptrons, report } from './timed.mjs';

const [name, what] = process.argv.slice(2);
const jax = await packageOf('@jax-js/jax');
if (!perceptrons[name]) {
  console.error(`jax-js is asked for perceptrons alone, not ${name}.`);
  process.exit(1);
}
const { numpy: np, nn, random, jit, valueAndGrad, init, defaultDevice } = jax;
await init('wasm');
defaultDevice('wasm');
const { widths, batch, biases } = perceptrons[name];
const before = peak();
let key = 1;
const normals = (shape) => random.normal(random.key(key++), shape);
const layers = widths.slice(1).map((n, i) => ({
  w: normals([widths[i], n]).mul(1 / Math.sqrt(widths[i])),
  ...(biases ? { b: np.zeros([n]) } : {}),
}));
const answer = (p, x) =>
  p.reduce((h, { w, b }, i) => {
    const y = b ? np.dot(h, w).add(b) : np.dot(h, w);
    return i < p.length - 1 ? nn.relu(y) : y;
  }, x);
const refs = (p) => p.map(({ w, b }) => ({ w: w.ref, ...(b ? { b: b.ref } : {}) }));
const x = normals([batch, widths[0]]);
if (what === 'infer') {
  const run = jit(answer);
  await report(async () => {
    const y = run(refs(layers), x.ref);
    await y.data();
  }, before);
} else {
  const classes = widths.at(-1);
  const hot = new Float32Array(batch * classes);
  for (let i = 0; i < batch; i++) hot[i * classes + ((i * 7) % classes)] = 1;
  const y = np.array(hot).reshape([batch, classes]);
  const loss = (p, x, y) => np.mean(np.sum(nn.logSoftmax(answer(p, x)).mul(y), -1)).mul(-1);
  const update = jit((p, x, y) => {
    const [, g] = valueAndGrad(loss)(refs(p), x, y);
    return p.map(({ w, b }, i) => ({ w: w.sub(g[i].w.mul(1e-3)), ...(b ? { b: b.sub(g[i].b.mul(1e-3)) } : {}) }));
  });
  let p = layers;
  await report(async () => {
    p = update(p, x.ref, y.ref);
    await p[0].w.ref.data();
  }, before);
}
