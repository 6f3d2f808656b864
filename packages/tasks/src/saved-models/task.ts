import type { Family } from '../declaration/task.ts';
import { predict } from './predict.ts';
import { sample } from './sample.ts';

export const savedModels: Family = {
  id: 'saved-models',
  title: 'Saved models',
  goal: 'Use a saved model',
  tasks: [predict, sample],
};
