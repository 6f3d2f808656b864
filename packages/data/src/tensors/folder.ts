import { fail } from '@southwell/numerics/core';
import type { Folder } from '../io/folder.ts';
import { readBytes } from '../io/source.ts';
import { put } from './header.ts';
import { type Json, parseJson } from './json.ts';
import { OpenFile, openSafetensors, type TensorFile, type TensorPlace } from './open.ts';

// Checkpoints in several files, as written by huggingface_hub: model-00001-of-00002.safetensors …, with an index that
// gives the file of each tensor.

const INDEX = '.safetensors.index.json';
const FILE = '.safetensors';

/**
 * Opens the checkpoint in a folder: its index (`*.safetensors.index.json`) with all files that it names, or its single
 * safetensors file. Reads and checks the headers of all files; numbers are read on demand. The metadata are the texts
 * on which all files agree.
 * @throws INVALID_FORMAT for a folder without a checkpoint or with several, an invalid index, a file that it names but
 * that is missing, a tensor that its file lacks, that two files have, or that the index does not name; as {@link
 * openSafetensors} for each file.
 */
export async function openSafetensorsFolder(folder: Folder): Promise<TensorFile> {
  const index = onlyOne(folder, INDEX);
  if (index !== undefined) return openIndexed(folder, index);
  const file = onlyOne(folder, FILE);
  if (file !== undefined) return openSafetensors(folder.open(file), { name: file });
  return fail('INVALID_FORMAT', `${folder.name} has no checkpoint: neither a *${FILE} nor a *${INDEX}.`);
}

function onlyOne({ name, paths }: Folder, ending: string): string | undefined {
  const found = paths.filter((path) => path.endsWith(ending) && !path.includes('/'));
  if (found.length > 1)
    fail('INVALID_FORMAT', `${name} has ${found.length} files *${ending}: ${found.join(', ')}. Open one of them.`);
  return found[0];
}

/**
 * Opens the checkpoint described by an index in a folder.
 * @throws as {@link openSafetensorsFolder}.
 */
export async function openIndexed(folder: Folder, index: string): Promise<TensorFile> {
  const listed = weightMap(await readBytes(folder.open(index)), index);
  const parts = new Map<string, OpenFile>();
  for (const file of new Set(listed.values())) {
    if (!folder.paths.includes(file))
      fail(
        'INVALID_FORMAT',
        `${index} names ${file}, which is not in ${folder.name}: a part of the checkpoint is missing.`,
      );
    parts.set(file, (await openSafetensors(folder.open(file), { name: file })) as OpenFile);
  }
  const tensors = gathered(index, listed, parts);
  return new OpenFile(index, tensors, inCommon([...parts.values()]), (file) => parts.get(file)!.sourceOf(file));
}

/** The mapping from tensors to files in the index. */
function weightMap(bytes: Uint8Array, index: string): ReadonlyMap<string, string> {
  const bad = (why: string): never => fail('INVALID_FORMAT', `${index} is not a checkpoint index: ${why}`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bad('it is no UTF-8.');
  }
  const json: Json = parseJson(text, `the text of ${index}`);
  const map = json instanceof Map ? json.get('weight_map') : undefined;
  if (!(map instanceof Map)) return bad("it has no object 'weight_map', from the names of tensors to files.");
  for (const [name, file] of map) {
    // File names in an index must not lead out of the folder.
    if (typeof file !== 'string' || /[/\\]/.test(file) || !file.endsWith(FILE))
      bad(`the file of '${name}' is ${JSON.stringify(file)}, and not a *${FILE} beside it.`);
  }
  return map as ReadonlyMap<string, string>;
}

/** The location of all tensors, sorted by file name and byte offset. */
function gathered(
  index: string,
  listed: ReadonlyMap<string, string>,
  parts: ReadonlyMap<string, OpenFile>,
): Readonly<Record<string, TensorPlace>> {
  const tensors: Record<string, TensorPlace> = {};
  for (const [file, part] of [...parts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const [name, place] of Object.entries(part.tensors)) {
      if (Object.hasOwn(tensors, name))
        fail(
          'INVALID_FORMAT',
          `'${name}' is in two files, ${tensors[name].file} and ${file}: it is unclear which to use.`,
        );
      if (!listed.has(name)) fail('INVALID_FORMAT', `'${name}' is in ${file}, but ${index} does not name it.`);
      put(tensors, name, place);
    }
  }
  for (const [name, file] of listed) {
    const found = Object.hasOwn(tensors, name) ? tensors[name].file : undefined;
    if (found !== file)
      fail(
        'INVALID_FORMAT',
        `${index} says that '${name}' is in ${file}, but it is ${found === undefined ? 'not there' : `in ${found}`}.`,
      );
  }
  return tensors;
}

/** The metadata of the files, without texts that differ between files. */
function inCommon(files: readonly TensorFile[]): Readonly<Record<string, string>> {
  const all = files.flatMap(({ metadata }) => Object.entries(metadata));
  return Object.fromEntries(all.filter(([name, text]) => all.every(([other, its]) => other !== name || its === text)));
}
