import { formatIn, modelIn, type SavedModel } from '../saved-model.ts';
import { byFile } from './byFile.ts';
import { formOf } from './form.ts';
import type { Family, Task } from './task.ts';

const savedModels = async () => (await import('../saved-models/task.ts')).savedModels;
const linearModels = async () => (await import('../linear-models/task.ts')).linearModels;
const compression = async () => (await import('../compression/task.ts')).compression;
const distributedMethods = async () => (await import('../distributed/task.ts')).distributedMethods;

/** The families of the registry by the first word of their commands, in its order; each is loaded on first use. */
const loaders: Readonly<Record<string, () => Promise<Family>>> = {
  fit: linearModels,
  'plan-private': linearModels,
  privatise: linearModels,
  'fit-private': linearModels,
  cluster: async () => (await import('../clustering/task.ts')).clustering,
  graph: async () => (await import('../structure-learning/task.ts')).structureLearning,
  factor: async () => (await import('../factorisation/task.ts')).factorisation,
  isotonic: async () => (await import('../isotonic/task.ts')).isotonicRegression,
  solve: async () => (await import('../linear-systems/task.ts')).linearSystems,
  'solve-model': async () => (await import('../constrained/task.ts')).constrained,
  game: async () => (await import('../games/task.ts')).games,
  register: async () => (await import('../geometry/task.ts')).geometry,
  train: async () => (await import('../training/task.ts')).networks,
  minimize: async () => (await import('../black-box/task.ts')).blackBox,
  schedule: async () => (await import('../schedules/task.ts')).schedules,
  predict: savedModels,
  sample: savedModels,
  compress: compression,
  merge: compression,
  aggregate: distributedMethods,
  stragglers: distributedMethods,
  gossip: distributedMethods,
};

/** The first words of their commands. */
export const familyWords: readonly string[] = Object.keys(loaders);

/** The words of the command that a command line runs: what its files are may decide between tasks of one verb. */
export function wordsRun([word, ...rest]: readonly string[]): readonly string[] {
  const other = byFile.find((entry) => entry.word === word && rest.some((text) => entry.file.test(text)));
  return word === undefined ? [] : [other?.runs ?? word, ...rest];
}

/**
 * The family whose commands begin with that word, as a list of one; without a word, or for an unknown one, all
 * families.
 */
export function loadFamilies(word?: string): Promise<readonly Family[]> {
  const asked = word !== undefined && Object.hasOwn(loaders, word) ? [loaders[word]] : Object.values(loaders);
  return Promise.all([...new Set(asked)].map((load) => load()));
}

/**
 * Loads a saved model from its text: families are loaded one after the other until one knows its format.
 * @throws INVALID_FORMAT if none does.
 */
export async function loadModel(text: string): Promise<SavedModel> {
  const format = formatIn(text);
  const loaded: Family[] = [];
  for (const load of new Set(Object.values(loaders))) {
    const family = await load();
    loaded.push(family);
    if (family.models?.formats.includes(format)) return family.models.load(text);
  }
  return modelIn(text, loaded);
}

/** The task of a verb, whose words are separated by spaces. Throws if there is none. */
export async function loadTask(verb: string): Promise<Task> {
  const families = await loadFamilies(verb.split(' ')[0]);
  const task = families.flatMap((family) => family.tasks).find((t) => t.verb.join(' ') === verb);
  if (!task) throw new Error(`There is no task '${verb}'.`);
  return task;
}

/** The function that makes a model of the network of an ONNX file; loaded on first use. */
export const loadOnnx = async () => (await import('../training/onnx.ts')).openOnnx;

/** The functions that read models from files of tensors that have all they need; loaded on first use. */
export const loadStored = () => import('../training/stored.ts');

/** The functions that read language models of others; loaded on first use. */
export const loadLanguage = () => import('../training/text/language.ts');

/** The function that opens networks to look into them; loaded on first use. */
export const loadNetworks = async () => (await import('../networks/files.ts')).openNetwork;

/** The controls of runs on simulated ranks; loaded on first use. */
export const loadRankRunControls = async () => formOf((await import('../rank-runs/options.ts')).rankRunOptions);

/** A run on simulated ranks from the values of its form; loaded on first use. */
export const loadRankRun = async () => (await import('../rank-runs/run.ts')).rankRunOf;
