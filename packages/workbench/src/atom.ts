import { createHash } from 'node:crypto';
import { type PaperRecord, records, stateOf } from '@southwell/papers';
import { type Judgement, newestFirst, timeOf } from './results.ts';
import { headline, verdictLines } from './verdicts.ts';

/** The two Atom feeds (RFC 4287). Entry ids depend only on slugs and result ids, never on where the feed is served. */

/**
 * All papers, newest first, each with how it stands. An entry's date of update is when the paper first had a result here.
 */
export function papersAtom(base: string, results: readonly Judgement[], lines: ReadonlyMap<number, string>): string {
  const entries = [...records].sort(byDate).map((record): Entry => {
    const published = timeOf(record.date);
    const ran = results
      .filter((r) => r.paper === record.number)
      .map((r) => timeOf(r.date))
      .filter((t) => t > 0);
    const state = stateOf(record);
    const people = record.firstAuthors ?? [];
    const more = record.authors - people.length;
    return {
      id: urn(`paper/${record.slug}`),
      title: record.title,
      link: `${base}/papers/${record.slug}`,
      published,
      updated: ran.length > 0 ? Math.max(published, Math.min(...ran)) : published,
      authors: more > 0 && people.length > 0 ? [...people, `${more} more`] : people,
      categories: [state, record.family],
      summary: `${state === 'runs' ? `Runs here${lines.has(record.number) ? `: ${lines.get(record.number)}` : ''}.` : 'Does not run yet.'} ${record.venue}. ${record.summary}`,
    };
  });
  return feed({ name: 'papers', title: 'southwell: papers that run', base, entries });
}

/** Results with verdicts, newest first, each with how its whole paper stands. */
export function verdictsAtom(base: string, results: readonly Judgement[], lines: ReadonlyMap<number, string>): string {
  const seen = new Map<string, number>();
  const entries = newestFirst(results.filter((r) => r.verdicts.length > 0)).map((r): Entry => {
    // A released result may be stored here, too.
    const times = (seen.get(r.id) ?? 0) + 1;
    seen.set(r.id, times);
    return {
      id: urn(`result/${r.id}${times > 1 ? `/${times}` : ''}`),
      title: `${headline(r)}${lines.has(r.paper) ? ` (all claims: ${lines.get(r.paper)})` : ''}`,
      link: `${base}/papers/${encodeURIComponent(r.slug)}`,
      published: timeOf(r.date),
      updated: timeOf(r.date),
      authors: [],
      categories: [r.slug],
      summary: verdictLines(r).join('\n'),
    };
  });
  return feed({ name: 'verdicts', title: 'southwell: new verdicts', base, entries });
}

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly link: string;
  readonly published: number;
  readonly updated: number;
  readonly authors: readonly string[];
  readonly categories: readonly string[];
  readonly summary: string;
}

const byDate = (a: PaperRecord, b: PaperRecord) => timeOf(b.date) - timeOf(a.date) || a.number - b.number;
const iso = (time: number): string => new Date(time).toISOString();

function feed(of: { name: string; title: string; base: string; entries: readonly Entry[] }): string {
  const { name, title, base, entries } = of;
  const updated = entries.reduce((latest, e) => Math.max(latest, e.updated), 0);
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>${urn(`feed/${name}`)}</id>
<title>${escapeXml(title)}</title>
<updated>${iso(updated)}</updated>
<author><name>southwell</name></author>
<link rel="self" type="application/atom+xml" href="${escapeXml(`${base}/${name}.atom`)}"/>
<link rel="alternate" type="text/html" href="${escapeXml(`${base}/`)}"/>
${entries.map(entryXml).join('')}</feed>
`;
}

function entryXml(e: Entry): string {
  return `<entry>
<id>${e.id}</id>
<title>${escapeXml(e.title)}</title>
<link rel="alternate" type="text/html" href="${escapeXml(e.link)}"/>
<published>${iso(e.published)}</published>
<updated>${iso(e.updated)}</updated>
${e.authors.map((name) => `<author><name>${escapeXml(name)}</name></author>\n`).join('')}${e.categories
  .map((term) => `<category term="${escapeXml(term)}"/>\n`)
  .join('')}<summary>${escapeXml(e.summary)}</summary>
</entry>
`;
}

/** Escapes text and attributes; characters that are not allowed in XML 1.0 become U+FFFD. */
export function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be replaced
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}

// A fixed random namespace for deriving UUIDs from our names.
const NAMESPACE = Buffer.from('289c67126e4b4bfd9f644412f2bfff6e', 'hex');

/** A version-5 UUID (RFC 9562) of a name: the same name always has the same id. */
function urn(name: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  hash[6] = (hash[6] & 0x0f) | 0x50;
  hash[8] = (hash[8] & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
