import { Random } from '@southwell/numerics/core';
import { randK, topK, type VariationalSettings } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import type { Cell, ExperimentEvent } from '../../experiment.ts';
import { median } from '../../median.ts';
import { pauses } from '../../pauses.ts';
import {
  type AdversarialCourse,
  averaged,
  followTraining,
  numbersTo,
  onWeights,
  type Training,
  trainingOf,
} from '../adversarial.ts';
import { bestOf } from '../games.ts';
import { libraryRun } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const PANEL = 'accuracy by numbers sent';
const names = {
  eg: 'extragradient',
  masha1: 'MASHA1, random entries',
  masha2: 'MASHA2, largest entries',
  'csgda-random': 'compressed descent and ascent, random entries',
  'csgda-largest': 'compressed descent and ascent, largest entries',
} as const;
type Name = keyof typeof names;
const methods = Object.keys(names) as Name[];
const PLAIN = 'without-perturbation';
const multiples = locked.grids.adversarial.gamma;
/** The last averaged accuracy. */
const lastOf = (course: AdversarialCourse): number => averaged(course).at(-1) ?? 0;

/** Options by method for so many weights, of which a message has k. */
function settingsOf(weights: number, k: number): Readonly<Record<Name, VariationalSettings>> {
  const random = onWeights(randK(k, { values: 'f64' }), weights);
  const largest = onWeights(topK(k, { values: 'f64' }), weights);
  // Refreshing costs as much as steps do.
  const tau = 1 - k / weights;
  return {
    eg: { method: 'eg' },
    masha1: { method: 'masha1', uplink: random, tau },
    masha2: { method: 'masha2', uplink: largest, tau },
    'csgda-random': { method: 'csgda', uplink: random },
    'csgda-largest': { method: 'csgda', uplink: largest },
  };
}

/** Numbers that a device has sent after steps and refreshes. */
function sentBy(name: Name, weights: number, k: number): (steps: number, refreshes: number) => number {
  // Iterates of extragradient have the point before the step.
  if (name === 'eg') return (steps) => Math.max(0, steps - 1) * 2 * weights;
  if (name === 'masha1' || name === 'masha2') return (steps, refreshes) => steps * k + refreshes * weights;
  return (steps) => steps * k;
}

/** What was found with one draw of rows. */
interface Draw {
  /** The accuracy that counts as within a point of extragradient's. */
  readonly target: number;
  readonly reached: Readonly<Record<Name, number>>;
  readonly courses: Partial<Record<Name, AdversarialCourse>>;
}

/** Follows a method at a step size, until it reaches an accuracy or has sent so many numbers. */
type Follow = (
  name: Name,
  training: Training,
  gamma: number,
  seed: number,
  until?: number,
  most?: number,
) => Promise<AdversarialCourse>;

/**
 * For each method the step size with which it reaches the target with the fewest numbers on draws that do not judge, and that with which extragradient
 * ends with the best accuracy, which sets targets.
 */
async function* chosenSteps(
  sizes: (typeof locked.claims.adversarial.sizes)['quick' | 'full'],
  random: Random,
  follow: Follow,
  progress: (label: string) => ExperimentEvent,
): AsyncGenerator<ExperimentEvent, { readonly chosen: Readonly<Record<Name, number>>; readonly reference: number }> {
  const numbers = {} as Record<Name, number[][]>;
  for (const name of methods) numbers[name] = multiples.map(() => []);
  const ends = multiples.map(() => 0);
  for (let draw = 0; draw < sizes.tuning; draw++) {
    const training = await trainingOf(sizes, random.split(draw));
    const plain: AdversarialCourse[] = [];
    for (const [at, gamma] of multiples.entries()) {
      yield progress(`${names.eg}: choosing the step`);
      plain.push(await follow('eg', training, gamma, draw));
      ends[at] += lastOf(plain[at]);
    }
    const target = Math.max(...plain.map(lastOf)) - sizes.within;
    for (const [at, course] of plain.entries()) numbers.eg[at].push(numbersTo(course, target));
    const most = Math.min(...plain.map((course) => numbersTo(course, target))) / sizes.share;
    for (const name of methods.slice(1))
      for (const [at, gamma] of multiples.entries()) {
        yield progress(`${names[name]}: choosing the step`);
        numbers[name][at].push(numbersTo(await follow(name, training, gamma, draw, target, most), target));
      }
  }
  const chosen = {} as Record<Name, number>;
  for (const name of methods) chosen[name] = multiples[bestOf(numbers[name])];
  return { chosen, reference: multiples[ends.indexOf(Math.max(...ends))] };
}

