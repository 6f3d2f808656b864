import { fuzz } from './testing.ts';

fuzz({ cuts: 400, runs: 400 });
