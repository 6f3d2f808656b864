import MiniSearch from 'minisearch';
import { records } from './generated/registry.ts';
import type { PaperRecord } from './record.ts';

let index: MiniSearch<PaperRecord> | undefined;

const isNumber = (term: string): boolean => /^\d+$/.test(term);

/**
 * Papers that match, best first, by words of the title, methods, summary, authors, venue and year, by number and by arXiv
 * id. Forgives a wrong letter in words of four, two in longer ones, and matches
 * beginnings.
 */
export function search(text: string): readonly PaperRecord[] {
  if (!index) {
    index = new MiniSearch<PaperRecord>({
      idField: 'number',
      fields: ['title', 'methods', 'family', 'summary', 'slug', 'firstAuthors', 'venue', 'date'],
      extractField: (record, field) => {
        // Of dates the year: months would be found as numbers.
        const value = field === 'date' ? record.date.slice(0, 4) : record[field as keyof PaperRecord];
        return Array.isArray(value) ? value.join(' ') : String(value ?? '').replaceAll('-', ' ');
      },
      searchOptions: {
        boost: { title: 3, methods: 4, family: 2, firstAuthors: 3, venue: 2 },
        prefix: (term) => term.length > 2 && !isNumber(term),
        // A year is not another year.
        fuzzy: (term) => (term.length < 4 || isNumber(term) ? false : term.length < 6 ? 1 : 2),
        combineWith: 'AND',
      },
    });
    index.addAll([...records]);
  }
  const query = text.trim();
  if (query === '') return records;
  const number = /^#?(\d{1,3})$/.exec(query);
  if (number) return records.filter((r) => r.number === Number(number[1]));
  const id = /^(?:arxiv\s*:?\s*|https?:\/\/arxiv\.org\/(?:abs|pdf)\/)?(\d{4}\.\d{1,5})(?:v\d+)?$/i.exec(query);
  if (id) return records.filter((r) => r.arxiv?.startsWith(id[1]));
  const found = index.search(query);
  // Several words of which one is unknown: better some answers than none.
  const hits = found.length > 0 ? found : index.search(query, { combineWith: 'OR' });
  const byNumber = new Map(records.map((r) => [r.number, r]));
  // The extractor makes text of every field, of the number too.
  return hits.map((hit) => byNumber.get(Number(hit.id))!);
}
