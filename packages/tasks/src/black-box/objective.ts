import { type MixedPoint, testFunction, workerObjective } from 'southwell/black-box';
import { shellWord } from '../declaration/command.ts';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import { clip } from '../format.ts';
import type { JobHost } from '../progress.ts';
import { expressionOf, isExpression } from './given.ts';
import { type MinimizeRequest, PLACEHOLDER } from './options.ts';

/** A number, or with constraints an array: f followed by the values of the constraints. */
export type Value = number | ArrayLike<number>;
export type Point = Float64Array | MixedPoint;

/** The objective. */
export interface Objective {
  readonly name: string;
  /** Takes category values where there are categories. */
  readonly f: (x: Point, signal?: AbortSignal) => Promise<Value> | Value;
  /** The function, if it can be evaluated synchronously and at no cost, also at other points. */
  readonly free?: (x: Float64Array) => number;
  /** Names of the coordinates of an expression. */
  readonly variables?: readonly string[];
  /** Terminates its workers. */
  close?(): void;
  /** Default bounds. */
  readonly lower?: number | readonly number[];
  readonly upper?: number | readonly number[];
  /** The minimum, if known. */
  readonly known?: number;
}

/** Throws if there is no such function or file, or no shell for a command. */
export function objectiveOf(request: MinimizeRequest, dim: number, { host, spell }: TaskTools): Objective {
  const { command, module, instance, constraints = 0 } = request;
  if (request.function !== undefined) {
    if (isExpression(request.function)) {
      const { f, variables } = expressionOf(request.function);
      return { name: request.function, f: (x) => f(x as Float64Array), free: f, variables };
    }
    const { name, f, lower, upper, fopt } = testFunction(request.function, dim, instance);
    return { name, f: (x) => f(x as Float64Array), free: f, lower, upper, known: fopt };
  }
  if (!host)
    throw new RequestError(`${spell('command')} and ${spell('module')} need the command: there is no shell here.`);
  if (command !== undefined)
    return { name: command, f: (x, signal) => evaluate(command, x, 1 + constraints, host, signal) };
  const f = workerObjective(host.moduleUrl(module!));
  return { name: module!, f, close: f.close };
}

/**
 * Replaces `{x}` by all coordinates, and `{x1}`, `{x2}` … by one each: numbers, or category values, quoted where a
 * shell requires it.
 */
const lineAt = (command: string, x: Point): string =>
  command.replace(PLACEHOLDER, (_, k: string) => {
    const words = Array.from<number | string, string>(x, (value) => shellWord(String(value)));
    return k === '' ? words.join(' ') : words[Number(k) - 1];
  });

/**
 * The number that the command prints at a point, or f and the constraints. Throws if it prints anything else, or fails.
 */
async function evaluate(
  command: string,
  x: Point,
  width: number,
  host: JobHost,
  signal?: AbortSignal,
): Promise<number | number[]> {
  const line = lineAt(command, x);
  const said = (await host.shell(line, signal)).trim();
  const values = width === 1 ? [numberOf(said)] : said.split(/[\s,]+/).map(numberOf);
  const numbers = values.filter((value) => value !== undefined);
  if (values.length === width && numbers.length === width) return width === 1 ? numbers[0] : numbers;
  const shown = said === '' ? 'nothing' : `'${clip(said, 60)}'`;
  const wanted = width === 1 ? 'one number' : `${width} numbers, of f and of the constraints`;
  throw new Error(`\`${clip(line, 100)}\` printed ${shown} instead of ${wanted}.`);
}

/** Numbers as programs print them, including `nan` and `inf`. */
function numberOf(text: string): number | undefined {
  const word = text.toLowerCase();
  if (/^[+-]?nan$/.test(word)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/.exec(word);
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return word === '' || Number.isNaN(Number(word)) ? undefined : Number(word);
}
