import { defineRace } from '../../declaration/race.ts';
import { raceOptions } from './race-options.ts';

export const l1Race = defineRace({
  id: 'linear-models',
  title: 'L1-penalised models',
  about: 'L1-penalised models, measured by the duality gap relative to the objective at zero.',
  options: raceOptions,
  racers: [
    ['working-sets', 'working sets + Newton (the library’s)'],
    ['cyclic', 'coordinate descent, cyclic'],
    ['random', 'coordinate descent, random'],
    ['greedy', 'coordinate descent, greedy (Gauss–Southwell)'],
    ['greedy-50', 'greedy blocks of 50, proximal Newton'],
    ['support', 'support + 50, proximal Newton'],
  ],
  measure: 'relative duality gap',
  extra: 'features',
  work: 'epochs',
  logY: true,
  // Imported on demand, as fits do not need the methods of the race.
  contest: async (values, read) => (await import('./contest.ts')).contest(values, read),
});
