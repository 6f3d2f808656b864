import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { isObject } from './files.ts';

/** New papers of a field from an Atom interface such as arXiv's (https://info.arxiv.org/help/api/user-manual.html). */

export interface FieldPaper {
  /** Without the version: a new version of a paper is not a new paper. */
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly published: string;
  readonly authors: readonly string[];
  readonly link: string;
}

export const ARXIV = 'https://export.arxiv.org/api/query';
// arXiv returns at most 2000 at once.
const NEWEST = 1000;
const MOST_BYTES = 20_000_000;

/** The reason why there are no papers, as a sentence. */
export class FieldError extends Error {}

/** The newest papers of a query, newest first. Throws {@link FieldError} if there is no complete answer in time. */
export async function fetchField(base: string, query: string, seconds: number): Promise<FieldPaper[]> {
  const url = new URL(base);
  const asked = {
    search_query: query,
    start: '0',
    max_results: String(NEWEST),
    sortBy: 'submittedDate',
    sortOrder: 'descending',
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  let text: string;
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(seconds * 1000),
      headers: { Accept: 'application/atom+xml', 'User-Agent': 'southwell-digest' },
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new FieldError(`${url.host} answered ${response.status}`);
    }
    text = await readText(response, url.host);
  } catch (error) {
    if (error instanceof FieldError) throw error;
    const { name, message, cause } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    throw new FieldError(
      name === 'TimeoutError'
        ? `${url.host} did not answer within ${seconds} s`
        : `${url.host} cannot be reached: ${why}`,
    );
  }
  return parseField(text, url.host);
}

async function readText(response: Response, host: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) throw new FieldError(`the answer of ${host} is too long`);
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  // Otherwise numeric references (&#233;) would not be decoded.
  htmlEntities: true,
  isArray: (name) => name === 'entry' || name === 'author',
});

/** The entries of an Atom feed. Throws {@link FieldError} for anything else, including a truncated feed. */
export function parseField(xml: string, host: string): FieldPaper[] {
  // Custom entities are not part of Atom, and a known attack (entity expansion).
  if (/<!DOCTYPE/i.test(xml)) throw new FieldError(`the answer of ${host} is not an Atom feed`);
  if (XMLValidator.validate(xml) !== true) throw new FieldError(`the answer of ${host} is truncated or not XML`);
  let feed: unknown;
  try {
    feed = (parser.parse(xml) as Record<string, unknown>).feed;
  } catch {
    throw new FieldError(`the answer of ${host} is not an Atom feed`);
  }
  // A feed without entries may be an empty string.
  if (feed === undefined) throw new FieldError(`the answer of ${host} is not an Atom feed`);
  const entries = isObject(feed) && Array.isArray(feed.entry) ? feed.entry : [];
  const seen = new Set<string>();
  return entries.filter(isObject).flatMap((entry) => {
    const link = textOf(entry.id);
    // Errors are returned as entries, with status 200.
    if (link.includes('/api/errors')) throw new FieldError(`${host} answered: ${textOf(entry.summary)}`);
    const title = textOf(entry.title);
    const time = Date.parse(textOf(entry.published));
    if (!title || Number.isNaN(time) || !URL.canParse(link) || !/^https?:$/.test(new URL(link).protocol)) return [];
    const authors = Array.isArray(entry.author) ? entry.author.filter(isObject).map((a) => textOf(a.name)) : [];
    const id = link.replace(/^.*\/abs\//, '').replace(/v\d+$/, '');
    // Two versions of a paper in one answer are one paper.
    if (seen.has(id)) return [];
    seen.add(id);
    return {
      id,
      title,
      summary: textOf(entry.summary),
      published: new Date(time).toISOString(),
      authors: authors.filter((name) => name !== ''),
      link: new URL(link).href,
    };
  });
}

/** As one line, without control characters. */
const textOf = (value: unknown): string =>
  (typeof value === 'string' ? value : isObject(value) && typeof value['#text'] === 'string' ? value['#text'] : '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
