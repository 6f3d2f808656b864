// Reads models and runs them. Files never leave the machine.
import chartScript from '@southwell/charts/embedded?raw';
import { sampleUrl, toSource } from '@southwell/data';
import {
  type Instance,
  instanceOf,
  type JobTools,
  type ModelRequest,
  type ModelResult,
  type ModelWords,
  modelWords,
  pairShown,
  type Slice,
  sharedSignal,
  sliceOf,
  withDeadline,
} from '@southwell/tasks';
import { modelCommand, modelTask } from '../lib/modelTask.ts';
import { ran } from './task.ts';
import type { View } from './view.ts';

/** A model and the files beside it, by the endings of their names. */
export interface ModelFiles {
  /** A bundled one by its name. */
  readonly model: File | string;
  readonly beside: Readonly<Record<string, File>>;
}

/** A run: its result, and the picture of two of its variables. */
export interface ModelRun {
  readonly result: ModelResult;
  readonly view: View;
  readonly slice?: Slice;
}

export type ToModels =
  | { readonly type: 'open'; readonly files: ModelFiles; readonly request: ModelRequest }
  | { readonly type: 'stop' }
  | {
      readonly type: 'run';
      readonly request: ModelRequest;
      /** The solution file to start from. */
      readonly start?: string;
      readonly flag?: Int32Array<SharedArrayBuffer>;
      readonly pair?: readonly [string, string];
    }
  | {
      readonly type: 'slice';
      readonly request: ModelRequest;
      readonly result: ModelResult;
      readonly pair: readonly [string, string];
    };
export type FromModels =
  | { readonly type: 'opened'; readonly words: ModelWords; readonly text?: string }
  /** New lines of the table of iterations. */
  | { readonly type: 'course'; readonly lines: ReadonlyArray<Readonly<Record<string, string>>> }
  | { readonly type: 'ran'; readonly run: ModelRun }
  | { readonly type: 'slice'; readonly slice: Slice | undefined }
  | { readonly type: 'failed'; readonly message: string };

const post = (message: FromModels) => postMessage(message);

/** Sizes that a page can show and a browser tab can hold. */
const [MOST_BYTES, MOST_SIZE] = [64 * 2 ** 20, 200_000];
/** Texts that can be edited on the page. */
const MOST_TEXT = 20_000;
/** Milliseconds between messages. */
const PAUSE = 60;

let files: ModelFiles;
let abort: (() => void) | undefined;

/** The bytes of the model; a bundled one is fetched once. */
let fetched: { readonly name: string; readonly file: Promise<File> } | undefined;
function fileOf({ model }: ModelFiles): Promise<File> {
  if (model instanceof File) return Promise.resolve(model);
  if (fetched?.name === model) return fetched.file;
  const url = sampleUrl(model);
  if (!url) throw new Error(`There is no ${model}.`);
  const file = fetch(url).then(async (answer) => {
    if (!answer.ok) throw new Error(`${model} could not be fetched: ${answer.status} ${answer.statusText}.`);
    return new File([await answer.blob()], model.replace('bundled:', ''));
  });
  fetched = { name: model, file };
  return file;
}

function tools(request: ModelRequest, flag?: Int32Array<SharedArrayBuffer>, start?: string): JobTools {
  const asked = sharedSignal(flag ?? new Int32Array(1), (stop) => {
    abort = stop;
  });
  const { timeLimit } = request;
  return {
    read: () => Promise.reject(new Error('A model is no table.')),
    file: async () => toSource(await fileOf(files)),
    beside: async (_, ending) => files.beside[ending]?.text(),
    contents: async () => start ?? '',
    signal: timeLimit === undefined ? asked : withDeadline(asked, timeLimit),
    progress: () => {},
  };
}

function tooLarge(what: string, request: ModelRequest): Error {
  return new Error(`${what}, which is too much for a page: ${modelCommand(request)}`);
}

