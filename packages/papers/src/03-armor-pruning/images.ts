import type { ExperimentContext, ExperimentEvent } from '../experiment.ts';
import type { ImageSet } from '../material/perceptrons.ts';
import type { Pause } from '../pauses.ts';
import { streamed } from '../streamed.ts';
import { armorName, contest, EQUAL, MAGNITUDE, NOWAG, type Results, undone, WANDA } from './contest.ts';
import { type armor, networkSeeds } from './lab.ts';
import { perceptron } from './models.ts';

interface Sizes {
  readonly hidden: readonly number[];
  readonly epochs: number;
  readonly calibrate: number;
  readonly networks: number;
  readonly blocks: readonly number[];
  readonly steps: number;
  readonly reconstructed: boolean;
}

/** Networks of images, compressed in all ways; the first is drawn. */
export async function* images(
  set: ImageSet,
  { networks, blocks, steps, reconstructed: again, ...net }: Sizes,
  context: ExperimentContext,
  method: typeof armor,
  pause: Pause,
): AsyncGenerator<ExperimentEvent, Results[], undefined> {
  const results: Results[] = [];
  for (const [k, seed] of networkSeeds(context.seed, networks).entries()) {
    yield { kind: 'progress', label: `network ${k + 1}`, fraction: k / networks };
    const found = yield* streamed(async (emit) => {
      const subject = await perceptron(set, net, seed, pause);
      return contest({ subject, blocks, steps, seed, again, method }, k === 0 ? emit : undefined, pause);
    });
    results.push(found);
  }
  return results;
}

/** What the claims on networks of images are judged by. */
export function measuresOf(results: readonly Results[], full: boolean) {
  const each = (value: (found: Results) => number) =>
    results.map((found, k) => ({ label: `network ${k + 1}`, value: value(found) }));
  const plain = (found: Results, name: string): number => found.get(name)!.plain.loss;
  const fitted = (found: Results, name: string): number => found.get(name)!.fitted?.loss ?? Number.NaN;
  const own = armorName(8);
  return {
    undone: {
      share: each((found) => undone(found, own)),
      best: each(
        (found) => plain(found, own) / Math.min(...[MAGNITUDE, WANDA, NOWAG].map((name) => plain(found, name))),
      ),
      ...(full && { larger: each((found) => undone(found, armorName(16))) }),
    },
    sparse: each((found) => plain(found, own) / plain(found, EQUAL)),
    wanda: each((found) => fitted(found, own) / fitted(found, WANDA)),
  };
}