/** Points of a course for an axis that is logarithmic. */
function pointsOf({ numbers, accuracies }: AdversarialCourse): { readonly x: number[]; readonly y: number[] } {
  const kept = numbers.map((_, i) => i).filter((i) => numbers[i] > 0);
  return { x: kept.map((i) => numbers[i]), y: kept.map((i) => accuracies[i]) };
}

/** Training a network against perturbations of its rows, until it stands attacks as well as with extragradient. */
export default experiment(record, {
  id: 'adversarial',
  title: 'Adversarial training',
  panels: [
    {
      title: PANEL,
      x: { label: 'numbers sent up by each device', log: true },
      y: { label: 'accuracy under attack' },
      series: [
        ...methods.map((id) => ({ id, name: names[id] })),
        { id: PLAIN, name: 'extragradient without perturbations' },
      ],
      control: 'eg',
    },
  ],
  claims: ['adversarial'],
  method: libraryRun,
  async *run(context, decide, method) {
    const sizes = locked.claims.adversarial.sizes[context.size];
    const { steps, looks, share, within, least, tuning, draws } = sizes;
    const pause = pauses(context);
    const random = new Random(context.seed).split(37);
    const follow: Follow = (name, training, gamma, seed, until, most) => {
      const { weights } = training;
      const k = Math.round(weights / sizes.q);
      // Extragradient takes its steps; the others as many as fit into what they may send.
      const budget = most === undefined ? steps : Math.ceil(most / (name.startsWith('masha') ? 2 * k : k));
      const limit = Math.min(budget, sizes.most);
      const settings = { ...settingsOf(weights, k)[name], gamma, seed };
      const spacing = { steps: limit, every: Math.max(1, Math.round(limit / looks)), until };
      return followTraining(method, training, settings, spacing, sentBy(name, weights, k), pause);
    };
    const total = tuning * methods.length * multiples.length + draws * methods.length;
    let done = 0;
    const progress = (label: string): ExperimentEvent => ({ kind: 'progress', label, fraction: done++ / total });
    const { chosen, reference } = yield* chosenSteps(sizes, random, follow, progress);
    const found: Draw[] = [];
    let gain = 0;
    for (let draw = 0; draw < draws; draw++) {
      const training = await trainingOf(sizes, random.split(tuning + draw));
      const seed = tuning + draw;
      yield progress(`draw ${draw + 1}: ${names.eg}`);
      const best = await follow('eg', training, reference, seed);
      const plain = chosen.eg === reference ? best : await follow('eg', training, chosen.eg, seed);
      // Extragradient that has learned little is nothing to compare with.
      const target = lastOf(best) >= least ? lastOf(best) - within : Number.POSITIVE_INFINITY;
      // The better one of both: a step that was fast on draws that do not judge may diverge on one that does.
      const eg = Math.min(numbersTo(plain, target), numbersTo(best, target));
      const courses: Partial<Record<Name, AdversarialCourse>> = { eg: plain };
      const reached = { eg } as Record<Name, number>;
      if (draw === 0) {
        yield { kind: 'points', panel: PANEL, series: 'eg', ...pointsOf(plain) };
        const unperturbed = await trainingOf(sizes, random.split(seed), false);
        const without = await follow('eg', unperturbed, reference, seed);
        yield { kind: 'points', panel: PANEL, series: PLAIN, ...pointsOf(without) };
        gain = lastOf(best) - lastOf(without);
      }
      for (const name of methods.slice(1)) {
        yield progress(`draw ${draw + 1}: ${names[name]}`);
        const most = (Number.isFinite(eg) ? eg : plain.numbers.at(-1)!) / share;
        // The curves of the first draw go on.
        const course = await follow(name, training, chosen[name], seed, draw === 0 ? undefined : target, most);
        courses[name] = course;
        reached[name] = numbersTo(course, target);
        if (draw === 0) yield { kind: 'points', panel: PANEL, series: name, ...pointsOf(course) };
      }
      found.push({ target, reached, courses });
    }
    const ratio = (name: Name) =>
      median(found.map(({ reached }) => (Number.isFinite(reached.eg) ? reached.eg / reached[name] : 0)));
    yield decide('adversarial', { masha1: ratio('masha1'), masha2: ratio('masha2'), gain });
    const rows: Cell[][] = methods.flatMap((name) =>
      found.map(({ target, reached, courses }, draw) => [
        ...[draw + 1, names[name], chosen[name], target, reached[name]],
        ...[reached.eg / reached[name], Math.max(...averaged(courses[name]!))],
      ]),
    );
    yield {
      kind: 'table',
      title: 'Numbers sent up by each device until the accuracy under attack is within a point of extragradient’s last',
      columns: [
        ...['draw', 'method', 'step', 'accuracy to reach', 'numbers'],
        ...['extragradient over these', 'best accuracy, mean of three'],
      ],
      rows,
    };
  },
});
