// Our side, in a process of its own: node ours.js DATA FOLDER NET EPOCHS TARGET SEED trains from the weights in FOLDER
// until the accuracy on the test images reaches TARGET, and prints the result of each epoch as JSON.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as nn from '@southwell/autodiff/nn';
import { readSafetensors } from '@southwell/data';
import { adamW } from 'southwell/optimisers';
import { type Examples, trainingIterates } from 'southwell/training';
import { BATCH, RATE } from './nets.ts';

/** Seconds since imports were done, at the end of each epoch, and the test accuracy. */
export interface Course {
  readonly read: number;
  readonly epochs: ReadonlyArray<{ readonly seconds: number; readonly accuracy: number; readonly loss: number }>;
  /** Peak memory in megabytes. */
  readonly peak: number;
}

const [, , data, folder, net, epochs, target, seed] = process.argv;
const start = performance.now();
const since = () => (performance.now() - start) / 1000;

/** Pixel values scaled to [0, 1]. */
const SHARES = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

function bytesOf(name: string): Uint8Array {
  const bytes = readFileSync(join(data, `${name}.gz`));
  return gunzipSync(bytes);
}
function examplesOf(which: string): Examples {
  const pixels = bytesOf(`${which}-images-idx3-ubyte`).subarray(16);
  const values = new Float32Array(pixels.length);
  for (let k = 0; k < values.length; k++) values[k] = SHARES[pixels[k]];
  const labels = Int32Array.from(bytesOf(`${which}-labels-idx1-ubyte`).subarray(8));
  return { count: labels.length, inputs: { values, shape: [28, 28, 1] }, targets: { values: labels, shape: [] } };
}

const [train, validation] = [examplesOf('train'), examplesOf('t10k')];
const read = since();
const { layer, parameters } = nn.loadModel(readSafetensors(readFileSync(join(folder, `${net}.safetensors`))));
const course: Array<Course['epochs'][number]> = [];
for (const { objective, metrics = {} } of trainingIterates(layer, train, {
  ...{ loss: 'crossEntropy', epochs: Number(epochs), batchSize: BATCH, rate: RATE, seed: Number(seed), validation },
  optimiser: (rate) => adamW({ rate, weightDecay: 0 }),
  from: { parameters },
})) {
  if (metrics.accuracy === undefined) continue;
  course.push({ seconds: since(), accuracy: metrics.accuracy, loss: objective! });
  if (metrics.accuracy >= Number(target)) break;
}
console.log(JSON.stringify({ read, epochs: course, peak: process.resourceUsage().maxRSS / 1e3 } satisfies Course));
