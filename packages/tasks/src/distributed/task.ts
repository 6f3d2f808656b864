import type { Family } from '../declaration/task.ts';
import { aggregateTask } from './aggregate/task.ts';
import { gossipTask } from './gossip/task.ts';
import { stragglersTask } from './stragglers/task.ts';

export const distributedMethods: Family = {
  id: 'distributed-methods',
  title: 'Methods for several ranks',
  goal: 'Combine gradients of many workers, and choose codes and links',
  tasks: [aggregateTask, gossipTask, stragglersTask],
};
