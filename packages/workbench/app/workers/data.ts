// Reads files and runs tasks in a worker. Files never leave the machine: they are read here, in pieces.
import chartScript from '@southwell/charts/embedded?raw';
import {
  folderOf,
  loadBundled,
  type ReadOptions,
  readSafetensors,
  readTable,
  readTableBlocks,
  type Table,
  toSource,
} from '@southwell/data';
import {
  blocksHere,
  families,
  givenFor,
  type JobProgress,
  type JobTools,
  loadLanguage,
  loadOnnx,
  loadStored,
  mainTable,
  modelIn,
  onlyBlock,
  type RowSink,
  type SavedModel,
  sharedSignal,
  taskOf,
  withDeadline,
} from '@southwell/tasks';
import { summary, type TableSummary } from './summary.ts';
import { AdvisingError, ran } from './task.ts';
import type { Remedy, View } from './view.ts';

/** A file, a folder with its files by relative path, or the name of a bundled data set. */
export type LoadedFrom =
  | File
  | string
  | { readonly name: string; readonly files: ReadonlyArray<readonly [path: string, file: File]> };

export type ToData =
  | { readonly type: 'load'; readonly source: LoadedFrom }
  /** Sent in addition to the flag, for a run that waits for its own threads. */
  | { readonly type: 'stop' }
  /** A task by the words of its command. */
  | {
      readonly type: 'task';
      readonly verb: string;
      readonly request: object;
      readonly flag?: Int32Array<SharedArrayBuffer>;
      /** The checkpoint of an earlier run to resume from. */
      readonly kept?: string;
    };
export type FromData =
  | { readonly type: 'table'; readonly table: TableSummary }
  | { readonly type: 'job'; readonly progress: JobProgress }
  /** The current checkpoint, in case the run is interrupted. */
  | { readonly type: 'kept'; readonly text: string }
  | { readonly type: 'ran'; readonly view: View }
  | { readonly type: 'failed'; readonly message: string; readonly remedies: readonly Remedy[] };

let table: Table | undefined;
let opened: LoadedFrom | undefined;
let stop: (() => void) | undefined;
const post = (message: FromData) => postMessage(message);

let last = 0;
/** Limits messages to sixteen per second. */
const sparingly = (message: FromData): void => {
  const now = performance.now();
  if (now - last < 60) return;
  last = now;
  post(message);
};
const progress = (p: JobProgress): void => sparingly({ type: 'job', progress: p });

function tableOf(source: LoadedFrom, options: ReadOptions = {}): Promise<Table> {
  const onProgress = (_bytes: number, rows: number) => progress({ text: `${rows.toLocaleString('en')} rows` });
  const all = { ...options, onProgress };
  if (typeof source === 'string') return loadBundled(source, all);
  return readTable(source instanceof Blob ? source : folderOf(source.name, new Map(source.files)), all);
}

async function load(source: LoadedFrom): Promise<void> {
  table = undefined;
  opened = source;
  table = await tableOf(source);
  post({ type: 'table', table: summary(table) });
}

/** A model of a file, with the file of its tokeniser, if it takes tokens and that is given. */
async function modelOf(file: Blob, tokenizer: unknown): Promise<SavedModel> {
  const { name } = file as File;
  const bytes = async (of: Blob) => new Uint8Array(await of.arrayBuffer());
  const words =
    tokenizer instanceof File
      ? { [tokenizer.name]: await bytes(tokenizer) }
      : `${name} needs the file of its tokeniser: give {tokenizer}.`;
  if (/\.onnx$/i.test(name)) return (await loadOnnx())(await bytes(file), undefined, words);
  if (/\.bin$/i.test(name)) return (await loadLanguage()).openLanguage({ bytes: await bytes(file) }, words);
  if (/\.safetensors$/i.test(name)) {
    const { isStoredModel, storedModel } = await loadStored();
    const stored = readSafetensors(await bytes(file));
    if (!isStoredModel(stored)) throw new Error(`${name} has tensors, but does not say of which network.`);
    return storedModel(stored, words);
  }
  try {
    return modelIn(await file.text(), families);
  } catch (error) {
    throw new Error(`${name} is not a model that southwell saved: ${(error as Error).message}`);
  }
}

/** Seconds between checkpoints. */
const EVERY = 2;

/**
 * The tools of a job: the loaded table and those in files of the request, and a stop flag in shared memory, since no
 * message arrives while it works.
 */
function tools({ verb, request, flag, kept }: Extract<ToData, { type: 'task' }>): JobTools {
  const main = mainTable(taskOf(verb).inputs);
  if (!table && main !== undefined) throw new Error('Choose a file first.');
  const known = table!;
  const asked = sharedSignal(flag ?? new Int32Array(1), (abort) => {
    stop = abort;
  });
  const { timeLimit } = request as { readonly timeLimit?: number };
  const signal = timeLimit === undefined ? asked : withDeadline(asked, timeLimit);
  // Threads are stopped only by the flag.
  const read: JobTools['read'] = async (input = main, options) => {
    const file = givenFor(request, input!);
    if (file instanceof Blob) return readTable(file, options);
    if (input !== main && typeof file === 'string') return loadBundled(file, options);
    // A task may read the file in another format than the detected one.
    return options?.format === undefined || options.format === known.format ? known : tableOf(opened!, options);
  };
  const chosen = (name: string): Blob => {
    const file = givenFor(request, name);
    if (!(file instanceof Blob)) throw new Error('Choose a file first.');
    return file;
  };
  const contents: JobTools['contents'] = async (option) => chosen(option).text();
  const model: JobTools['model'] = (input) => modelOf(chosen(input), givenFor(request, 'tokenizer'));
  const blocksOf: JobTools['blocksOf'] = async (input, { choose, ...options }) =>
    choose && input === main && opened instanceof Blob
      ? blocksHere(readTableBlocks(opened, { ...options, choose }))
      : onlyBlock(await read(input, options));
  const unasked: JobTools['unasked'] = {
    ...{ name: 'this browser', every: EVERY, text: kept },
    write: (text) => post({ type: 'kept', text }),
  };
  return {
    ...{ read, contents, model, blocksOf, rows, signal, progress, unasked },
    file: async (input) => toSource(chosen(input)),
    cores: flag ? navigator.hardwareConcurrency : 1,
  };
}

/** Collects rows that are produced in blocks, for display and download. */
async function rows(): Promise<RowSink> {
  const columns: Record<string, Array<number | string | null>> = {};
  return {
    add(block) {
      for (const [name, values] of Object.entries(block)) {
        columns[name] ??= [];
        for (const value of values) columns[name].push(value);
      }
    },
    flush() {},
    finish() {},
    discard() {},
    columns,
  };
}

async function task(asked: Extract<ToData, { type: 'task' }>): Promise<void> {
  const { view } = await ran(taskOf(asked.verb), asked.request, tools(asked), () => chartScript);
  post({ type: 'ran', view });
}

export function receive(data: ToData): void {
  if (data.type === 'stop') {
    stop?.();
    return;
  }
  const work = data.type === 'load' ? load(data.source) : task(data);
  work.catch((error: Error) => {
    const remedies = error instanceof AdvisingError ? error.remedies : [];
    post({ type: 'failed', message: error.message, remedies });
  });
}
