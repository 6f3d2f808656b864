import MiniSearch from 'minisearch';
import { records } from './generated/records.ts';
import type { PaperRecord } from './record.ts';

let index: MiniSearch<PaperRecord> | undefined;

const isNumber = (term: string): boolean => /^\d+$/.test(term);

/**
 * Matching papers, best first, by words of the title, methods, summary, authors, venue and year, by number and by arXiv
 * id. Tolerates one wrong letter in words of four or five letters, two in longer ones, and matches prefixes.
 */
export function search(text: string): readonly PaperRecord[] {
  if (!index) {
    index = new MiniSearch<PaperRecord>({
      idField: 'number',
      fields: ['title', 'methods', 'family', 'summary', 'slug', 'firstAuthors', 'venue', 'date'],
      extractField: (record, field) => {
        // Only the year of dates: months would match numbers.
        const value = field === 'date' ? record.date.slice(0, 4) : record[field as keyof PaperRecord];
        return Array.isArray(value) ? value.join(' ') : String(value ?? '').replaceAll('-', ' ');
      },
      searchOptions: {
        boost: { title: 3, methods: 4, family: 2, firstAuthors: 3, venue: 2 },
        prefix: (term) => term.length > 2 && !isNumber(term),
        // Numbers, such as years, must match exactly.
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
  // If one of several words is unknown, some results are better than none.
  const hits = found.length > 0 ? found : index.search(query, { combineWith: 'OR' });
  const byNumber = new Map(records.map((r) => [r.number, r]));
  // The extractor converts every field to text, including the number.
  return hits.map((hit) => byNumber.get(Number(hit.id))!);
}
