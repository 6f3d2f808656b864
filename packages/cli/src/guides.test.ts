import { pages, testPages } from './testing/guides.ts';

// The README and the first page; the others: guides.long.test.ts.
testPages(pages.slice(0, 2));
