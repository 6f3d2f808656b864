import type { LayerView, NetworkInput, NetworkView, Pixels } from '@southwell/tasks';
import type { LoadedFrom } from '../workers/data.ts';
import type { Answered, Example, FromNetworks, NetworkFiles, ToNetworks } from '../workers/networks.ts';
import { keepInAddress } from './address.ts';
import { painted } from './paint.ts';
import { get, set } from './storage.ts';
import { workerOf } from './worker.ts';

const KEY = 'networks';
/** Larger files are not kept across reloads. */
const MOST_KEPT = 64 * 2 ** 20;
/** Texts that are read at a time. */
const MOST_TEXTS = 12;

/** Bundled networks, with the line that is drawn at first for those of images. */
export const NETWORK_EXAMPLES = [
  {
    name: 'bundled:digits.onnx',
    title: 'A network for digits: draw one',
    line: [
      [0.33, 0.3],
      [0.42, 0.2],
      [0.56, 0.2],
      [0.64, 0.32],
      [0.58, 0.46],
      [0.34, 0.76],
      [0.68, 0.76],
    ],
  },
] as const;
/** Texts at first, for a network that compares them and for one that continues them. */
const TEXTS = {
  read: 'The cat sat on the mat.\nA kitten lay on the rug.\nShares fell on Friday.',
  continued: 'Once upon a time',
};

/** Whether a file is a network and no table, by its name. */
export const isNetwork = (name: string): boolean => /\.(onnx|safetensors)$/i.test(name);

/** Numbers of an example before anything is given: zeros, and ones for masks. */
function usualNumbers(input: NetworkInput): Float64Array {
  if (input.kind === 'image') return new Float64Array(input.height * input.width * input.channels);
  return new Float64Array(input.count * (input.open ? 4 : 1)).fill(/mask/i.test(input.name) ? 1 : 0);
}

/** The current network and its last answer: outlives its page, and the files are stored across reloads. */
class NetworksState {
  files = $state.raw<NetworkFiles | undefined>(undefined);
  view = $state.raw<NetworkView | undefined>(undefined);
  phase = $state<'empty' | 'reading' | 'ready' | 'running'>('empty');
  error = $state('');
  note = $state('');
  example = $state.raw<Example>({});
  pixels = $state<Pixels>('from 0 to 1');
  /** A text a line. */
  text = $state('');
  /** What the network wrote after the text. */
  written = $state('');
  writing = $state(false);
  answer = $state.raw<Answered | undefined>(undefined);
  layer = $state.raw<LayerView | undefined>(undefined);
  private ready = false;
  private worker: Worker | undefined;
  /** The example has changed since the answer that is awaited. */
  private again = false;
  /** The layer that is looked at, again after each answer. */
  private node: number | undefined;

  readonly name = $derived(
    this.files === undefined
      ? ''
      : typeof this.files === 'string'
        ? this.files.replace('bundled:', '')
        : (this.files.find(({ name }) => /\.(onnx|safetensors)$|^model\.json$/i.test(name)) ?? this.files[0]).name,
  );
  readonly texts = $derived(this.lines(this.text));

  private lines(text: string): readonly string[] {
    if (this.view?.texts === 'continued') return text.trim() === '' ? [] : [text];
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(0, MOST_TEXTS);
  }

  /** What was open before, or an example. */
  async open(query: string): Promise<void> {
    if (this.ready) return;
    this.ready = true;
    const asked = new URLSearchParams(query).get('network');
    const kept = asked === null ? await get<NetworkFiles>(KEY) : undefined;
    if (this.files === undefined) this.load(kept ?? (asked?.startsWith('bundled:') ? asked : NETWORK_EXAMPLES[0].name));
  }

  keepAddress(): void {
    if (this.files !== undefined) keepInAddress({ network: typeof this.files === 'string' ? this.files : undefined });
  }

