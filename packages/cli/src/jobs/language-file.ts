import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { failFile, openSafetensors } from '@southwell/data/node';
import { fail, SouthwellError } from '@southwell/numerics/core';
import { type LanguageFiles, loadLanguage, loadStored, type SavedModel } from '@southwell/tasks';

/** Whether a path is that of a language model of others: a .bin of llama2.c, safetensors, or a folder with a configuration. */
export const isLanguageModel = (path: string): boolean =>
  /\.(bin|safetensors)$/i.test(path) || existsSync(join(path, 'config.json'));

function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    return failFile(error, path, 'read');
  }
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** The configuration of a model, which lies beside its tensors. */
const configOf = (path: string): string => join(isFolder(path) ? path : dirname(path), 'config.json');

/** The contents of a language model's files. */
export async function languageFiles(path: string): Promise<LanguageFiles> {
  if (/\.bin$/i.test(path)) return { bytes: bytesOf(path) };
  const config = configOf(path);
  const file = await openSafetensors(path);
  if (!existsSync(config))
    fail('INVALID_FORMAT', 'it has tensors, but no architecture: its config.json must be beside it.');
  try {
    return { stored: await file.readAll(), config: JSON.parse(readFileSync(config, 'utf8')) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return fail('INVALID_FORMAT', `${config} is not JSON: ${error.message}.`);
  }
}

/** Files of tokenisers as they lie beside models; of one row all are needed. */
const BESIDE = [
  ['tokenizer.json'],
  ['tokenizer.model'],
  ['vocab.json', 'merges.txt'],
  ['vocab.txt'],
  ['vocab.json'],
  ['tokenizer.bin'],
];

/** The files of a tokeniser, those given or beside the model; a sentence if there are none. */
export function tokeniserFiles(path: string, given: string | undefined): Readonly<Record<string, Uint8Array>> | string {
  if (given !== undefined) return { [basename(given)]: bytesOf(given) };
  const folder = isFolder(path) ? path : dirname(path);
  const there = new Set(existsSync(folder) ? readdirSync(folder) : []);
  const found = BESIDE.find((names) => names.every((name) => there.has(name)));
  if (!found) return `${basename(path)} needs the file of its tokeniser: give {tokenizer}.`;
  return Object.fromEntries(found.map((name) => [name, bytesOf(join(folder, name))]));
}

/** Messages of the readers follow the name of the model. */
async function told<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof SouthwellError) || error.code === 'FILE') throw error;
    throw new SouthwellError(error.code, `${path}: ${error.message}`);
  }
}

/** A model whose file of tensors has all that it needs; undefined for other files. */
async function storedIn(path: string, tokenizer: string | undefined): Promise<SavedModel | undefined> {
  if (!/\.safetensors$/i.test(path)) return undefined;
  const file = await openSafetensors(path);
  const { isStoredModel, storedModel } = await loadStored();
  return isStoredModel(file) ? storedModel(await file.readAll(), tokeniserFiles(path, tokenizer)) : undefined;
}

/** A language model of others, with its tokeniser, or any model in a file of tensors that southwell wrote. Throws if the files are none. */
export const readLanguageModel = (path: string, tokenizer: string | undefined): Promise<SavedModel> =>
  told(path, async () => {
    const stored = await storedIn(path, tokenizer);
    if (stored) return stored;
    const { openLanguage } = await loadLanguage();
    return openLanguage(await languageFiles(path), tokeniserFiles(path, tokenizer));
  });

/** Facts about a language model of others, or about the tensors of a file without an architecture. Throws if the files are none. */
export const inspectedLanguage = (path: string) =>
  told(path, async () => {
    const { languageFacts, readLanguage, storedFacts } = await loadLanguage();
    if (!/\.bin$/i.test(path) && !existsSync(configOf(path)))
      return storedFacts(await (await openSafetensors(path)).readAll());
    return languageFacts(readLanguage(await languageFiles(path)));
  });
