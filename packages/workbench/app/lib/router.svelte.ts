import { tick } from 'svelte';
import { at, pathOf } from './host.ts';

/** The URL as state: all URLs are served by the same page. */
class Router {
  /** Relative to the base of the page: `/`, `/papers/…`. */
  path = $state(pathOf(location.pathname) ?? '/');
  query = $state(location.search);

  constructor() {
    // The skip link changes the URL too, but not the page.
    addEventListener('popstate', () => {
      const before = this.path;
      this.read();
      if (this.path !== before) void focusHeading();
    });
    // Internal links do not reload the page.
    addEventListener('click', (event: MouseEvent) => {
      const link = (event.target as Element | null)?.closest('a');
      if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
        return;
      if (
        link.origin !== location.origin ||
        link.target ||
        link.rel.includes('external') ||
        link.hasAttribute('download')
      )
        return;
      const path = pathOf(link.pathname);
      if (path === undefined || path.endsWith('.atom') || path.startsWith('/api/')) return;
      if (link.hash && link.pathname === location.pathname) return;
      event.preventDefault();
      this.go(path + link.search + link.hash);
    });
  }

  /** Navigates to an internal address. */
  go(to: string): void {
    history.pushState(null, '', at(to));
    this.read();
    scrollTo(0, 0);
    void focusHeading();
  }

  /** Replaces the query, without a new history entry. */
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

/** Focuses the new page's heading for screen readers; the page's script may have to be loaded first. */
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
