/** Where the page is hosted: at the root of the workbench's server, or under any path of a static host. */

const here = import.meta.url;
/** The path of the page's folder, with a trailing slash. Built files are in its subfolder assets/. */
export const base = import.meta.env.DEV ? '/' : new URL('..', here).pathname;

/** Converts a page address `/papers/…` for links and requests here: `href={at('/data')}`. */
export const at = (path: string): string => base + path.slice(1);

/**
 * The inverse of {@link at}, whichever file of a folder a host answers with; undefined for paths outside of the page.
 */
export function pathOf(pathname: string): string | undefined {
  if (`${pathname}/` === base) return '/';
  if (!pathname.startsWith(base)) return undefined;
  return `/${pathname.slice(base.length)}`.replace(/\/index\.html$/, '/').replace(/(.)\/$/, '$1');
}

/** A static host has no API. */
export const hasApi = document.querySelector('meta[name="southwell-host"][content="files"]') === null;

/** JSON from an API path; undefined if there is no API, no network or no such path. */
export async function ask<T>(path: string): Promise<T | undefined> {
  if (!hasApi) return undefined;
  const answer = await fetch(at(path)).catch(() => undefined);
  return answer?.ok ? ((await answer.json()) as T) : undefined;
}
