import { bbob, type MethodName, methodNames, minimizeIterates, Search } from 'southwell/black-box';
import type { Values } from '../../lib/controls.ts';
import type { Contest, Stride } from './contest.ts';

interface Point {
  readonly value: number;
  readonly evaluations: number;
}

export async function blackBox(v: Values): Promise<Contest<Point>> {
  const [dim, seed, budget] = [Number(v.dim), Number(v.seed), Number(v.budget)];
  const { f, fopt, lower, upper, name } = bbob(Number(v.function), dim);
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
