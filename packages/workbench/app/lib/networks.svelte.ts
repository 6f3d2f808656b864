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

/** Whether a file is a network, by its name. */
export const isNetwork = (name: string): boolean => /\.onnx$/i.test(name);

/** Numbers of an example before anything is given: zeros, and ones for masks. */
export function usualNumbers(input: NetworkInput): Float64Array {
  if (input.kind === 'image') return new Float64Array(input.height * input.width * input.channels);
  return new Float64Array(input.count * (input.open ? 4 : 1)).fill(/mask/i.test(input.name) ? 1 : 0);
}

/** The current network and its last answer: outlives its page, and the file is stored across reloads. */
class NetworksState {
  files = $state.raw<NetworkFiles | undefined>(undefined);
  view = $state.raw<NetworkView | undefined>(undefined);
  phase = $state<'empty' | 'reading' | 'ready' | 'running'>('empty');
  error = $state('');
  note = $state('');
  example = $state.raw<Example>({});
  pixels = $state<Pixels>('from 0 to 1');
  answer = $state.raw<Answered | undefined>(undefined);
  layer = $state.raw<LayerView | undefined>(undefined);
  ready = false;
  private worker: Worker | undefined;
  /** The example has changed since the answer that is awaited. */
  private again = false;
  /** The layer that is looked at, again after each answer. */
  private node: number | undefined;

  readonly name = $derived(
    this.files === undefined
      ? ''
      : typeof this.files.network === 'string'
        ? this.files.network.replace('bundled:', '')
        : this.files.network.name,
  );

  /** What was open before, or an example. */
  async open(query: string): Promise<void> {
    if (this.ready) return;
    this.ready = true;
    const asked = new URLSearchParams(query).get('network');
    const kept = asked === null ? await get<NetworkFiles>(KEY) : undefined;
    this.load(kept ?? { network: asked?.startsWith('bundled:') ? asked : NETWORK_EXAMPLES[0].name, beside: [] });
  }

  keepAddress(): void {
    const network = this.files?.network;
    if (network !== undefined) keepInAddress({ network: typeof network === 'string' ? network : undefined });
  }

  take(given: readonly LoadedFrom[]): void {
    const all = given.flatMap((one) =>
      one instanceof File ? [one] : typeof one === 'string' ? [] : one.files.map(([, file]) => file),
    );
    const network = all.find(({ name }) => isNetwork(name)) ?? all[0];
    if (!network) return;
    this.load({ network, beside: all.filter((file) => file !== network) });
  }

  load(files: NetworkFiles): void {
    this.worker?.terminate();
    this.worker = workerOf('networks');
    this.worker.onmessage = ({ data }: MessageEvent<FromNetworks>) => this.receive(data);
    this.worker.onerror = (e) => this.failed(e.message || 'The worker could not be started.');
    Object.assign(this, { files, view: undefined, answer: undefined, layer: undefined, error: '', note: '' });
    [this.phase, this.again, this.node, this.example] = ['reading', false, undefined, {}];
    this.post({ type: 'open', files });
    const { network } = files;
    if (typeof network === 'string') void set(KEY, undefined);
    else if (network.size <= MOST_KEPT) void set(KEY, files);
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
    if (!this.view || this.view.refused !== undefined) return;
    if (this.phase === 'running') {
      this.again = true;
      return;
    }
    this.phase = 'running';
    this.error = '';
    this.post({ type: 'answer', example: this.example, pixels: this.pixels });
  }

  look(node: number): void {
    this.node = node;
    this.post({ type: 'look', node });
  }

  private post(message: ToNetworks): void {
    this.worker?.postMessage($state.snapshot(message));
  }

  private failed(message: string): void {
    this.error = message;
    this.phase = this.view ? 'ready' : 'empty';
    this.follow();
  }

  private follow(): void {
    if (!this.again) return;
    this.again = false;
    this.ask();
  }

  private receive(message: FromNetworks): void {
    switch (message.type) {
      case 'progress':
        this.note = message.text;
        return;
      case 'opened': {
        const { view } = message;
        [this.view, this.note, this.phase, this.pixels] = [view, '', 'ready', view.pixels];
        const { line } = NETWORK_EXAMPLES.find(({ name }) => name === this.files?.network) ?? {};
        this.example = Object.fromEntries(
          view.inputs.map((input) => [
            input.name,
            line && input.kind === 'image' ? painted(input, line) : usualNumbers(input),
          ]),
        );
        const heaviest = view.facts.nodes.reduce(
          (best, { numbers }, k, all) => (numbers > all[best].numbers ? k : best),
          0,
        );
        if (view.facts.nodes.length > 0) this.look(heaviest);
        this.ask();
        return;
      }
      case 'answered':
        [this.answer, this.phase] = [message.answer, 'ready'];
        if (this.node !== undefined) this.look(this.node);
        this.follow();
        return;
      case 'looked':
        this.layer = message.layer;
        return;
      case 'failed':
        this.failed(message.message);
    }
  }
}

export const networks = new NetworksState();
