import type { ExperimentContext, ExperimentEvent } from '../experiment.ts';
import { pauses } from '../pauses.ts';
import { locked } from './locked.ts';
import { RULE_NAMES, RULES, type Rule, type RuleName, ruleOf } from './rules.ts';
import { type Condition, drawOf, type Setting, type Task, type Training, training } from './training.ts';

/** The draw on which rates are chosen. */
const CHOOSING = 1000;

/** What came of a rule. */
export interface Contestant {
  readonly rate: number;
  /** Accuracies under each condition on the draw that chooses, by rate. */
  readonly tried: ReadonlyMap<number, readonly number[]>;
  /** By name of the condition, one for each draw. */
  readonly trained: ReadonlyMap<string, readonly Training[]>;
}

export interface Contest {
  /** The task of a draw. */
  readonly taskOf: (draw: number) => Task;
  /** What workers train under. */
  readonly conditions: readonly Condition[];
  readonly setting: Setting & { readonly draws: number };
  /** The rules that take part; by default all. */
  readonly rules?: readonly RuleName[];
  /** The title of the panel of a condition. */
  readonly panelOf: (condition: Condition) => string;
  /** The part of the run's progress that this is. */
  readonly progress?: readonly [from: number, to: number];
}

/**
 * Trains with each rule under each condition, at the rate of the grid with the highest mean accuracy over the conditions on a draw
 * that does not judge. Yields the curves of the first draw.
 */
export async function* contest(
  { taskOf, conditions, setting, rules = RULE_NAMES, panelOf, progress: [from, to] = [0, 1] }: Contest,
  context: ExperimentContext,
  method: Rule,
): AsyncGenerator<ExperimentEvent, ReadonlyMap<RuleName, Contestant>, undefined> {
  const pause = pauses(context);
  const { draws } = setting;
  const run = (draw: number, at: number, rule: Rule, rate: number, every: number | undefined) => {
    const task = tasks.get(draw)!;
    const condition = conditions[at];
    const random = drawOf(context.seed, draw).split(1 + at);
    return training(task, condition, rule(condition.declared), { ...setting, every }, rate, random, pause);
  };
  const tasks = new Map([CHOOSING, ...Array.from({ length: draws }, (_, k) => k)].map((k) => [k, taskOf(k)]));
  const progress = (label: string, rule: number, runs: number, of: number): ExperimentEvent => ({
    ...{ kind: 'progress', label },
    fraction: from + ((to - from) * (rule + runs / of)) / rules.length,
  });
  const found = new Map<RuleName, Contestant>();
  for (const [k, name] of rules.entries()) {
    const rule = ruleOf(name, method);
    const tried = new Map<number, readonly number[]>();
    let best = { rate: Number.NaN, accuracy: -1 };
    const { rate: rates } = locked.grids.rate;
    for (const [r, rate] of rates.entries()) {
      yield progress(`rate of ${RULES[name].name}`, k, r, rates.length + draws);
      const reached: number[] = [];
      for (let at = 0; at < conditions.length; at++) {
        reached.push((await run(CHOOSING, at, rule, rate, undefined)).accuracy);
      }
      tried.set(rate, reached);
      const accuracy = reached.reduce((sum, v) => sum + v / conditions.length, 0);
      if (accuracy > best.accuracy) best = { rate, accuracy };
    }
    const trained = new Map<string, Training[]>(conditions.map((condition) => [condition.name, []]));
    for (let draw = 0; draw < draws; draw++) {
      yield progress(RULES[name].name, k, rates.length + draw, rates.length + draws);
      for (const [at, condition] of conditions.entries()) {
        const one = await run(draw, at, rule, best.rate, setting.every);
        trained.get(condition.name)!.push(one);
        if (draw > 0) continue;
        const [x, y] = [one.course.map(([t]) => t), one.course.map(([, accuracy]) => accuracy)];
        yield { kind: 'points', panel: panelOf(condition), series: name, x, y };
      }
    }
    found.set(name, { rate: best.rate, tried, trained });
  }
  return found;
}
