import type * as nn from '@southwell/autodiff/nn';
import type { Cell } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import { barrier, permutationSpec, permuteModel } from 'southwell/merging';
import { experiment } from '../../define.ts';
import { sampledWindows, stories, storiesModel } from '../../material/stories.ts';
import { pauses } from '../../pauses.ts';
import {
  LANGUAGE_LINE,
  languageLine,
  lossOf,
  lossOn,
  NAMES,
  startOf,
  TRAINING,
  trainedOn,
  trainingPanel,
  windowsOf,
} from '../language.ts';
import { locked } from '../locked.ts';
import { armNames, matchedBy } from '../matched.ts';
import { record } from '../record.ts';

/** Windows whose activations are matched. */
const ACTIVE = 32;
const arms = ['none', 'weights', 'activations', 'random'] as const;

/** Language models of one form, trained from different seeds on the same texts. */
export default experiment(record, {
  id: 'language-seeds',
  title: 'Language models from different seeds',
  needs: { quick: [stories], full: [stories] },
  panels: [{ ...languageLine, series: arms.map((id) => ({ id, name: armNames[id] })), control: 'none' }, trainingPanel],
  claims: ['language-seeds'],
  method: matchedBy,
  async *run(context, decide, method) {
    const pause = pauses(context);
    const sizes = locked.claims['language-seeds'].sizes[context.size];
    const { sampled, judgedWindows, gamma, deviation } = sizes;
    const random = new Random(context.seed);
    const [text, judging, order, ...own] = Array.from({ length: 5 }, () => random.integer(2 ** 31));
    const base = await storiesModel(context);
    yield { kind: 'progress', label: 'texts', fraction: 0 };
    const starts = own.map((seed) => startOf(base, deviation, seed));
    const data = lossOn(await sampledWindows(base, judgedWindows, judging, pause));
    yield { kind: 'points', panel: TRAINING, series: NAMES[0], x: [0], y: [lossOf(starts[0], data)] };
    const train = await sampledWindows(base, sampled, text, pause);
    const models: nn.Model[] = [];
    for (const [k, name] of NAMES.entries())
      models.push(yield* trainedOn(starts[k], train, { ...sizes, seed: own[k] }, name, pause));
    yield { kind: 'progress', label: 'matching', fraction: 0.8 };
    const [a, b] = models;
    const spec = permutationSpec(a, lossOn(windowsOf(train, 0, 2)).inputs);
    const inputs = lossOn(windowsOf(train, 0, Math.min(ACTIVE, sampled))).inputs;
    const given = { spec, gamma, seed: order, inputs };
    const rows: Cell[][] = [];
    const barriers: Record<string, number> = {};
    for (const arm of arms) {
      const ordered = permuteModel(b, spec, await method(arm, a, b, given, pause));
      const line = barrier(a, ordered, data);
      barriers[arm] = line.barrier;
      const { lambdas, losses } = line;
      yield { kind: 'points', panel: LANGUAGE_LINE, series: arm, x: [...lambdas], y: [...losses] };
      rows.push([armNames[arm], line.barrier, line.barrier / barriers.none, losses[0], losses[5], losses[10]]);
      await pause();
    }
    yield decide('language-seeds', { barrier: barriers.weights / barriers.none });
    const columns = [
      'second model',
      'barrier',
      'over that as trained',
      'loss of the first',
      'halfway',
      'of the second',
    ];
    yield { kind: 'table', title: 'Language models from different seeds', columns, rows };
  },
});
