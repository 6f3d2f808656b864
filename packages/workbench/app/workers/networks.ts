// Opens networks, and runs them on one example at a time. Files never leave the machine: their numbers are read in ranges.
import { sampleUrl } from '@southwell/data';
import {
  type LayerValues,
  type LayerView,
  loadNetworks,
  type NetworkView,
  type OpenNetwork,
  type OutputValues,
  type Pixels,
} from '@southwell/tasks';

/** A network and the files with its numbers beside it, by name. */
export interface NetworkFiles {
  /** A bundled one by its name. */
  readonly network: File | string;
  readonly beside: readonly File[];
}

/** Numbers of each input by name. */
export type Example = Readonly<Record<string, ArrayLike<number>>>;

export interface Answered {
  readonly outputs: readonly OutputValues[];
  readonly layers: ReadonlyArray<LayerValues | undefined>;
  readonly seconds: number;
}

export type ToNetworks =
  | { readonly type: 'open'; readonly files: NetworkFiles }
  | { readonly type: 'answer'; readonly example: Example; readonly pixels: Pixels }
  | { readonly type: 'look'; readonly node: number };
export type FromNetworks =
  | { readonly type: 'progress'; readonly text: string }
  | { readonly type: 'opened'; readonly view: NetworkView }
  | { readonly type: 'answered'; readonly answer: Answered }
  | { readonly type: 'looked'; readonly layer: LayerView }
  | { readonly type: 'failed'; readonly message: string };

const post = (message: FromNetworks) => postMessage(message);
/** Milliseconds between messages of progress. */
const PAUSE = 60;
let network: OpenNetwork | undefined;

/** Ranges of a file, without reading the rest. */
const rangeOf = (file: Blob, from: number, length: number): Uint8Array =>
  new Uint8Array(new FileReaderSync().readAsArrayBuffer(file.slice(from, from + length)));

async function fileOf({ network: given }: NetworkFiles): Promise<Blob> {
  if (given instanceof File) return given;
  const url = sampleUrl(given);
  if (!url) throw new Error(`There is no ${given}.`);
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${given} could not be fetched: ${answer.status} ${answer.statusText}.`);
  return new Response(answer.body!.pipeThrough(new DecompressionStream('gzip'))).blob();
}

async function open({ files }: Extract<ToNetworks, { type: 'open' }>): Promise<void> {
  network = undefined;
  const [file, Network] = await Promise.all([fileOf(files), loadNetworks()]);
  const external = (location: string, offset: number, length: number | undefined) => {
    const name = location.split('/').at(-1)!;
    const beside = files.beside.find((one) => one.name === name);
    if (!beside) throw new Error(`Its numbers are in the file ${name}: choose or drop that together with it.`);
    return rangeOf(beside, offset, length ?? beside.size - offset);
  };
  let last = performance.now();
  network = new Network(
    { size: file.size, read: (from, length) => rangeOf(file, from, length) },
    external,
    (done, of) => {
      if (performance.now() - last < PAUSE) return;
      last = performance.now();
      post({ type: 'progress', text: `looking at arrays: ${done} of ${of}` });
    },
  );
  post({ type: 'opened', view: network.view });
}

async function work(data: ToNetworks): Promise<void> {
  if (data.type === 'open') return open(data);
  if (!network) throw new Error('Choose a network first.');
  if (data.type === 'look') {
    post({ type: 'looked', layer: network.look(data.node) });
    return;
  }
  const began = performance.now();
  const answer = network.answer(data.example, data.pixels);
  post({ type: 'answered', answer: { ...answer, seconds: (performance.now() - began) / 1000 } });
}

export function receive(data: ToNetworks): void {
  work(data).catch((error: Error) => post({ type: 'failed', message: error.message }));
}
