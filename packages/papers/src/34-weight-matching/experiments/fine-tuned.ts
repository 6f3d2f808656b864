import type { Cell } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import { barrier, modelDistance, permutationSpec, permuteModel } from 'southwell/merging';
import { experiment } from '../../define.ts';
import { sampledWindows, stories, storiesModel } from '../../material/stories.ts';
import { pauses } from '../../pauses.ts';
import {
  LANGUAGE_LINE,
  languageLine,
  lossOf,
  lossOn,
  NAMES,
  TRAINING,
  trainedOn,
  trainingPanel,
  windowsOf,
} from '../language.ts';
import { locked } from '../locked.ts';
import { matchedBy } from '../matched.ts';
import { record } from '../record.ts';

const SECOND = { shuffled: 'second model shuffled', matched: 'put back in order', untouched: 'never shuffled' };

/** Two fine-tunings of a language model, of which the second has its neurons shuffled. */
export default experiment(record, {
  id: 'fine-tuned',
  title: 'Two fine-tunings of a language model',
  needs: { quick: [stories], full: [stories] },
  panels: [
    { ...languageLine, series: Object.entries(SECOND).map(([id, name]) => ({ id, name })), control: 'shuffled' },
    trainingPanel,
  ],
  claims: ['fine-tuned'],
  method: matchedBy,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const sizes = locked.claims['fine-tuned'].sizes[context.size];
    const { sampled, judgedWindows, gamma } = sizes;
    const random = new Random(context.seed);
    const [text, judging, ...own] = Array.from({ length: 5 }, () => random.integer(2 ** 31));
    const base = await storiesModel(context);
    yield { kind: 'progress', label: 'texts', fraction: 0 };
    const data = lossOn(await sampledWindows(base, judgedWindows, judging, pause));
    yield { kind: 'points', panel: TRAINING, series: NAMES[0], x: [0], y: [lossOf(base, data)] };
    const windows = await sampledWindows(base, 2 * sampled, text, pause);
    const part = (from: number, to: number) => windowsOf(windows, from, to);
    const a = yield* trainedOn(base, part(0, sampled), { ...sizes, seed: own[0] }, NAMES[0], pause);
    const b = yield* trainedOn(base, part(sampled, 2 * sampled), { ...sizes, seed: own[1] }, NAMES[1], pause);
    yield { kind: 'progress', label: 'matching', fraction: 0.6 };
    const spec = permutationSpec(a, lossOn(part(0, 2)).inputs);
    const shuffle = Object.fromEntries(Object.entries(spec.sizes).map(([name, n]) => [name, random.permutation(n)]));
    const shuffled = permuteModel(b, spec, shuffle);
    const found = await method('weights', a, shuffled, { spec, gamma, seed: own[2], inputs: data.inputs }, pause);
    const matched = permuteModel(shuffled, spec, found);
    let [back, places] = [0, 0];
    for (const [name, p] of Object.entries(shuffle)) {
      for (let i = 0; i < p.length; i++) if (p[found[name]?.[i] ?? i] === i) back++;
      places += p.length;
    }
    const models = { shuffled, matched, untouched: b };
    const rows: Cell[][] = [];
    const barriers: Record<string, number> = {};
    for (const [name, model] of Object.entries(models)) {
      const line = barrier(a, model, data);
      barriers[name] = line.barrier;
      const { lambdas, losses } = line;
      yield { kind: 'points', panel: LANGUAGE_LINE, series: name, x: [...lambdas], y: [...losses] };
      rows.push([
        ...[SECOND[name as keyof typeof SECOND], line.barrier, modelDistance(a, model)],
        ...[losses[0], losses[5], losses[10]],
      ]);
      await pause();
    }
    yield decide('fine-tuned', { barrier: barriers.matched / barriers.shuffled, places: back / places });
    const columns = ['second model', 'barrier', 'distance', 'loss of the first', 'halfway', 'of the second'];
    yield { kind: 'table', title: 'Two fine-tunings from one start', columns, rows };
  },
});
