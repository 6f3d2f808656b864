import { tick } from 'svelte';
import { at, pathOf } from './host.ts';

/** The page's address as state: every address has the same page. */
class Router {
  /** Within the page, wherever that lies: `/`, `/papers/…`. */
  path = $state(pathOf(location.pathname) ?? '/');
  query = $state(location.search);

  constructor() {
    // The skip link changes the address, too, but not the page.
    addEventListener('popstate', () => {
      const before = this.path;
      this.read();
      if (this.path !== before) void focusHeading();
    });
    // Links within the page do not reload it.
    addEventListener('click', (event: MouseEvent) => {
      const link = (event.target as Element | null)?.closest('a');
      if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
        return;
      if (link.origin !== location.origin || link.target || link.hasAttribute('download')) return;
      const path = pathOf(link.pathname);
      if (path === undefined || path.endsWith('.atom') || path.startsWith('/api/')) return;
      if (link.hash && link.pathname === location.pathname) return;
      event.preventDefault();
      this.go(path + link.search + link.hash);
    });
  }

  /** To an address within the page. */
  go(to: string): void {
    history.pushState(null, '', at(to));
    this.read();
    scrollTo(0, 0);
    void focusHeading();
  }

  /** Changes the query in place, without a step in the history. */
  setQuery(values: Record<string, string | undefined>): void {
    const params = new URLSearchParams(location.search);
    for (const [key, value] of Object.entries(values)) {
      if (value) params.set(key, value);
      else params.delete(key);
    }
    const text = params.toString();
    history.replaceState(null, '', location.pathname + (text ? `?${text}` : '') + location.hash);
    this.query = location.search;
  }

  param(name: string): string | undefined {
    return new URLSearchParams(this.query).get(name) ?? undefined;
  }

  private read(): void {
    this.path = pathOf(location.pathname) ?? '/';
    this.query = location.search;
  }
}

/** Readers of a screen reader hear the new page's heading; its script may have to come first. */
async function focusHeading(): Promise<void> {
  await tick();
  const heading = () => document.querySelector<HTMLElement>('main h1');
  if (!heading()) {
    await new Promise<void>((resolve) => {
      const watch = new MutationObserver(() => {
        if (!heading()) return;
        watch.disconnect();
        resolve();
      });
      watch.observe(document.querySelector('main')!, { childList: true, subtree: true });
    });
  }
  heading()?.focus({ preventScroll: true });
}

export const router = new Router();