  take(given: readonly LoadedFrom[]): void {
    const all = given.flatMap((one) =>
      one instanceof File ? [one] : typeof one === 'string' ? [] : one.files.map(([, file]) => file),
    );
    if (all.length > 0) this.load(all);
  }

  load(files: NetworkFiles): void {
    this.ready = true;
    this.worker?.terminate();
    this.worker = workerOf('networks');
    this.worker.onmessage = ({ data }: MessageEvent<FromNetworks>) => this.receive(data);
    this.worker.onerror = (e) => this.failed(e.message || 'The worker could not be started.');
    Object.assign(this, { files, view: undefined, answer: undefined, layer: undefined, error: '', note: '' });
    Object.assign(this, { phase: 'reading', again: false, node: undefined, example: {}, written: '', writing: false });
    this.worker.postMessage({ type: 'open', files } satisfies ToNetworks);
    const size = typeof files === 'string' ? 0 : files.reduce((sum, file) => sum + file.size, 0);
    if (size <= MOST_KEPT) void set(KEY, typeof files === 'string' ? undefined : files);
  }

  /** Gives numbers to an input; the answer follows. */
  give(name: string, numbers: ArrayLike<number>): void {
    this.example = { ...this.example, [name]: numbers };
    this.ask();
  }

  scale(pixels: Pixels): void {
    this.pixels = pixels;
    this.ask();
  }

  /** Asks for an answer; while one is awaited, after that. */
  ask(): void {
    const { view, phase, texts } = this;
    if (!view || view.refused !== undefined) return;
    if (phase === 'running') {
      this.again = true;
      return;
    }
    if (view.texts && texts.length === 0) return;
    this.phase = 'running';
    this.error = '';
    this.post(view.texts ? { type: 'read', texts } : { type: 'answer', example: this.example, pixels: this.pixels });
  }

  /** Lets the network continue the text, or ends that. */
  write(length: number, temperature: number): void {
    if (this.writing) {
      this.post({ type: 'stop' });
      return;
    }
    [this.writing, this.written, this.error] = [true, '', ''];
    this.post({ type: 'continue', prompt: this.text, length, temperature });
  }

  look(node: number): void {
    this.node = node;
    this.post({ type: 'look', node });
  }

  private post(message: ToNetworks): void {
    this.worker?.postMessage($state.snapshot(message));
  }

  private failed(message: string): void {
    [this.error, this.writing, this.phase] = [message, false, this.view ? 'ready' : 'empty'];
    this.follow();
  }

  private follow(): void {
    if (!this.again) return;
    this.again = false;
    this.ask();
  }

  private opened(view: NetworkView): void {
    [this.view, this.note, this.phase, this.pixels] = [view, '', 'ready', view.pixels];
    const { line } = NETWORK_EXAMPLES.find(({ name }) => name === this.files) ?? {};
    this.example = Object.fromEntries(
      view.inputs.map((input) => [
        input.name,
        line && input.kind === 'image' ? painted(input, line) : usualNumbers(input),
      ]),
    );
    if (view.texts) this.text = TEXTS[view.texts];
    const { nodes } = view.facts;
    const heaviest = nodes.reduce((best, { numbers }, k) => (numbers > nodes[best].numbers ? k : best), 0);
    if (nodes.length > 0) this.look(heaviest);
    this.ask();
  }

  private receive(message: FromNetworks): void {
    switch (message.type) {
      case 'progress':
        this.note = message.text;
        return;
      case 'opened':
        this.opened(message.view);
        return;
      case 'answered':
        [this.answer, this.phase] = [message.answer, 'ready'];
        if (this.node !== undefined) this.look(this.node);
        this.follow();
        return;
      case 'looked':
        this.layer = message.layer;
        return;
      case 'written':
        this.written += message.text;
        this.writing = !message.done;
        return;
      case 'failed':
        this.failed(message.message);
    }
  }
}

export const networks = new NetworksState();
