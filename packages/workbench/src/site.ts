import { fileURLToPath } from 'node:url';
import { records } from '@southwell/papers';
import { escapeXml, papersAtom, verdictsAtom } from './atom.ts';
import { readSite } from './content.ts';
import { policyElement } from './policy.ts';
import { releasedJudgements } from './released.ts';

export interface SiteOptions {
  /** Where the site will be reached, such as `https://example.org/southwell/`. Default: anywhere. */
  readonly baseUrl?: string;
  /** Folder of the built page. Default: the package's own. */
  readonly app?: string;
}

export const builtApp = (): string => fileURLToPath(new URL('../dist/app', import.meta.url));

/** The page's addresses besides the feed and the papers, with their titles. */
export const PAGES: Readonly<Record<string, string>> = {
  data: 'Your data',
  race: 'Race',
  results: 'Results',
  subscribe: 'Subscribe',
};

/** What an address of the page is called where it is listed or shared. */
interface Told {
  readonly title: string;
  readonly description?: string;
}

/**
 * The workbench as files for any host, by their paths: a page for every address, since such a host answers with what it
 * has. Links are relative to the page, so that the files work beneath any path. Two things need `baseUrl`: the page
 * for what is not found, which a host gives at any depth, and whole links in the Atom feeds, which not every reader can complete.
 * Those have the verdicts that ship with the product. Throws FILE where the page is not built.
 */
export async function siteFiles(options: SiteOptions = {}): Promise<ReadonlyMap<string, Uint8Array>> {
  const { app = builtApp() } = options;
  const base = options.baseUrl?.replace(/\/+$/, '');
  const files = new Map<string, Uint8Array>();
  for (const [path, { bytes }] of readSite(app)) files.set(path.slice(1), bytes);
  const page = new TextDecoder().decode(files.get('index.html')).replace(
    /<meta charset="utf-8" ?\/?>/,
    // Before anything that it is for.
    (charset) => `${charset}\n    ${policyElement}\n    <meta name="southwell-host" content="files" />`,
  );
  const put = (path: string, text: string) => files.set(path, new TextEncoder().encode(text));
  put('index.html', page);
  for (const [path, title] of Object.entries(PAGES)) put(`${path}/index.html`, placed(titled(page, { title }), '../'));
  for (const { slug, title, summary } of records) {
    put(`papers/${slug}/index.html`, placed(titled(page, { title, description: summary }), '../../'));
  }
  put('404.html', base === undefined ? NOT_FOUND : placed(page, `${new URL(base).pathname.replace(/\/$/, '')}/`));
  const judged = await releasedJudgements();
  put('papers.atom', papersAtom(base ?? '.', judged));
  put('verdicts.atom', verdictsAtom(base ?? '.', judged));
  // Hosts that make sites by Jekyll leave out what begins with an underscore, unless told.
  put('.nojekyll', '');
  return files;
}

/** The page for an address from which its folder is at `prefix`. */
export const placed = (html: string, prefix: string): string => html.replaceAll('="./', `="${escapeXml(prefix)}`);

function titled(html: string, { title, description }: Told): string {
  const named = html.replace(/<title>.*<\/title>/, () => `<title>${escapeXml(title)} · southwell</title>`);
  return description === undefined
    ? named
    : named.replace(
        /<meta name="description" content="[^"]*"/,
        () => `<meta name="description" content="${escapeXml(description)}"`,
      );
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
