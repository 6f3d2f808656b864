/** Where the page lies, and what serves it: the workbench's server at its root, or any host of files under any path. */

const here = import.meta.url;
/** The path of the page's folder, with a slash at its end. What is built lies in assets/ beneath it. */
export const base = import.meta.env.DEV ? '/' : new URL('..', here).pathname;

/** The page's own address `/papers/…` as one for links and requests here: `href={at('/data')}`. */
export const at = (path: string): string => base + path.slice(1);

/** The inverse of {@link at}, whichever file of a folder a host answers with; undefined for what lies outside of the page. */
export function pathOf(pathname: string): string | undefined {
  if (`${pathname}/` === base) return '/';
  if (!pathname.startsWith(base)) return undefined;
  return `/${pathname.slice(base.length)}`.replace(/\/index\.html$/, '/').replace(/(.)\/$/, '$1');
}

/** A host of files alone has no API. */
export const hasApi = document.querySelector('meta[name="southwell-host"][content="files"]') === null;

/** The JSON at an address of the API; undefined where there is no API, no network or no such address. */
export async function ask<T>(path: string): Promise<T | undefined> {
  if (!hasApi) return undefined;
  const answer = await fetch(at(path)).catch(() => undefined);
  return answer?.ok ? ((await answer.json()) as T) : undefined;
}
