import type { Family } from '../task.ts';
import { bbobRace } from './race.ts';

export const blackBox: Family = { id: 'black-box', title: 'Black-box search', tasks: [], races: [bbobRace] };
