import { blockCoordinateDescentFaster } from './01-bcd-faster/index.ts';
import type { Paper } from './experiment.ts';

export * from './experiment.ts';

/** All papers, by number. */
export const papers: readonly Paper[] = [blockCoordinateDescentFaster];
