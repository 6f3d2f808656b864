import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import type { ExperimentContext } from '../experiment.ts';
import { filesOf, type Part } from '../parts.ts';
import type { Pause } from '../pauses.ts';

/** A Llama of five blocks with 260 032 parameters, trained by Karpathy on TinyStories, with 512 tokens. */
export const stories: Part = {
  id: 'stories260k',
  title: 'the language model stories260K',
  files: ['stories260K.bin', 'tok512.bin'],
  from: 'https://huggingface.co/karpathy/tinyllamas, or the folder data of https://github.com/DaveBben/esp32-llm',
};

/** Positions of a window. */
export const WINDOW = 128;
const BEGIN = 1;
/** Windows that are sampled or evaluated at a time. */
const BATCH = 32;

/** Texts of WINDOW tokens, one after the other: inputs begin with the token that begins a text, and targets are one token ahead. */
export interface Windows {
  readonly count: number;
  readonly inputs: Int32Array;
  readonly targets: Int32Array;
}

let kept: Promise<nn.Model> | undefined;

export function storiesModel(context: ExperimentContext): Promise<nn.Model> {
  kept ??= filesOf(stories, context).then((files) => {
    const { layer, parameters } = nn.readLlama2c(files.get(stories.files[0])!);
    return { layer, parameters, state: {} };
  });
  kept.catch(() => {
    kept = undefined;
  });
  return kept;
}

/** Texts sampled from a language model at temperature 1; there is no text that it was trained on here. */
export async function sampledWindows(model: nn.Model, count: number, seed: number, pause: Pause): Promise<Windows> {
  const memory = nn.initMemory(model.layer, { batch: BATCH, capacity: WINDOW });
  const tokens = ad.tensor(new Int32Array(BATCH), { shape: [BATCH, 1] });
  const program = ad
    .compile((p: nn.Parameters, m: nn.Memory, t: ad.Tensor) => nn.step(model.layer, p, m, t) as [ad.Tensor, nn.Memory])
    .prepare(model.parameters, memory, tokens);
  const random = new Random(seed);
  const inputs = new Int32Array(count * WINDOW);
  const targets = new Int32Array(count * WINDOW);
  try {
    for (let from = 0; from < count; from += BATCH) {
      program.inputs[1].data.fill(0);
      const now = program.inputs[2].data;
      now.fill(BEGIN);
      for (let t = 0; t < WINDOW; t++) {
        program.run();
        program.inputs[1].data.set(program.outputs[1].data);
        const logits = program.outputs[0].numbers;
        const width = logits.length / BATCH;
        for (let i = 0; i < BATCH; i++) {
          const next = drawn(logits, i * width, width, random);
          if (from + i < count) {
            inputs[(from + i) * WINDOW + t] = now[i];
            targets[(from + i) * WINDOW + t] = next;
          }
          now[i] = next;
        }
        await pause();
      }
    }
  } finally {
    program.free();
  }
  return { count, inputs, targets };
}

/** A token by its probability. */
function drawn(logits: ad.Values, from: number, width: number, random: Random): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < width; j++) largest = Math.max(largest, logits[from + j]);
  let total = 0;
  const weights = new Float64Array(width);
  for (let j = 0; j < width; j++) {
    weights[j] = elementary.exp(logits[from + j] - largest);
    total += weights[j];
  }
  let rest = random.uniform() * total;
  for (let j = 0; j < width; j++) {
    rest -= weights[j];
    if (rest < 0) return j;
  }
  return width - 1;
}

/** Some windows, from one to before another. */
export const someWindows = ({ inputs, targets }: Windows, from: number, to: number): Windows => ({
  count: to - from,
  inputs: inputs.subarray(from * WINDOW, to * WINDOW),
  targets: targets.subarray(from * WINDOW, to * WINDOW),
});

/** Some windows, from one to before another, as tensors [n, WINDOW]. */
export function windowTensors(windows: Windows, from: number, to: number): readonly [ad.Tensor, ad.Tensor] {
  const { count, inputs, targets } = someWindows(windows, from, to);
  const tensorOf = (tokens: Int32Array) => ad.tensor(tokens, { shape: [count, WINDOW], dtype: 'i32' });
  return [tensorOf(inputs), tensorOf(targets)];
}

/** Windows in batches. */
export const windowBatches = (windows: Windows, size = BATCH): Array<readonly [ad.Tensor, ad.Tensor]> =>
  Array.from({ length: Math.ceil(windows.count / size) }, (_, k) =>
    windowTensors(windows, k * size, Math.min(windows.count, (k + 1) * size)),
  );

/** How a language model compares with the dense one on texts, in nats for each token. */
export interface StoriesQuality {
  /** Mean cross-entropy of the next token. */
  readonly loss: number;
  /** Mean divergence KL(dense ‖ model). */
  readonly divergence: number;
}

/** Judges parameters of the dense model's form; compiled once. */
export function storiesJudge(dense: nn.Model, windows: Windows, pause: Pause) {
  const program = ad.compile((p: nn.Parameters, from: nn.Parameters, x: ad.Tensor, y: ad.Tensor) => {
    const rows = (of: nn.Parameters) => ad.reshape(nn.apply(dense.layer, of, x), [x.size, -1]);
    const logits = rows(p);
    const [own, theirs] = [ad.logSoftmax(logits), ad.logSoftmax(rows(from))];
    const divergence = ad.sum(ad.mul(ad.exp(theirs), ad.sub(theirs, own)));
    return [ad.sum(ad.crossEntropy(logits, ad.reshape(y, [x.size]))), divergence] as const;
  });
  return async (parameters: nn.Parameters): Promise<StoriesQuality> => {
    const sums = [0, 0];
    for (const [x, y] of windowBatches(windows)) {
      const values = program(parameters, dense.parameters, x, y);
      values.forEach((value, k) => {
        sums[k] += value.item();
      });
      await pause();
    }
    const [loss, divergence] = sums.map((sum) => sum / windows.inputs.length);
    return { loss, divergence };
  };
}
