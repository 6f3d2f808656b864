import type { Table } from '@southwell/data';
import type { Status } from '@southwell/numerics/core';
import type * as v from 'valibot';
import type { Ending } from '../ended.ts';
import type { JobTools } from '../progress.ts';
import type { SavedModels } from '../saved-model.ts';
import type { RankPlan } from '../spread/ranks.ts';
import { type AnyRequest, type Checked, check, keys, meets, type Spelling } from './check.ts';
import { commandWords, shellLine } from './command.ts';
import type { Inputs } from './input.ts';
import type { Condition, Options, ValuesOf } from './option.ts';
import type { Output } from './output.ts';
import type { Race } from './race.ts';
import { withSpelledErrors } from './spelledErrors.ts';
import type { View } from './view.ts';

/** Entries of the object that a job gives. */
type ResultEntries = Readonly<Record<string, v.GenericSchema>> & { readonly status: v.GenericSchema<Status> };

/** What a job is given, plain data: its inputs by name, and its options. */
export type RequestOf<I extends Inputs, O extends Options> = {
  readonly [K in keyof I as I[K] extends { readonly optional: true } ? never : K]: string;
} & {
  readonly [K in keyof I as I[K] extends { readonly optional: true } ? K : never]?: I[K] extends {
    readonly several: true;
  }
    ? readonly string[]
    : string;
} & ValuesOf<O>;
export type ResultOf<R extends ResultEntries> = Readonly<v.InferOutput<v.ObjectSchema<R, undefined>>> & {
  readonly status: Status;
};

type AnyResult = AnyRequest & Ending;

/** What a job is given beside its request. */
export interface TaskTools extends JobTools {
  /** How an option is called where the request comes from, for sentences about it. */
  spell(option: string): string;
  /** The command that does the same, for results that tell it. */
  readonly command: string;
  /** Where this rank does all of the work: why (`alone`), and how many were asked for. */
  readonly alone?: { readonly why: string; readonly ranks: number };
}

/**
 * One thing that people can ask for: all that the command, the workbench and the docs know of it. Q is its request, T
 * what its job gives; both follow from `options` and `result` (`defineTask`).
 */
export interface Task<Q = AnyRequest, T extends Ending = AnyResult> extends Checked<Q> {
  /** Where the page lists what can be done. */
  readonly title: string;
  /** The words of the command. */
  readonly verb: readonly string[];
  /** A sentence; `{name}` stands for an option, also in those of inputs. */
  readonly about: string;
  /** What comes after `southwell`. */
  readonly examples: readonly string[];
  /** In the order of the command. */
  readonly inputs: Inputs;
  readonly options: Options;
  /** The schema of what the job gives, and so of `--json`. */
  readonly result: { readonly entries: Readonly<Record<string, v.GenericSchema>> };
  readonly outputs: Readonly<Record<string, Output<T>>>;
  /** Whether the job can go on from a checkpoint, or with which values of options. Default: always. */
  readonly resumes?: false | Condition;
  /** A run that keeps checkpoints has other last bits than one that keeps none: only who asks for them has any. */
  readonly checkpointsChangeBits?: true;
  /** Whether the job can run on several ranks (`tools.ranks`), or with which values of options. Default: it cannot. */
  readonly ranks?: true | Condition;
  /** Why ranks cannot share the work of a request, as the beginning of a sentence: the first then does all of it. */
  alone?(
    request: Q,
    tools: Pick<TaskTools, 'model' | 'spell'> & {
      /** Why ranks cannot read a table each a part of it. */
      undivided(input: string): Promise<string | undefined>;
    },
  ): Promise<string | undefined>;
  /** What it holds and exchanges on ranks, from some rows of its table: what `--dry-run` prints. */
  plan?(request: Q, some: Table, spell: TaskTools['spell']): RankPlan;
  readonly interrupted: {
    /** What an interrupt keeps: "the best clusters so far are". */
    readonly kept: string;
    /** Of what there is none before: "were clusters". */
    readonly none: string;
    /** A sentence on what was kept. */
    tell?(result: T): string;
  };
  /**
   * The exit code of the command where the status alone does not say it: 2 where something failed that the result's `error`
   * tells of, 3 where what was asked for was missed. Default: 0 where the status is a finished one, else 3.
   */
  exit?(result: T, request: Q): 2 | 3 | undefined;
  /** Free of Node and of the DOM. */
  job(request: Q, tools: TaskTools): Promise<T>;
  view(result: T): View;
}

/** Whether a job that was asked this can keep checkpoints though nobody asked for them, and go on from one. */
const keepsUnasked = (
  { resumes, checkpointsChangeBits }: Pick<Task, 'resumes' | 'checkpointsChangeBits'>,
  request: AnyRequest,
): boolean =>
  resumes !== false &&
  !checkpointsChangeBits &&
  Object.entries(resumes ?? {}).every(([name, wanted]) => meets(wanted, request[name]));

/** Tasks that belong together, and races of their methods. */
export interface Family {
  readonly id: string;
  readonly title: string;
  /** Of the first word of their commands, where they share it: what can be done there, a sentence. */
  readonly about?: string;
  readonly tasks: readonly Task[];
  readonly races?: readonly Race[];
  /** What its tasks save, for `predict`. */
  readonly models?: SavedModels;
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
export async function runTask<Q, T extends Ending>(
  task: Task<Q, T>,
  request: Partial<Q>,
  tools: JobTools,
  spelling: Spelling = keys,
): Promise<T> {
  const checked = check(task, request, spelling);
  const command = shellLine(commandWords(task, request));
  const { unasked, ...rest } = tools;
  const checkpoint = keepsUnasked(task, checked as AnyRequest) ? unasked : undefined;
  return withSpelledErrors(task.options, spelling.option, () =>
    task.job(checked, { checkpoint, ...rest, spell: spelling.option, command }),
  );
}

/** Names of the result that `--json` leaves to an output whose file was written, or was not. */
export const heldBy = (output: Output<never>, written: boolean): readonly string[] =>
  written || (!('columns' in output) && !output.screen) || ('columns' in output && output.json !== undefined)
    ? output.holds
    : [];

/**
 * What `--json` shows of a result, in which `paths` are those of the files that were written: what is in no file stands
 * in its place.
 */
export function documentOf(task: Task, result: object, paths: Readonly<Record<string, string | undefined>>): object {
  const outputs = Object.entries(task.outputs);
  const held = outputs.flatMap(([name, output]) => heldBy(output, paths[name] !== undefined));
  const files = outputs.flatMap(([name, output]): Array<[string, unknown]> => {
    const path = paths[name];
    if (!('columns' in output)) return path === undefined ? [] : [[output.json, path]];
    if (path !== undefined) return [[name, path]];
    return typeof output.json === 'string' ? [[output.json, output.columns(result as never)]] : [];
  });
  return {
    ...Object.fromEntries(Object.entries(result).filter(([name]) => !held.includes(name))),
    ...Object.fromEntries(files),
  };
}
