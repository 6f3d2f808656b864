import { type MethodName, methodNames, minimize, minimizeIterates, Search } from 'southwell/black-box';
import { numbers, option, text, type ValuesOf, whole } from '../declaration/option.ts';
import { type Contest, defineRace, raceSeed, type Stride } from '../declaration/race.ts';
import { RequestError } from '../errors.ts';
import { clip, count } from '../format.ts';
import { expressionOf, misread } from './given.ts';

interface Point {
  readonly value: number;
  readonly evaluations: number;
}

const options = {
  expression: option(text(), {
    title: 'Expression',
    about: 'an expression in any variables',
    argument: 'text',
    default: '(1-x)^2 + 100*(y-x^2)^2',
  }),
  lower: option(numbers(), {
    title: 'Lower bounds',
    about: 'one number for all variables, or one for each in alphabetical order',
    argument: 'bounds',
    default: [-5],
    form: { initial: '-5' },
  }),
  upper: option(numbers(), {
    title: 'Upper bounds',
    about: 'one number for all variables, or one for each in alphabetical order',
    argument: 'bounds',
    default: [5],
    form: { initial: '5' },
  }),
  budget: option(whole(10, 1_000_000), { title: 'Evaluations', about: 'evaluations of each method', default: 50_000 }),
  seed: raceSeed('of the starts'),
};
type Values = ValuesOf<typeof options>;

/** The methods on an expression of the user. */
export const expressionRace = defineRace({
  id: 'expression',
  title: 'an expression of yours',
  about:
    'A function that you write, measured by the distance to the least value that three methods find in 20000 evaluations each beforehand.',
  options,
  checks: [
    {
      wrong: ({ expression }: Values) => misread(expression) !== undefined,
      say: ({ expression }: Values) => misread(expression)!,
    },
  ],
  racers: methodNames.map((name) => [name, name] as const),
  measure: 'f − least f',
  extra: 'evaluations',
  work: 'evaluations',
  logY: true,
  contest,
});

const SCOUTS: readonly MethodName[] = ['auto', 'cma-es', 'differential-evolution'];
/** Number of evaluations of each method. */
const SCOUTING = 20_000;
/**
 * Distances below this are as good as 0; a method that reaches the target, relative to the minimum if that is above 1
 * in size, has finished.
 */
const [NONE, TARGET] = [1e-16, 1e-8];

async function contest({ expression, lower, upper, seed, budget }: Values): Promise<Contest<Point>> {
  const { variables, f } = expressionOf(expression);
  const dim = variables.length;
  const forAll = (bounds: readonly number[]) => (bounds.length === 1 ? bounds[0] : bounds);
  const space = { dim, lower: forAll(lower), upper: forAll(upper), seed };
  const restarts = Number.POSITIVE_INFINITY;
  const found = SCOUTS.map((method) => minimize(f, { ...space, method, budget: SCOUTING, restarts }).objective);
  const least = Math.min(...found);
  if (!Number.isFinite(least)) {
    const what = least === Number.POSITIVE_INFINITY ? 'has no finite value' : 'has no least value';
    throw new RequestError(`'${clip(expression, 60)}' ${what} within these bounds: there is nothing to race for.`);
  }
  const racer = (method: MethodName) =>
    function* (): Iterable<Stride<Point>> {
      const search = new Search({ ...space, method, budget, restarts });
      for (const it of minimizeIterates(f, search)) {
        const point = { value: it.objective, evaluations: search.evaluations };
        yield { work: search.evaluations, snapshot: () => point };
      }
    };
  return {
    about: `${clip(expression, 60)} in ${count(dim, 'variable')}`,
    target: TARGET * Math.max(1, Math.abs(least)),
    measure: ({ value, evaluations }) => ({ value: Math.max(value - least, NONE), extra: evaluations }),
    racers: Object.fromEntries(methodNames.map((method) => [method, racer(method)])),
  };
}
