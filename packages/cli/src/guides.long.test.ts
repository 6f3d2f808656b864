import { pages, testPages } from './testing/guides.ts';

testPages(pages.slice(2));
