import type { Family } from '../declaration/task.ts';
import { aggregateTask } from './aggregate/task.ts';
import { gossipTask } from './gossip/task.ts';

export const distributedMethods: Family = {
  id: 'distributed-methods',
  title: 'Methods for several ranks',
  goal: 'Combine gradients of many workers, or choose how they exchange',
  tasks: [aggregateTask, gossipTask],
};
