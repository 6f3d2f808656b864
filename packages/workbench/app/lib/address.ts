import { router } from './router.svelte.ts';

/** Writes all of a page's state into its URL, without a new history entry; empty values are omitted. */
export function keepInAddress(values: Readonly<Record<string, string | undefined>>): void {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value) params.set(name, value);
  const text = params.toString();
  const query = text ? `?${text}` : '';
  if (query === location.search) return;
  history.replaceState(null, '', location.pathname + query + location.hash);
  router.query = location.search;
}
