import type { Values } from '../../lib/controls.ts';
import { blackBox } from './blackBox.ts';
import { clustering } from './clustering.ts';
import type { Contest } from './contest.ts';
import { factorisation } from './factorisation.ts';
import { linearModels } from './linearModels.ts';
import { structureLearning } from './structureLearning.ts';

/** The problem that the values of the form describe, by family. */
export const contests: Readonly<Record<string, (values: Values, file?: File) => Promise<Contest>>> = {
  'linear-models': linearModels,
  clustering,
  'structure-learning': structureLearning,
  factorisation,
  'black-box': blackBox,
} as Readonly<Record<string, (values: Values, file?: File) => Promise<Contest>>>;