async function open({ files: given, request }: Extract<ToModels, { type: 'open' }>): Promise<void> {
  files = given;
  const file = await fileOf(files);
  if (file.size > MOST_BYTES) throw tooLarge(`The file has ${Math.round(file.size / 2 ** 20)} MB`, request);
  const instance = await instanceOf(request, tools(request));
  const { names, rowNames } = instance.program;
  const size = names.length + rowNames.length;
  if (size > MOST_SIZE) {
    throw tooLarge(`The model has ${names.length} variables and ${rowNames.length} rows`, request);
  }
  const isText = /\.lp$/i.test(file.name) && file.size <= MOST_TEXT;
  const bytes = isText ? new Uint8Array(await file.arrayBuffer()) : undefined;
  const isPacked = bytes?.[0] === 0x1f && bytes[1] === 0x8b;
  const unpacked = isPacked ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream();
  const text = isText ? await new Response(unpacked).text() : undefined;
  post({ type: 'opened', words: modelWords(instance), text });
}

async function run({ request, start, flag, pair }: Extract<ToModels, { type: 'run' }>): Promise<void> {
  let lines: Array<Readonly<Record<string, string>>> = [];
  let last = performance.now();
  const send = () => {
    if (lines.length > 0) post({ type: 'course', lines });
    [lines, last] = [[], performance.now()];
  };
  const asked = { ...request, ...(start !== undefined && { start: 'before.sol' }) };
  const { result, view } = await ran(
    modelTask,
    asked,
    {
      ...tools(request, flag, start),
      progress: ({ columns }) => {
        if (columns) lines.push(columns);
        if (performance.now() - last > PAUSE) send();
      },
    },
    () => chartScript,
  );
  send();
  const known = result as ModelResult;
  // A picture is no reason for a run to fail.
  const slice = await pictured(request, known, pair).catch(() => undefined);
  post({ type: 'ran', run: { result: known, view, slice } });
}

/** The plane of two variables at the point of a result; without names, those whose plane shows most. */
async function pictured(
  request: ModelRequest,
  result: ModelResult,
  names?: readonly [string, string],
): Promise<Slice | undefined> {
  const instance = await instanceOf(request, tools(request));
  const at = Float64Array.from(result.variables, ({ value }, j) => value ?? heldAt(instance, j));
  const conflict = new Set(result.conflict?.names ?? []);
  const binding = (i: number) => conflict.has(result.rows[i].name) || (result.rows[i].multiplier ?? 0) !== 0;
  const places = names?.map((name) => instance.program.names.indexOf(name));
  const isKnown = places !== undefined && places[0] !== places[1] && places.every((j) => j >= 0);
  const pair = isKnown ? ([places[0], places[1]] as const) : pairShown(instance, at, binding);
  if (!pair) return undefined;
  const near = (result.history?.points ?? []).map((x) => [x[pair[0]], x[pair[1]]] as const);
  const slice = sliceOf(instance, pair, at, near);
  const price = new Map(result.rows.map(({ name, multiplier }) => [name, Math.abs(multiplier ?? 0)]));
  const weight = (name: string) => (conflict.has(name) ? Number.POSITIVE_INFINITY : (price.get(name) ?? 0));
  return { ...slice, rows: slice.rows.toSorted((a, b) => (weight(a.name) < weight(b.name) ? 1 : -1)) };
}

/** Where a variable is held of which no value is known: nearest to 0 within its bounds. */
const heldAt = ({ program: { lower, upper } }: Instance, j: number): number =>
  Math.min(Math.max(0, lower[j]), upper[j]);

export function receive(data: ToModels): void {
  if (data.type === 'stop') {
    abort?.();
    return;
  }
  const work =
    data.type === 'open'
      ? open(data)
      : data.type === 'run'
        ? run(data)
        : pictured(data.request, data.result, data.pair).then((slice) => post({ type: 'slice', slice }));
  work.catch((error: Error) => post({ type: 'failed', message: error.message }));
}
