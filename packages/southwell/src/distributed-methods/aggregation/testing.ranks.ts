// What the threads of a test run.
import { complete, type Ranks } from '@southwell/distributed';
import { aggregateRanks } from './index.ts';
import { drawn } from './testing.ts';

export default (ranks: Ranks, n: number) =>
  complete(ranks((comm) => aggregateRanks(comm, drawn(comm.size, n, 0, 1)[comm.rank], { m: 2 }))).direction;
