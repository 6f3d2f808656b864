// What the page of one's own data asks for each family.
import { clustering } from './clustering.ts';
import { factorisation } from './factorisation.ts';
import type { Family } from './family.ts';
import { linearModels } from './linearModels.ts';
import { structureLearning } from './structureLearning.ts';

export { commandLine, commandWords, type Family } from './family.ts';

export const families = [linearModels, clustering, structureLearning, factorisation] as unknown as readonly Family[];
