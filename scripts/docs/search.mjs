import MiniSearch from 'minisearch';

/** The search of the documentation, as the page and the tests call it. */

/** Pages of these groups come first if they match as well as others. */
const WEIGHTS = { Start: 1.6, Guides: 1.6, Gallery: 0.8, 'How to': 1.6, Concepts: 1.4, Reference: 1, API: 0.5 };
/** Words that questions have and answers do not. */
const STOP = new Set(
  'a an and are can do does for from get have how i if in is it its me my of on or our the there to use using what when where which why with you your'.split(
    ' ',
  ),
);

const options = {
  idField: 'id',
  fields: ['title', 'keywords', 'page', 'text'],
  storeFields: ['title', 'page', 'group', 'href', 'text'],
  tokenize: (text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u),
  processTerm: (term) =>
    term === '' || STOP.has(term)
      ? null
      : term.length > 4
        ? term.replace(/(ies|s)$/, (end) => (end === 'ies' ? 'y' : ''))
        : term,
  searchOptions: {
    boost: { title: 4, keywords: 6, page: 2 },
    prefix: (term) => term.length > 2,
    fuzzy: (term) => (term.length < 5 ? false : 0.2),
    weights: { prefix: 0.4, fuzzy: 0.2 },
    boostDocument: (_, __, { group }) => WEIGHTS[group] ?? 0.6,
  },
};

/** The index of sections: `{ id, title, page, group, href, keywords, text }`. */
export function indexed(sections) {
  const index = new MiniSearch(options);
  index.addAll(sections);
  return index;
}

export const loaded = (json) => MiniSearch.loadJSON(json, options);

/** The best section of each page, best page first: all words must occur, or if that finds nothing, some of them. */
export function found(index, query) {
  const all = index.search(query, { combineWith: 'AND' });
  const some = index.search(query).filter((hit) => !all.some(({ id }) => id === hit.id));
  const pages = new Map();
  for (const hit of [...all, ...some]) {
    const page = hit.href.replace(/#.*/, '');
    if (!pages.has(page)) pages.set(page, hit);
  }
  return [...pages.values()];
}
