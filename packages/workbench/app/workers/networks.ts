// Opens networks, and runs them on one example at a time. Files never leave the machine: their numbers are read in ranges.
import { sampleUrl } from '@southwell/data';
import {
  type LayerView,
  loadNetworks,
  type NetworkAnswered,
  type NetworkFile,
  type NetworkView,
  type OpenNetwork,
  type Pixels,
} from '@southwell/tasks';

/** The files of a network, or the name of a bundled one. */
export type NetworkFiles = readonly File[] | string;

/** Numbers of each input by name. */
export type Example = Readonly<Record<string, ArrayLike<number>>>;

export type Answered = NetworkAnswered & { readonly seconds: number };

export type ToNetworks =
  | { readonly type: 'open'; readonly files: NetworkFiles }
  | { readonly type: 'answer'; readonly example: Example; readonly pixels: Pixels }
  | { readonly type: 'read'; readonly texts: readonly string[] }
  | { readonly type: 'continue'; readonly prompt: string; readonly length: number; readonly temperature: number }
  | { readonly type: 'stop' }
  | { readonly type: 'look'; readonly node: number };
export type FromNetworks =
  | { readonly type: 'progress'; readonly text: string }
  | { readonly type: 'opened'; readonly view: NetworkView }
  | { readonly type: 'answered'; readonly answer: Answered }
  | { readonly type: 'looked'; readonly layer: LayerView }
  /** More of a text that is continued; `done` with the last. */
  | { readonly type: 'written'; readonly text: string; readonly done: boolean }
  | { readonly type: 'failed'; readonly message: string };

const post = (message: FromNetworks) => postMessage(message);
/** Milliseconds between messages. */
const PAUSE = 60;
let network: OpenNetwork | undefined;
let stopped = false;

/** A file in ranges, without reading the rest. */
const inRanges = (name: string, file: Blob): NetworkFile => ({
  ...{ name, size: file.size },
  read: (from, length) => new Uint8Array(new FileReaderSync().readAsArrayBuffer(file.slice(from, from + length))),
});

async function filesOf(given: NetworkFiles): Promise<NetworkFile[]> {
  if (typeof given !== 'string') return given.map((file) => inRanges(file.name, file));
  const url = sampleUrl(given);
  if (!url) throw new Error(`There is no ${given}.`);
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${given} could not be fetched: ${answer.status} ${answer.statusText}.`);
  const unpacked = new Response(answer.body!.pipeThrough(new DecompressionStream('gzip')));
  return [inRanges(given.replace('bundled:', ''), await unpacked.blob())];
}

async function open(given: NetworkFiles): Promise<void> {
  network = undefined;
  const [files, openNetwork] = await Promise.all([filesOf(given), loadNetworks()]);
  let last = performance.now();
  network = openNetwork(files, (done, of) => {
    if (performance.now() - last < PAUSE) return;
    last = performance.now();
    post({ type: 'progress', text: `looking at arrays: ${done} of ${of}` });
  });
  post({ type: 'opened', view: network.view });
}

/** Continues a text, and looks for messages on the way. */
async function continueText(
  opened: OpenNetwork,
  { prompt, length, temperature }: Extract<ToNetworks, { type: 'continue' }>,
): Promise<void> {
  stopped = false;
  let text = '';
  let last = performance.now();
  for (const piece of opened.continue({ prompt, length, temperature, topK: undefined, seed: 0 })) {
    text += piece;
    if (performance.now() - last < PAUSE) continue;
    post({ type: 'written', text, done: false });
    text = '';
    await new Promise((resolve) => setTimeout(resolve));
    if (stopped) break;
    last = performance.now();
  }
  post({ type: 'written', text, done: true });
}

async function work(data: ToNetworks): Promise<void> {
  if (data.type === 'open') return open(data.files);
  if (data.type === 'stop') {
    stopped = true;
    return;
  }
  if (!network) throw new Error('Choose a network first.');
  if (data.type === 'continue') return continueText(network, data);
  if (data.type === 'look') {
    post({ type: 'looked', layer: network.look(data.node) });
    return;
  }
  const began = performance.now();
  const answer = data.type === 'read' ? network.read(data.texts) : network.answer(data.example, data.pixels);
  post({ type: 'answered', answer: { ...answer, seconds: (performance.now() - began) / 1000 } });
}

export function receive(data: ToNetworks): void {
  work(data).catch((error: Error) => post({ type: 'failed', message: error.message }));
}
