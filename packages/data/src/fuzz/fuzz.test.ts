import { fuzz } from './testing.ts';

fuzz({ cuts: 100, runs: 80 });
