import { besideDense, knownSpectra } from './testing.ts';

knownSpectra({ pairs: [1, 2, 4, 7, 12], side: 24, leading: [1, 3, 5] });
besideDense([1, 2, 3, 10, 40, 90, 200]);
