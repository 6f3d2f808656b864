import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { Random } from 'southwell';
import { compareDirections, compiledModel } from 'southwell/diagnostics';
import { adamW, saveState } from 'southwell/optimisers';
import type { ExperimentContext } from '../experiment.ts';
import { schedule } from '../material/decoder.ts';
import { loadDigits } from '../material/images.ts';
import type { Pause } from '../pauses.ts';
import { adamDirection, betas } from './adam.ts';
import { drawSeed } from './lab.ts';
import { locked } from './locked.ts';

/**
 * The sharpness along the directions of SGD and of Adam at the end of a run of Adam on digits, over 8 batches of 64.
 */
export async function perceptronRatio(
  context: ExperimentContext,
  length: number,
  pause: Pause,
): Promise<{ readonly sgd: number; readonly adam: number }> {
  const { X, labels } = await loadDigits();
  const random = new Random(drawSeed(context, 0)).split(3);
  const batch = (): readonly [ad.Tensor, ad.Tensor] => {
    const chosen = Array.from({ length: 64 }, () => random.integer(X.rows));
    const pixels = chosen.flatMap((i) => Array.from({ length: 64 }, (_, j) => X.get(i, j) / 16));
    return [
      ad.tensor(Float64Array.from(pixels), { shape: [64, 64] }),
      ad.tensor(Int32Array.from(chosen, (i) => labels[i])),
    ];
  };
  const hidden = () => nn.linear({ in: 64, out: 64 });
  const layer = nn.sequential([hidden(), nn.relu(), hidden(), nn.relu(), nn.linear({ in: 64, out: 10 })]);
  const loss = (p: nn.Parameters, x: ad.Tensor, y: ad.Tensor) => ad.mean(ad.crossEntropy(nn.apply(layer, p, x), y));
  const parameters = nn.init(layer, ad.randomKey(drawSeed(context, 0)), { dtype: 'f64' });
  const model = compiledModel(loss, parameters, ...batch());
  const optimiser = adamW({
    rate: schedule(locked.claims.sharpness.sizes[context.size].rate, length),
    weightDecay: 0,
    ...betas,
  });
  const x = model.point();
  const gradient = new Float64Array(model.size);
  const state = optimiser.init(x);
  for (let step = 0; step < length; step++) {
    model.take(...batch());
    model.gradient(x, gradient);
    optimiser.step(state, x, gradient);
    await pause();
  }
  model.move(x);
  const { mean, square } = saveState(state).slots as Record<string, Float64Array>;
  const each = function* () {
    for (let k = 0; k < 8; k++) {
      model.take(...batch());
      const g = new Float64Array(model.size);
      model.gradient(x, g);
      yield { gradient: g, product: model.hessianVector };
    }
  };
  const found = compareDirections(each(), {
    sgd: (g) => g.map((v) => -v),
    adam: (g) => adamDirection({ mean, square, steps: length }, g),
  });
  state.free();
  model.free();
  X.free();
  return { sgd: found.sgd.sharpness, adam: found.adam.sharpness };
}
