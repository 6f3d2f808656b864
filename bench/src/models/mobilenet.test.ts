import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { expect, test } from 'vitest';
import { mobilenetJson } from './mobilenet.ts';

// The convolutions of face-api's detector, whose files are weights of one byte each and a list of them, against TensorFlow.js and onnxruntime.

const SIZE = 96;
const require = createRequire(import.meta.url);
const list = require.resolve('@vladmandic/face-api/model/ssd_mobilenetv1_model-weights_manifest.json');
const manifest = JSON.parse(readFileSync(list, 'utf8'));
const json = mobilenetJson(SIZE, manifest);
const external: nn.External = (path, from, length) =>
  readFileSync(join(dirname(list), path)).subarray(from, length === undefined ? undefined : from + length);
const { model, parameters, state, missing } = nn.read(new TextEncoder().encode(json), { external });
const image = ad.sub(ad.mul(ad.randomUniform(ad.randomKey(3), [2, SIZE, SIZE, 3], 'f32'), 2), 1);
const ours = nn.apply(model, parameters, image, { state });

function near(theirs: ArrayLike<number>): void {
  const data = ours.data();
  expect(theirs.length).toBe(data.length);
  for (let i = 0; i < data.length; i++) expect(Math.abs(data[i] - theirs[i])).toBeLessThanOrEqual(1e-5 * 6);
}

test('its features are those of TensorFlow.js', async () => {
  const tf = require('@energetic-ai/core');
  await tf.ready();
  expect(missing).toEqual([]);
  expect(ours.shape).toEqual([2, 3, 3, 1024]);
  const [{ weights, paths }] = manifest;
  const bytes = external(paths[0], 0, undefined);
  const weightData = new Uint8Array(bytes).buffer;
  const artifacts = { ...JSON.parse(json), weightSpecs: weights, weightData };
  artifacts.modelTopology.versions = { producer: 1 };
  const graph = await tf.loadGraphModel({ load: async () => artifacts });
  const made = graph.execute({ image: tf.tensor(image.data(), image.shape, 'float32') });
  near((Array.isArray(made) ? made[0] : made).dataSync());
});

test('weights by their names, without the graph', () => {
  const all = nn.readWeights(new TextEncoder().encode(JSON.stringify(manifest)), { external });
  const name = 'MobilenetV1/Conv2d_3_depthwise/depthwise_weights';
  expect(all[name].data()).toEqual(parameters[name].data());
  expect(all['Output/extra_dim'].shape).toEqual([1, 5118, 4]);
});

/** How far onnxruntime is from our answer, by the peer of the benchmark; undefined without Python or onnxruntime. */
function apartFrom(file: Uint8Array): number | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-'));
  try {
    writeFileSync(join(folder, 'mobilenet.onnx'), file);
    const input = { shape: image.shape, type: 'float32', values: [...image.data()] };
    writeFileSync(join(folder, 'mobilenet.json'), JSON.stringify({ input, output: [...ours.data()] }));
    const script = fileURLToPath(new URL('../../peers/models.py', import.meta.url));
    const { status, stdout } = spawnSync('/usr/bin/python3', [script, 'mobilenet', folder], { encoding: 'utf8' });
    return status === 0 ? JSON.parse(stdout).apart : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const apart = apartFrom(nn.toOnnx(model, parameters, { state }));
test.skipIf(apart === undefined)(
  'onnxruntime gives the same for our ONNX file (needs python3 with onnxruntime)',
  () => {
    expect(apart).toBeLessThanOrEqual(1e-5 * 6);
  },
);
