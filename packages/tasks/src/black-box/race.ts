import { bbob, bbobNames, type MethodName, methodNames, minimizeIterates, Search } from 'southwell/black-box';
import { choice, option, type ValuesOf, whole } from '../declaration/option.ts';
import { type Contest, defineRace, raceSeed, type Stride } from '../declaration/race.ts';

interface Point {
  readonly value: number;
  readonly evaluations: number;
}

const options = {
  function: option(choice(Object.fromEntries(bbobNames.map((name, k) => [String(k + 1), `${k + 1} ${name}`]))), {
    title: 'Function',
    about: 'BBOB function',
    default: '8',
  }),
  dim: option(whole(2, 40), { title: 'Dimensions', about: 'number of coordinates', default: 10 }),
  budget: option(whole(10, 1_000_000), { title: 'Evaluations', about: 'evaluations of each method', default: 50_000 }),
  seed: raceSeed('of the starts'),
};

export const bbobRace = defineRace({
  id: 'black-box',
  title: 'the functions of BBOB',
  about: 'The noiseless functions of BBOB, measured by the distance to the smallest value.',
  options,
  racers: methodNames.map((name) => [name, name] as const),
  measure: 'f − smallest f',
  extra: 'evaluations',
  work: 'evaluations',
  logY: true,
  contest,
});

async function contest({ dim, seed, budget, function: k }: ValuesOf<typeof options>): Promise<Contest<Point>> {
  const { f, fopt, lower, upper, name } = bbob(Number(k), dim);
  const racer = (method: MethodName) =>
    function* (): Iterable<Stride<Point>> {
      const bounds = { lower: new Float64Array(dim).fill(lower), upper: new Float64Array(dim).fill(upper) };
      const search = new Search({ ...bounds, method, budget, seed, restarts: Number.POSITIVE_INFINITY });
      for (const it of minimizeIterates(f, search)) {
        const point = { value: it.objective, evaluations: search.evaluations };
        yield { work: search.evaluations, snapshot: () => point };
      }
    };
  return {
    about: `${name} in ${dim} dimensions`,
    target: 1e-8,
    measure: ({ value, evaluations }) => ({ value: Math.max(value - fopt, 1e-16), extra: evaluations }),
    racers: Object.fromEntries(methodNames.map((method) => [method, racer(method)])),
  };
}
