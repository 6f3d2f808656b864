import {
  ldpPower,
  type NeededForEffect,
  oneRoundRecords,
  powerRecords,
  privacyRecords,
} from 'southwell/private-models';
import * as v from 'valibot';
import { numbers, option, positive, real, whole } from '../../declaration/option.ts';
import { optionsOf } from '../../declaration/records.ts';
import { defineTask, type RequestOf, type ResultOf, type TaskTools } from '../../declaration/task.ts';
import type { View } from '../../declaration/view.ts';
import { count, grouped, number } from '../../format.ts';
import { list, said, status } from '../../result.ts';

/** Sizes of effects that are listed by default, in units of the scaled target for one unit of a scaled feature. */
export const EFFECTS = [0.05, 0.1, 0.2, 0.5, 1];

const { people, correlation, power } = powerRecords;
const inputs = {};
const options = {
  features: option(whole(1), {
    title: 'Features',
    about: 'number of features in a report',
    argument: 'count',
    required: true,
    form: { initial: 6 },
  }),
  people: option(whole(people.min), { ...people.ask, required: true, form: { initial: 60_000 } }),
  ...optionsOf(oneRoundRecords, () => ({})),
  epsilon: option(positive(), { ...privacyRecords.epsilon.ask, required: true, form: { initial: 2 } }),
  delta: option(real(0, 1), {
    title: 'Delta',
    about: 'privacy parameter delta of each report, below 1: 0 for Laplace noise, above 0 for Gaussian noise',
    argument: 'probability',
    default: 0,
    form: { initial: 1e-6 },
  }),
  clipX: option(positive(), {
    title: 'Bound of the features',
    about: 'bound on the norm of a person’s centred and scaled features',
    argument: 'norm',
    required: true,
    form: { initial: 2 },
  }),
  clipY: option(positive(), {
    title: 'Bound of the target',
    about: 'bound on the absolute value of the centred and scaled target',
    argument: 'size',
    required: true,
    form: { initial: 2 },
  }),
  effects: option(numbers(0), {
    title: 'Effects',
    about: 'sizes of effects, in units of the scaled target for one unit of a scaled feature',
    argument: 'sizes',
    otherwise: EFFECTS.join(','),
    form: { hint: EFFECTS.join(','), advanced: true },
  }),
  ...optionsOf({ correlation, power }, () => ({ form: { advanced: true } })),
};
type Request = RequestOf<typeof inputs, typeof options>;

export const neededSchema = list(v.object({ effect: v.number(), people: v.number(), epsilon: v.nullable(v.number()) }));

const entries = {
  command: said(v.string(), 'The command line of this run.'),
  features: v.number(),
  people: v.number(),
  epsilon: said(v.number(), 'Privacy parameter of each report.'),
  delta: v.number(),
  correlation: v.number(),
  power: said(v.number(), 'Probability with which an effect is shown.'),
  detectable: said(v.number(), 'The smallest effect that is shown, scaled.'),
  needed: said(
    neededSchema,
    'For each effect the people that it needs at this epsilon, and the epsilon that it needs with these people; null if none up to 50 is enough.',
  ),
  status,
  seconds: v.number(),
};
const result = v.object(entries);

export const plainNeeded = (needed: readonly NeededForEffect[]) =>
  needed.map(({ effect, people, epsilon }) => ({ effect, people, epsilon: epsilon ?? null }));
type Result = ResultOf<typeof entries>;

async function job(request: Request, { command }: TaskTools): Promise<Result> {
  const started = performance.now();
  const { features, people, mode, epsilon, delta, clipX, clipY, correlation, power } = request;
  const { effects = EFFECTS } = request;
  const protocol = { d: features, mode, epsilon, delta, clip: { x: clipX, y: clipY } };
  const { detectable, needed } = ldpPower(protocol, effects, { people, correlation, power });
  return {
    ...{ command, features, people, epsilon, delta, correlation, power, detectable },
    needed: plainNeeded(needed),
    status: 'completed',
    seconds: (performance.now() - started) / 1000,
  };
}

/** The rows of the table of what effects need. */
export const neededRows = (needed: Result['needed']) =>
  needed.map(({ effect, people, epsilon }) => [
    effect,
    Number.isFinite(people) ? grouped(Number(people.toPrecision(2))) : 'no number',
    epsilon === null ? 'above 50' : number(epsilon, 2),
  ]);
export const NEEDED = ['effect, scaled', 'people at this epsilon', 'epsilon with these people'];

function view(r: Result): View {
  return {
    status: r.status,
    about: `${count(r.features, 'feature')}, ${grouped(r.people)} people, each report (${r.epsilon}, ${r.delta})-private`,
    headline: `The smallest effect that is shown is ${number(r.detectable, 2)}, scaled, with probability ${r.power}.`,
    ending: `Assumed: features of variance 1 after scaling, with correlation ${r.correlation}, and the default threshold of fit-private.`,
    advice:
      r.detectable > 1
        ? [
            'No effect that is plausible would be shown: ask more people, take fewer features or tighter bounds, or a larger epsilon.',
          ]
        : [],
    seconds: r.seconds,
    notes: [],
    tables: [{ title: 'What an effect needs in order to be shown', columns: NEEDED, rows: neededRows(r.needed) }],
    pictures: [],
  };
}

/** The power of a protocol, before anything is spent. */
export const planPrivate = defineTask({
  title: 'Power of private reports',
  verb: ['plan-private'],
  about: 'Tell what fit-private could learn from private reports, before any is made: effects, people and epsilon.',
  examples: [
    'plan-private --features 6 --people 60000 --epsilon 4 --delta 1e-6 --clip-x 2.5 --clip-y 2.5 --correlation 0.5',
    'plan-private --features 3 --people 10000 --epsilon 1 --clip-x 2 --clip-y 2 --effects 0.1,0.3 --json',
  ],
  inputs,
  options,
  checks: [
    { wrong: ({ delta }) => delta >= 1, say: '{delta} must be below 1: at 1 there is no privacy.' },
    { wrong: ({ effects }) => effects?.some((size) => size === 0) === true, say: '{effects} must be above 0.' },
  ],
  result,
  outputs: {},
  resumes: false,
  interrupted: { kept: 'nothing is', none: 'was a result' },
  job,
  view,
});
