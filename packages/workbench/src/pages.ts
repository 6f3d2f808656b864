import { barText, type PaperRecord, records, stateOf } from '@southwell/papers';
import { escapeXml } from './atom.ts';

/** The HTML of every address: its title, the preview of links to it, and what is read of it without JavaScript. */

/** The page's paths besides the feed and the papers, with their titles. */
export const PAGES: Readonly<Record<string, string>> = {
  data: 'Your data',
  models: 'Models',
  networks: 'Networks',
  race: 'Race',
  ranks: 'Ranks',
  results: 'Results',
  runs: 'Run',
  style: 'Style',
  subscribe: 'Subscribe',
};

interface Told {
  readonly title: string;
  readonly description?: string;
  /** Path of a picture for previews. */
  readonly picture?: string;
  /** HTML for readers without JavaScript. */
  readonly plain: string;
}

export interface PageOptions {
  /** The URL of the site, without a slash at its end: previews of links need absolute addresses. */
  readonly base?: string;
  /** By paper number, how its claims stand, in a line. */
  readonly lines: ReadonlyMap<number, string>;
  /** Whether there is a file of this path. */
  readonly has: (path: string) => boolean;
}

/** By path (`''`, `data`, `papers/NN-slug`), the page; its links begin with `./`, see {@link placed}. */
export function pagesOf(html: string, options: PageOptions): Map<string, string> {
  const pages = new Map([
    ['', withTold(html, '', { title: 'southwell: papers that run', plain: feed(options) }, options)],
  ]);
  for (const [path, title] of Object.entries(PAGES)) {
    const plain = `<h1>${title}</h1>\n<p>This page needs JavaScript. <a href="./">All papers</a> can be read without.</p>`;
    pages.set(path, withTold(html, path, { title: `${title} · southwell`, plain }, options));
  }
  for (const record of records) {
    const path = `papers/${record.slug}`;
    const title = `${record.title} · southwell`;
    const picture = `previews/${record.slug}.png`;
    pages.set(
      path,
      withTold(html, path, { title, description: record.summary, picture, plain: paper(record, options) }, options),
    );
  }
  return pages;
}

/** The page for an address from which its folder is at `prefix`. */
export const placed = (html: string, prefix: string): string => html.replaceAll('="./', `="${escapeXml(prefix)}`);

function withTold(
  html: string,
  path: string,
  { title, description, picture, plain }: Told,
  { base, has }: PageOptions,
): string {
  const known = /<meta name="description" content="([^"]*)"/.exec(html)?.[1];
  const about = description === undefined ? known : escapeXml(description);
  const named = escapeXml(title);
  const shown = base !== undefined && picture !== undefined && has(picture);
  const preview = [
    ['og:type', path.startsWith('papers/') ? 'article' : 'website'],
    ['og:site_name', 'southwell'],
    ['og:title', named],
    ...(about === undefined ? [] : [['og:description', about]]),
    ...(base === undefined ? [] : [['og:url', escapeXml(`${base}/${path}`)]]),
    ...(shown ? [['og:image', escapeXml(`${base}/${picture}`)]] : []),
  ].map(([property, content]) => `<meta property="${property}" content="${content}" />`);
  const card = `<meta name="twitter:card" content="${shown ? 'summary_large_image' : 'summary'}" />`;
  return html
    .replace(/<title>.*<\/title>/, () => `<title>${named}</title>\n    ${[...preview, card].join('\n    ')}`)
    .replace(/<meta name="description" content="[^"]*"/, () => `<meta name="description" content="${about}"`)
    .replace('</body>', () => `  <noscript>\n<main>\n${plain}\n</main>\n    </noscript>\n  </body>`);
}

const NEEDS = 'Experiments, charts and your own data need JavaScript; this list can be read without.';

function feed({ lines }: PageOptions): string {
  const entry = ({ number, slug, title, date, family }: PaperRecord) =>
    `<li><a href="./papers/${slug}">${escapeXml(title)}</a>, ${date}, ${family}: ${escapeXml(lines.get(number) ?? 'planned')}</li>`;
  const newest = records.toSorted((a, b) => (a.date < b.date ? 1 : -1));
  const list = (state: 'runs' | 'not-yet') =>
    `<ul>\n${newest
      .filter((r) => stateOf(r) === state)
      .map(entry)
      .join('\n')}\n</ul>`;
  return `<h1>Published optimisation methods that run on your machine, and a check of what their papers claim</h1>
<p>${NEEDS} <a href="./papers.atom">Atom feed</a></p>
<h2>Papers that run</h2>\n${list('runs')}\n<h2>Planned</h2>\n${list('not-yet')}`;
}

function paper(record: PaperRecord, { lines }: PageOptions): string {
  const { number, title, date, venue, arxiv, summary, claims } = record;
  const line = lines.get(number);
  const source =
    arxiv === undefined ? '' : ` · <a href="https://arxiv.org/abs/${escapeXml(arxiv)}">arXiv ${escapeXml(arxiv)}</a>`;
  return `<p><a href="./">All papers</a></p>
<h1>${escapeXml(title)}</h1>
<p>${date} · ${escapeXml(venue)}${source}</p>
<p>${escapeXml(summary)}</p>
<h2>Claims</h2>
${line === undefined ? '' : `<p>${escapeXml(line)}</p>\n`}<ul>
${claims.map((claim) => `<li>${escapeXml(claim.sentence)} Bar at full size: ${escapeXml(barText(claim, 'full'))}.</li>`).join('\n')}
</ul>
<p>Running its experiments needs JavaScript.</p>`;
}
