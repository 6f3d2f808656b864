// A step of a network of bench/src/autodiff/nets.ts by TensorFlow.js on its WebAssembly backend, one thread: node
// tfjs.mjs NET train|infer prints milliseconds and megabytes as JSON. The backend has no derivative of a convolution
// with respect to its filter, so that convolutional networks are only used for inference; recurrent networks and
// transformers are omitted.
import { packageOf, peak, perceptrons, report } from './timed.mjs';

const [name, what] = process.argv.slice(2);
const tf = await packageOf('@tensorflow/tfjs');
const wasm = await packageOf('@tensorflow/tfjs-backend-wasm');
wasm.setThreadsCount(1);
await tf.setBackend('wasm');
await tf.ready();

const weights = (...shape) =>
  tf.variable(tf.randomNormal(shape, 0, 1 / Math.sqrt(shape.slice(0, -1).reduce((a, b) => a * b, 1))));
const zeros = (n) => tf.variable(tf.zeros([n]));

function perceptron({ widths, batch, biases }) {
  const layers = widths.slice(1).map((n, i) => ({ w: weights(widths[i], n), b: biases ? zeros(n) : undefined }));
  const answer = (x) =>
    layers.reduce((h, { w, b }, i) => {
      const y = b ? tf.add(tf.matMul(h, w), b) : tf.matMul(h, w);
      return i < layers.length - 1 ? tf.relu(y) : y;
    }, x);
  return { answer, x: tf.randomNormal([batch, widths[0]]), classes: widths.at(-1), batch };
}

function images(make) {
  return { answer: make(), x: tf.randomNormal([64, 28, 28, 1]), classes: 10, batch: 64 };
}
const layer = (x, f, b, padding) => tf.relu(tf.add(tf.conv2d(x, f, 1, padding), b));
const nets = {
  ...Object.fromEntries(Object.entries(perceptrons).map(([key, p]) => [key, () => perceptron(p)])),
  cnn: () =>
    images(() => {
      const [f, a, g, b, w, c] = [
        weights(3, 3, 1, 16),
        zeros(16),
        weights(3, 3, 16, 32),
        zeros(32),
        weights(6272, 10),
        zeros(10),
      ];
      return (x) => {
        const first = tf.maxPool(layer(x, f, a, 'same'), 2, 2, 'valid');
        return tf.add(tf.matMul(tf.reshape(layer(first, g, b, 'same'), [64, -1]), w), c);
      };
    }),
  lenet: () =>
    images(() => {
      const [f, a, g, b] = [weights(5, 5, 1, 6), zeros(6), weights(5, 5, 6, 16), zeros(16)];
      const dense = [400, 120, 84].map((n, i) => ({ w: weights(n, [120, 84, 10][i]), b: zeros([120, 84, 10][i]) }));
      return (x) => {
        const first = tf.maxPool(layer(x, f, a, 'same'), 2, 2, 'valid');
        const second = tf.maxPool(layer(first, g, b, 'valid'), 2, 2, 'valid');
        return dense.reduce(
          (h, p, i) => {
            const y = tf.add(tf.matMul(h, p.w), p.b);
            return i < 2 ? tf.relu(y) : y;
          },
          tf.reshape(second, [64, -1]),
        );
      };
    }),
};
if (!nets[name] || (what === 'train' && !perceptrons[name])) {
  console.error(`the WebAssembly backend of TensorFlow.js is not asked to ${what} ${name}.`);
  process.exit(1);
}
const before = peak();
const { answer, x, classes, batch } = nets[name]();
const y = tf.oneHot(
  tf.tensor1d(
    Int32Array.from({ length: batch }, (_, i) => (i * 7) % classes),
    'int32',
  ),
  classes,
);
const adam = tf.train.adam(1e-3);
const loss = () => tf.losses.softmaxCrossEntropy(y, answer(x));
const step = what === 'train' ? () => tf.tidy(() => void adam.minimize(loss)) : () => tf.tidy(() => void answer(x));
await report(step, before);
