import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Experiment } from '../experiment.ts';
import { type Part, type PartFiles, partsOf, partText } from '../parts.ts';
import type { Size } from '../size.ts';

const missing = (part: Part, folder: string | undefined): string[] =>
  part.files.filter((file) => folder === undefined || !existsSync(join(folder, part.id, file)));

/** A sentence on the first part of an experiment that the folder lacks; undefined if it has all. */
export function missingParts(experiment: Experiment, size: Size, folder: string | undefined): string | undefined {
  for (const part of partsOf(experiment, size)) {
    const absent = missing(part, folder);
    if (absent.length === 0) continue;
    const where =
      folder === undefined
        ? 'The folder that has this folder is the value of --parts, or of $SOUTHWELL_PARTS.'
        : `${join(folder, part.id)} lacks ${absent.slice(0, 3).join(', ')}${absent.length > 3 ? ' and others' : ''}.`;
    return `The experiment ${experiment.id} reads files that are not shipped: ${partText(part)}. ${where}`;
  }
  return undefined;
}

/** The files of parts in the subfolders of a folder, by default of $SOUTHWELL_PARTS. */
export function partFiles(folder: string | undefined = process.env.SOUTHWELL_PARTS): PartFiles | undefined {
  if (folder === undefined) return undefined;
  return async (part) => {
    const [first] = missing(part, folder);
    if (first !== undefined)
      throw new Error(`${join(folder, part.id, first)} is missing: it is part of ${partText(part)}.`);
    const read = part.files.map(async (file) => [file, await readFile(join(folder, part.id, file))] as const);
    return new Map(await Promise.all(read));
  };
}
