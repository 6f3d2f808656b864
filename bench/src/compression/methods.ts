import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@southwell/numerics/core';
import { DenseMatrix } from 'southwell';
import {
  factorizeSparse,
  factorsToDense,
  fromCodes,
  type InputMoments,
  momentsOf,
  outputError,
  pruneWeights,
  quantiseToCodebooks,
  quantiseToGrid,
} from 'southwell/compression';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';

// Methods on one layer beside PyTorch: the same weights and moments, CPU seconds and errors of the outputs.

/** Outputs and inputs of layers: of a small language model, of an encoder, and some that are unlike both. */
const SHAPES = [
  [64, 64],
  [172, 64],
  [64, 172],
  [512, 512],
  [1536, 512],
  [512, 1536],
  [100, 900],
] as const;

interface Layer {
  readonly name: string;
  readonly W: DenseMatrix;
  readonly moments: InputMoments;
}

/** Weights of heavy tails, and inputs whose directions are unlike in size, as those of trained networks are. */
function layerOf(rows: number, columns: number): Layer {
  const random = new Random(rows + 7 * columns);
  const W = DenseMatrix.create(rows, columns);
  for (let i = 0; i < W.data.length; i++)
    W.data[i] = Math.fround(0.02 * random.normal() * Math.exp(0.3 * random.normal()));
  const samples = 2 * columns;
  const few = Math.ceil(columns / 8);
  const mixed = Float64Array.from({ length: few * columns }, () => random.normal());
  const x = new Float32Array(samples * columns);
  for (let s = 0; s < samples; s++) {
    const factors = Float64Array.from({ length: few }, (_, k) => (4 * random.normal()) / (1 + k));
    for (let j = 0; j < columns; j++) {
      let value = random.normal();
      for (let k = 0; k < few; k++) value += factors[k] * mixed[k * columns + j];
      x[s * columns + j] = value;
    }
  }
  return { name: `${rows}x${columns}`, W, moments: momentsOf(x, columns) };
}

const methods: Readonly<Record<string, (W: DenseMatrix, moments: InputMoments) => DenseMatrix>> = {
  'wanda, half': (W, moments) =>
    pruneWeights(W, moments, { method: 'wanda', pattern: { density: 0.5, scope: 'row' } }).weights,
  'wanda, 2:4': (W, moments) => pruneWeights(W, moments, { method: 'wanda', pattern: { keep: 2, of: 4 } }).weights,
  'nowag, 2:4': (W, moments) => pruneWeights(W, moments, { method: 'nowag', pattern: { keep: 2, of: 4 } }).weights,
  'sparsegpt, half': (W, moments) =>
    pruneWeights(W, moments, { method: 'sparsegpt', pattern: { density: 0.5 } }).weights,
  'sparsegpt, 2:4': (W, moments) =>
    pruneWeights(W, moments, { method: 'sparsegpt', pattern: { keep: 2, of: 4 } }).weights,
  'gptq, 4 bits': (W, moments) => fromCodes(quantiseToGrid(W, { bits: 4 }, moments)),
  'codebooks, 4 bits': (W, moments) => fromCodes(quantiseToCodebooks(W, { bits: 4 }, moments)),
  'armor, 2:4, 100 steps': (W, moments) => factorsToDense(factorizeSparse(W, moments, { steps: 100 }).point),
};

/** CPU seconds of a run, the least of three, and the error of its answer. */
function measured({ W, moments }: Layer, method: (W: DenseMatrix, moments: InputMoments) => DenseMatrix) {
  let [seconds, error] = [Number.POSITIVE_INFINITY, Number.NaN];
  for (let round = 0; round < 3; round++) {
    const before = process.cpuUsage();
    const answer = method(W, moments);
    const { user, system } = process.cpuUsage(before);
    seconds = Math.min(seconds, (user + system) / 1e6);
    error = outputError(W, answer, moments);
    answer.free();
  }
  return { seconds, error };
}

interface Answer {
  readonly layer: string;
  readonly method: string;
  readonly seconds: number;
  readonly error: number;
}

/** Answers of PyTorch; undefined if it is not installed. */
function torch(layers: readonly Layer[]): { readonly torch: string; readonly answers: readonly Answer[] } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-bench-'));
  try {
    for (const { name, W, moments } of layers) {
      const { rows, cols } = W;
      writeFileSync(
        join(folder, `${name}.W.f32`),
        Float32Array.from({ length: rows * cols }, (_, at) => W.get(Math.floor(at / cols), at % cols)),
      );
      writeFileSync(join(folder, `${name}.H.f32`), Float32Array.from(moments.full!.data));
    }
    const list = layers.map(({ name, W }) => ({ name, rows: W.rows, columns: W.cols }));
    writeFileSync(join(folder, 'layers.json'), JSON.stringify(list));
    const script = join(benchRoot, 'peers', 'compression_methods.py');
    const { status, stdout } = spawnSync(python.command, [script, folder], { encoding: 'utf8', env: environment });
    return status === 0 ? JSON.parse(stdout) : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Times all methods on all layers, and says each. */
export function methodTimes(say: (text: string) => void): Measurement[] {
  const layers = SHAPES.map(([rows, columns]) => layerOf(rows, columns));
  const peer = torch(layers);
  say(`\nMethods on a layer, CPU milliseconds${peer ? ` beside PyTorch ${peer.torch}` : '; PyTorch is not installed'}`);
  const heads = ['ours', 'PyTorch', 'ratio', 'error', 'its error'];
  say(`${''.padEnd(48)}${heads.map((t) => t.padStart(12)).join('')}`);
  return Object.entries(methods).flatMap(([method, run]) =>
    layers.map((layer) => {
      const own = measured(layer, run);
      const other = peer?.answers.find((answer) => answer.layer === layer.name && answer.method === method);
      const name = `${method}, ${layer.W.rows} × ${layer.W.cols}`;
      const cells = [
        1000 * own.seconds,
        ...(other ? [1000 * other.seconds, own.seconds / other.seconds, own.error, other.error] : [own.error]),
      ];
      say(`${name.padEnd(48)}${cells.map((v) => v.toPrecision(3).padStart(12)).join('')}`);
      return {
        ...{ name, ours: own.seconds, error: own.error },
        ...(other ? { peer: other.seconds, peerName: 'PyTorch', peerError: other.error } : {}),
      };
    }),
  );
}
