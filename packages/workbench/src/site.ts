import { fileURLToPath } from 'node:url';
import { papersAtom, verdictsAtom } from './atom.ts';
import { readSite } from './content.ts';
import { pagesOf, placed } from './pages.ts';
import { policyElement } from './policy.ts';
import { releasedJudgements } from './released.ts';
import { standingLines } from './verdicts.ts';

export interface SiteOptions {
  /** The URL of the site, such as `https://example.org/southwell/`. Default: unknown. */
  readonly baseUrl?: string;
  /** Folder of the built page. Default: the package's own. */
  readonly app?: string;
}

export const builtApp = (): string => fileURLToPath(new URL('../dist/app', import.meta.url));

/**
 * The workbench as static files for any host, by path: a page for every address, since such a host only serves files.
 * Links are relative to the page, so that the files work under any path. Two things need `baseUrl`: the page for
 * missing files, which a host serves at any depth, and absolute links in the Atom feeds, since not every reader
 * resolves relative ones. The feeds contain the released verdicts. Throws FILE if the page has not been built.
 */
export async function siteFiles(options: SiteOptions = {}): Promise<ReadonlyMap<string, Uint8Array>> {
  const { app = builtApp() } = options;
  const base = options.baseUrl?.replace(/\/+$/, '');
  const files = new Map<string, Uint8Array>();
  for (const [path, { bytes }] of readSite(app)) files.set(path.slice(1), bytes);
  const secured = (html: Uint8Array | undefined, more = ''): string =>
    new TextDecoder().decode(html).replace(
      /<meta charset="utf-8" ?\/?>/,
      // Before everything that it applies to.
      (charset) => `${charset}\n    ${policyElement}${more}`,
    );
  const page = secured(files.get('index.html'), '\n    <meta name="southwell-host" content="files" />');
  const put = (path: string, text: string) => files.set(path, new TextEncoder().encode(text));
  for (const [path, html] of files) if (/^docs\/.*\.html$/.test(path)) put(path, secured(html));
  const lines = await standingLines([]);
  for (const [path, html] of pagesOf(page, { base, lines, has: (file) => files.has(file) })) {
    const depth = path === '' ? 0 : path.split('/').length;
    put(`${path}${depth > 0 ? '/' : ''}index.html`, placed(html, depth === 0 ? './' : '../'.repeat(depth)));
  }
  put('404.html', base === undefined ? NOT_FOUND : placed(page, `${new URL(base).pathname.replace(/\/$/, '')}/`));
  const judged = await releasedJudgements();
  put('papers.atom', papersAtom(base ?? '.', judged, lines));
  put('verdicts.atom', verdictsAtom(base ?? '.', judged, lines));
  // Hosts that build sites with Jekyll otherwise ignore files that begin with an underscore.
  put('.nojekyll', '');
  return files;
}

const NOT_FOUND = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>There is no such page · southwell</title>
  </head>
  <body style="max-width: 40rem; margin: 3rem auto; padding: 0 1.1rem; font: 16px/1.55 system-ui, sans-serif">
    <h1>There is no such page</h1>
    <p>Shorten the address to that of the site to see all papers.</p>
  </body>
</html>
`;
