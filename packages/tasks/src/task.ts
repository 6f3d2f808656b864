import type { Status } from '@southwell/numerics/core';
import type * as v from 'valibot';
import { type AnyRequest, type Checked, check, keys, type Spelling } from './check.ts';
import type { Columns } from './columns.ts';
import type { Options, ValuesOf } from './option.ts';
import type { JobTools } from './progress.ts';
import type { Race } from './race.ts';
import type { View } from './view.ts';

type Inputs = Readonly<Record<string, string>>;
/** Entries of the object that a job gives. */
type ResultEntries = Readonly<Record<string, v.GenericSchema>> & { readonly status: v.GenericSchema<Status> };

/** What a job is given, plain data: its inputs by name, and its options. */
export type RequestOf<I extends Inputs, O extends Options> = { readonly [K in keyof I]: string } & ValuesOf<O>;
export type ResultOf<R extends ResultEntries> = Readonly<v.InferOutput<v.ObjectSchema<R, undefined>>> & {
  readonly status: Status;
};

type AnyResult = AnyRequest & { readonly status: Status };

/** What a job is given beside its request. */
export interface TaskTools extends JobTools {
  /** How an option is called where the request comes from, for sentences about it. */
  spell(option: string): string;
}

/** A file of columns that the command writes when asked and the page offers. */
export interface Output<T> {
  /** Name on the page. */
  readonly file: string;
  /** For help. */
  readonly about: string;
  columns(result: T): Columns;
  /** Names of the result that `--json` leaves to the file; where none is asked for, the columns are under this name. */
  readonly holds: readonly string[];
  readonly json: string;
}

/**
 * One thing that people can ask for: all that the command, the workbench and the docs know of it. Q is its request, T
 * what its job gives; both follow from `options` and `result` (`defineTask`).
 */
export interface Task<Q = AnyRequest, T extends { readonly status: Status } = AnyResult> extends Checked<Q> {
  readonly family: string;
  /** Where the page lists what can be done. */
  readonly title: string;
  /** The words of the command. */
  readonly verb: readonly string[];
  /** A sentence. */
  readonly about: string;
  /** What comes after `southwell`. */
  readonly examples: readonly string[];
  /** Tables, by name: what each is, for help. The first is what `tools.read()` reads. */
  readonly inputs: Inputs;
  readonly options: Options;
  /** The schema of what the job gives, and so of `--json`. */
  readonly result: { readonly entries: Readonly<Record<string, v.GenericSchema>> };
  readonly outputs: Readonly<Record<string, Output<T>>>;
  /** What an interrupt keeps, "the best clusters so far are", and of what there is none before: "were clusters". */
  readonly interrupted: { readonly kept: string; readonly none: string };
  /** Free of Node and of the DOM. */
  job(request: Q, tools: TaskTools): Promise<T>;
  view(result: T): View;
  readonly races?: readonly Race[];
}

/** A task whose types follow from its inputs, its options and the schema of its result. */
export const defineTask = <I extends Inputs, O extends Options, R extends ResultEntries>(
  task: Task<RequestOf<I, O>, ResultOf<R>> & {
    readonly inputs: I;
    readonly options: O;
    readonly result: v.ObjectSchema<R, undefined>;
  },
) => task;

/**
 * Checks a request and does what it asks for: the call of the library.
 * @param request What is not given is undefined or absent.
 * @param spelling How sentences call options. Default: by their keys.
 * @throws RequestError, and what the job throws.
 */
export async function runTask<Q, T extends { readonly status: Status }>(
  task: Task<Q, T>,
  request: Partial<Q>,
  tools: JobTools,
  spelling: Spelling = keys,
): Promise<T> {
  return task.job(check(task, request, spelling), { ...tools, spell: spelling.option });
}

/** What `--json` shows of a result: what goes into files under the names of their options, or in place. */
export function documentOf(task: Task, result: object, paths: Readonly<Record<string, string | undefined>>): object {
  const outputs = Object.entries(task.outputs);
  const held = outputs.flatMap(([, output]) => output.holds);
  return {
    ...Object.fromEntries(Object.entries(result).filter(([name]) => !held.includes(name))),
    ...Object.fromEntries(
      outputs.map(([name, { json, columns }]) =>
        paths[name] === undefined ? [json, columns(result as never)] : [name, paths[name]],
      ),
    ),
  };
}
