export { newestFirst, type ResultStore, type RunResult, timeOf } from './results.ts';
export { startWorkbench, type Workbench, type WorkbenchOptions } from './server.ts';
export { type SiteOptions, siteFiles } from './site.ts';
export type { Subscriptions } from './subscriptions.ts';
export { claimOf, headline, numbersOf, verdictLines } from './verdicts.ts';
