import { type Communicator, complete, simulate } from '@southwell/distributed';
import { Random } from '@southwell/numerics/core';
import { aggregateRanks } from 'southwell/distributed-methods';
import { experiment } from '../../define.ts';
import { fashion, fashionSet } from '../../material/fashion.ts';
import { digitSet } from '../../material/perceptrons.ts';
import { median } from '../../median.ts';
import { type Contestant, contest } from '../contest.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';
import { onePass, RULE_NAMES, RULES, type Rule, type RuleName, ruleOf, SERIES } from '../rules.ts';
import { imagesTasks } from '../tasks.ts';
import { type Condition, drawOf, iterationsTo } from '../training.ts';

const panelOf = ({ name }: Condition): string => `Test accuracy, ${name}`;
const RIVALS = ['bulyan', 'multi-krum', 'meamed', 'phocas', 'median', 'trimmed-mean'] as const;
const FAULTLESS = 'no noise, no hostile workers';

/** Bytes that a worker sends in an aggregation of gradients of this length, as the communicator counts them. */
function bytesOf(rule: Rule, workers: number, faulty: number, length: number): number {
  const random = new Random(0);
  const program = (comm: Communicator) =>
    aggregateRanks(
      comm,
      Float64Array.from({ length }, () => random.normal()),
      rule(faulty),
    );
  const { traffic } = complete(simulate(program, { ranks: workers }));
  const sent = traffic.flatMap((phases) => Object.values(phases).map(({ bytes }) => bytes));
  return sent.reduce((sum, bytes) => sum + bytes, 0) / workers;
}

/** Images that a third of the workers see with noise, with other workers that send random gradients. */
export default experiment(record, {
  id: 'augmentation',
  title: 'Augmentation noise and hostile workers',
  needs: { full: [fashion] },
  panels: [
    {
      title: 'Test accuracy, {noise}, {number} hostile',
      x: { label: 'iterations' },
      y: { label: 'test accuracy' },
      series: SERIES,
      control: 'normalized-mean',
    },
    {
      title: `Test accuracy, ${FAULTLESS}`,
      x: { label: 'iterations' },
      y: { label: 'test accuracy' },
      series: SERIES.filter(({ id }) => id === 'mean'),
    },
  ],
  claims: ['augmentation', 'fewer-iterations'],
  method: onePass,
  async *run(context, decide, method) {
    const sizes = locked.claims.augmentation.sizes[context.size];
    const { draws, workers, share } = sizes;
    const set = await (context.size === 'full' ? fashionSet(context) : digitSet());
    const { taskOf, conditions } = imagesTasks(set, sizes);
    const taskOfDraw = (draw: number) => taskOf(drawOf(context.seed, draw).split(0));
    const { network } = taskOfDraw(0);
    const faultless: Condition = { name: FAULTLESS, faulty: 0, declared: 0 };
    const setting = { taskOf: taskOfDraw, setting: sizes, panelOf };
    const plain = yield* contest(
      { ...setting, conditions: [faultless], rules: ['mean'], progress: [0, 0.02] },
      context,
      method,
    );
    const found = yield* contest({ ...setting, conditions, progress: [0.02, 1] }, context, method);
    const all = ({ trained }: Contestant) => [...trained.values()].flat();
    /** Mean accuracy over the conditions, for each draw. */
    const accuracies = (rule: RuleName): number[] => {
      const { trained } = found.get(rule)!;
      const under = [...trained.values()];
      return under[0].map((_, draw) => under.reduce((sum, some) => sum + some[draw].accuracy, 0) / under.length);
    };
    yield decide('augmentation', {
      rivals: RIVALS.map((rule) => ({
        label: RULES[rule].name,
        value: median(accuracies('flag').map((v, draw) => v - accuracies(rule)[draw])),
      })),
    });
    const target = share * median(all(plain.get('mean')!).map(({ accuracy }) => accuracy));
    const iterations = (rule: RuleName) => median(all(found.get(rule)!).map((one) => iterationsTo(one, target)));
    const most = Math.max(...sizes.faulty);
    const bytes = new Map(
      RULE_NAMES.map((rule) => [rule, bytesOf(ruleOf(rule, method), workers, most, network.length)]),
    );
    const ratios = (of: (rule: RuleName) => number) =>
      RIVALS.map((rule) => ({ label: RULES[rule].name, value: of('flag') / of(rule) }));
    yield decide('fewer-iterations', {
      iterations: ratios(iterations),
      bytes: ratios((rule) => iterations(rule) * bytes.get(rule)!),
    });
    const columns = [
      ...['rule', 'rate', ...conditions.map(({ name }) => name), 'mean'],
      ...[`iterations to ${target.toPrecision(3)}`, 'bytes of a worker in an iteration'],
    ];
    const rows = RULE_NAMES.map((rule) => [
      ...[RULES[rule].name, found.get(rule)!.rate],
      ...[...found.get(rule)!.trained.values()].map((some) => median(some.map(({ accuracy }) => accuracy))),
      ...[median(accuracies(rule)), iterations(rule), bytes.get(rule)!],
    ]);
    const title = `Test accuracy on ${set.name}, ${draws > 1 ? `medians of ${draws} draws` : 'one draw'}`;
    yield { kind: 'table', title, columns, rows };
  },
});
