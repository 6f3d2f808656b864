import { experiment } from '../../define.ts';
import { median } from '../../median.ts';
import { contest } from '../contest.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { onePass, RULE_NAMES, RULES, type RuleName, SERIES } from '../rules.ts';
import { ATTACKS, classesTask } from '../tasks.ts';
import { type Condition, drawOf } from '../training.ts';

const panelOf = ({ name }: Pick<Condition, 'name'>): string => `Test accuracy, ${name}`;
const NONE = 'no attack';
/** Points of a curve. */
const POINTS = 15;

/** Synthetic classes, with three of fifteen workers that send what an attack makes. */
export default experiment(record, {
  id: 'attacks',
  title: 'Hostile workers',
  panels: [NONE, ...Object.values(ATTACKS).map(({ name }) => name)].map((name) => ({
    title: panelOf({ name }),
    x: { label: 'iterations' },
    y: { label: 'test accuracy' },
    series: SERIES,
    control: 'normalized-mean',
  })),
  claims: ['worst-case', 'no-attack', 'lie', 'subspace'],
  method: onePass,
  async *run(context, decide, method) {
    const { draws, faulty, attacks, ...sizes } = locked.claims['worst-case'].sizes[context.size];
    const hostile = attacks.map((id): Condition => ({ ...ATTACKS[id], faulty, declared: faulty }));
    const conditions: Condition[] = [{ name: NONE, faulty: 0, declared: faulty }, ...hostile];
    const found = yield* contest(
      {
        taskOf: (draw) => classesTask(sizes, drawOf(context.seed, draw).split(0)),
        conditions,
        setting: { ...sizes, draws, every: Math.ceil(sizes.iterations / POINTS) },
        panelOf,
      },
      context,
      method,
    );
    const accuracies = (rule: RuleName, condition: string): number[] =>
      found
        .get(rule)!
        .trained.get(condition)!
        .map(({ accuracy }) => accuracy);
    /** A number for each draw from the accuracies under all attacks. */
    const over = (rule: RuleName, of: (values: readonly number[]) => number): number[] =>
      Array.from({ length: draws }, (_, draw) => of(hostile.map(({ name }) => accuracies(rule, name)[draw])));
    const worst = (rule: RuleName) => over(rule, (values) => Math.min(...values));
    const mean = (rule: RuleName) => over(rule, (values) => values.reduce((sum, v) => sum + v, 0) / values.length);
    const best = (rules: readonly RuleName[], of: (rule: RuleName) => number[]): number[] =>
      Array.from({ length: draws }, (_, draw) => Math.max(...rules.map((rule) => of(rule)[draw])));
    const less = (a: readonly number[], b: readonly number[]) => median(a.map((v, draw) => v - b[draw]));
    yield decide('worst-case', {
      level: context.size === 'full' ? median(worst('flag')) : undefined,
      rivals: less(worst('flag'), best(['multi-krum', 'meamed', 'bulyan'], worst)),
    });
    const plain = accuracies('mean', NONE);
    yield decide('no-attack', { accuracy: median(accuracies('flag', NONE).map((v, draw) => v / plain[draw])) });
    const lie = (rule: RuleName) => accuracies(rule, ATTACKS.lie.name);
    yield decide('lie', { rivals: less(lie('flag'), best(['multi-krum', 'meamed', 'trimmed-mean'], lie)) });
    yield decide('subspace', {
      worst: less(worst('flag'), worst('normalized-mean')),
      mean: less(mean('flag'), mean('normalized-mean')),
    });
    const columns = ['rule', 'rate', ...conditions.map(({ name }) => name), 'lowest under attack'];
    const rows = RULE_NAMES.map((rule) => [
      ...[RULES[rule].name, found.get(rule)!.rate],
      ...conditions.map(({ name }) => median(accuracies(rule, name))),
      median(worst(rule)),
    ]);
    const title = `Test accuracy after ${sizes.iterations} iterations, ${draws > 1 ? `medians of ${draws} draws` : 'one draw'}`;
    yield { kind: 'table', title, columns, rows };
    const rates = locked.grids.rate.rate;
    yield {
      ...{
        kind: 'table',
        title: 'Lowest and mean test accuracy over all columns above, by rate, on the draw that chooses',
      },
      columns: ['rule', ...rates.flatMap((rate) => [`lowest at ${rate}`, `mean at ${rate}`])],
      rows: RULE_NAMES.map((rule) => [
        RULES[rule].name,
        ...[...found.get(rule)!.tried.values()].flatMap((reached) => [
          Math.min(...reached),
          reached.reduce((sum, v) => sum + v / reached.length, 0),
        ]),
      ]),
    };
  },
});
