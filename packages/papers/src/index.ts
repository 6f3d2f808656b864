import { experiments } from './generated/registry.ts';
import type { PaperRecord } from './record.ts';

export * from './bars.ts';
export { calibration } from './calibration.ts';
export * from './define.ts';
export * from './experiment.ts';
export * from './fold.ts';
export { cards } from './generated/cards.ts';
export { records } from './generated/records.ts';
export { lives } from './generated/registry.ts';
export type { Live, LiveEnd, LiveFrame } from './live.ts';
export * from './lookup.ts';
export { chartOf, keptPictures, pictureOf } from './material/releasedPicture.ts';
export { parseNumbers } from './numbers.ts';
export * from './panels.ts';
export { filesOf, type Part, type PartFiles, partsOf, partText } from './parts.ts';
export * from './record.ts';
export { search } from './search.ts';
export * from './told.ts';
export * from './verdicts/history.ts';
export * from './verdicts/ledger.ts';
export * from './verdicts/locked.ts';
export * from './verdicts/nulls.ts';
export * from './verdicts/released.ts';
export * from './verdicts/standing.ts';

/** Whether the paper's experiments can be run. */
export const stateOf = ({ number }: Pick<PaperRecord, 'number'>): 'runs' | 'not-yet' =>
  number in experiments ? 'runs' : 'not-yet';

/** {@link search}, for pages that load it only when there is something to search for. */
export const loadSearch = async () => (await import('./search.ts')).search;

/** Code that readers of the paper's page can copy and run; undefined for papers that do not run yet. */
export const snippetOf = async (number: number): Promise<string | undefined> =>
  (await import('./generated/snippets.ts')).snippets[number];
