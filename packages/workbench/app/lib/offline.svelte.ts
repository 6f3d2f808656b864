import { at } from './host.ts';
import { getText, setText } from './storage.ts';

/** What is kept for use without a network. */

const KEY = 'pages';

/** Pages that have been opened here, by path, with their titles; those still work without a network. */
export const opened = (): Array<[path: string, title: string]> => JSON.parse(getText(KEY) ?? '[]');

export function remember(path: string, title: string): void {
  const others = opened().filter(([known]) => known !== path);
  setText(KEY, JSON.stringify([[path, title], ...others].slice(0, 100)));
}

class Offline {
  /** Whether all files are kept; undefined if unknown, or if nothing can be kept. */
  all = $state<boolean>();
  /** Size of all files, uncompressed. */
  bytes = $state(0);
  fetching = $state(false);
  failed = $state(false);

  /** Registers the worker that keeps what is used. Only for the built page, since in development files change. */
  async register(): Promise<void> {
    if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
    const { serviceWorker } = navigator;
    serviceWorker.addEventListener('message', ({ data }: MessageEvent<{ all: boolean; bytes: number }>) => {
      this.failed = this.fetching && !data.all;
      this.fetching = false;
      this.all = data.all;
      this.bytes = data.bytes;
    });
    await serviceWorker.register(at('/sw.js')).catch(() => {});
    const { active } = await serviceWorker.ready;
    active?.postMessage({ type: 'used', urls: performance.getEntriesByType('resource').map(({ name }) => name) });
  }

  async keepAll(): Promise<void> {
    this.fetching = true;
    (await navigator.serviceWorker.ready).active?.postMessage({ type: 'keep-all' });
  }
}

export const offline = new Offline();
