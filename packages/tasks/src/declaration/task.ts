import type { Table } from '@southwell/data';
import type { Status } from '@southwell/numerics/core';
import type * as v from 'valibot';
import type { Ending } from '../ended.ts';
import type { JobTools } from '../progress.ts';
import type { SavedModels } from '../saved-model.ts';
import type { RankPlan } from '../spread/ranks.ts';
import { type AnyRequest, type Checked, check, keys, meets, type Spell, type Spelling, spellOf } from './check.ts';
import { commandWords, shellLine } from './command.ts';
import type { Inputs } from './input.ts';
import type { Condition, Options, ValuesOf } from './option.ts';
import type { Output } from './output.ts';
import type { Race } from './race.ts';
import { withSpelledErrors } from './spelledErrors.ts';
import type { View } from './view.ts';

/** Entries of the object that a job returns. */
type ResultEntries = Readonly<Record<string, v.GenericSchema>> & { readonly status: v.GenericSchema<Status> };

/** The request of a job as plain data: its inputs by name, and its options. */
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

/** Tools of a job, in addition to its request. */
export interface TaskTools extends JobTools {
  /** The spelling of an option where the request comes from, for messages. */
  readonly spell: Spell;
  /** The equivalent command, for results that mention it. */
  readonly command: string;
  /** If this rank does all of the work: the reason (`alone`), and the number of ranks requested. */
  readonly alone?: { readonly why: string; readonly ranks: number };
  /** Whether the job only measures what it costs, and predicts. */
  readonly dry?: boolean;
}

/** What a job on ranks is predicted to cost, as plain data: its document for `--json`, and its presentation. */
export interface Forecast extends Ending {
  readonly document: Readonly<Record<string, unknown>>;
  readonly view: View;
}

/**
 * A task that users can request: the single source for the command, the workbench and the docs. Q is the type of its
 * request, T that of its result; both are derived from `options` and `result` (`defineTask`).
 */
export interface Task<Q = AnyRequest, T extends Ending = AnyResult> extends Checked<Q> {
  /** Title in the page's list of tasks. */
  readonly title: string;
  /** The words of the command. */
  readonly verb: readonly string[];
  /** The words that users type, if the kind of a file decides which task they run (`wordsRun`). Default: the verb. */
  readonly called?: readonly string[];
  /** The page of the workbench that holds its inputs, if they are no tables: `models`. */
  readonly page?: string;
  /** A sentence; `{name}` stands for an option, also in the sentences of inputs. */
  readonly about: string;
  /**
   * Command lines without `southwell`; the first one, which short help shows, runs on bundled data, and makes what it
   * needs by commands before it (`… && southwell …`).
   */
  readonly examples: readonly string[];
  /** In the order of the command line. */
  readonly inputs: Inputs;
  readonly options: Options;
  /** The schema of the job's result, and so of `--json`. */
  readonly result: { readonly entries: Readonly<Record<string, v.GenericSchema>> };
  readonly outputs: Readonly<Record<string, Output<T>>>;
  /** Whether the job can resume from a checkpoint, or for which values of options. Default: always. */
  readonly resumes?: false | Condition;
  /**
   * Whether runs with checkpoints differ in the last bits from runs without: checkpoints are then only written on
   * request.
   */
  readonly checkpointsChangeBits?: true;
  /** Whether the job can run on several ranks (`tools.ranks`), or for which values of options. Default: no. */
  readonly ranks?: true | Condition;
  /** Requests whose steps do equal work, so that a simulated network can be told their seconds. Default: those of jobs with a forecast. */
  readonly steps?: Condition;
  /** Whether the job can predict how many of the ranks of a machine are fastest (`JobRanks.choose`). */
  readonly choosesRanks?: true;
  /**
   * Why ranks cannot share the work of a request, as the beginning of a sentence: the first rank then does all of it.
   */
  alone?(
    request: Q,
    tools: Pick<TaskTools, 'model' | 'spell'> & {
      /** Why a table cannot be divided among ranks. */
      undivided(input: string): Promise<string | undefined>;
    },
  ): Promise<string | undefined>;
  /** Memory and communication on ranks, estimated from some rows of the table: printed by `--dry-run`. */
  plan?(request: Q, some: Table, spell: TaskTools['spell']): RankPlan;
  /** Measures on the ranks what the job costs, and predicts its times: printed by `--dry-run`. */
  forecast?(request: Q, tools: TaskTools): Promise<Forecast>;
  readonly interrupted: {
    /** What an interrupt keeps: "the best clusters so far are". */
    readonly kept: string;
    /** What did not exist before an early interrupt: "were clusters". */
    readonly none: string;
    /** A sentence on what was kept. */
    tell?(result: T): string;
  };
  /**
   * The exit code of the command, if it is not determined by the status: 2 if something failed, as described by the
   * result's `error`, 3 if the request was not satisfied. Default: 0 for finished statuses, otherwise 3.
   */
  exit?(result: T, request: Q): 2 | 3 | undefined;
  /** Must not depend on Node or the DOM. */
  job(request: Q, tools: TaskTools): Promise<T>;
  view(result: T): View;
}

/** Whether a job with this request can write checkpoints without being asked to, and resume from one. */
const keepsUnasked = (
  { resumes, checkpointsChangeBits }: Pick<Task, 'resumes' | 'checkpointsChangeBits'>,
  request: AnyRequest,
): boolean =>
  resumes !== false &&
  !checkpointsChangeBits &&
  Object.entries(resumes ?? {}).every(([name, wanted]) => meets(wanted, request[name]));

/** Related tasks, and races of their methods. */
export interface Family {
  readonly id: string;
  readonly title: string;
  /** What its users want, in plain words: 'Group rows'. */
  readonly goal: string;
  /** If their commands share the first word: a sentence on what it offers. */
  readonly about?: string;
  readonly tasks: readonly Task[];
  readonly races?: readonly Race[];
  /** The models that its tasks save, for `predict`. */
  readonly models?: SavedModels;
}

/** Defines a task, whose types are derived from its inputs, its options and the schema of its result. */
export const defineTask = <I extends Inputs, O extends Options, R extends ResultEntries>(
  task: Task<RequestOf<I, O>, ResultOf<R>> & {
    readonly inputs: I;
    readonly options: O;
    readonly result: v.ObjectSchema<R, undefined>;
  },
) => task;

/**
 * Checks a request and runs its job: the entry point of the library.
 * @param request Values that are not given are undefined or absent.
 * @param spelling How messages spell options. Default: by their keys.
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
  const spell = spellOf(spelling);
  return withSpelledErrors(task.options, spelling.option, () =>
    task.job(checked, { checkpoint, ...rest, spell, command }),
  );
}

/** Names of result entries that `--json` omits in favour of an output, depending on whether its file was written. */
export const heldBy = (output: Output<never>, written: boolean): readonly string[] =>
  written || (!('columns' in output) && !output.screen) || ('columns' in output && output.json !== undefined)
    ? output.holds
    : [];

/**
 * The `--json` document of a result, where `paths` are the written files: entries that are in no file are included
 * directly.
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
