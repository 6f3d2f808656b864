import { subspaces, unbiased } from './testing.ts';

unbiased({ draws: 2000 });
subspaces({ trials: 100 });
