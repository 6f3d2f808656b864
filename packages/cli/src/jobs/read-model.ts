import { readFileSync } from 'node:fs';
import { failFile } from '@southwell/data/node';
import { fail } from '@southwell/numerics/core';
import { loadModel, type SavedModel } from '@southwell/tasks';

/** A saved model of any family. Throws if the file is not a model. */
export async function readModel(path: string): Promise<SavedModel> {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    failFile(error, path, 'read');
  }
  try {
    return await loadModel(text);
  } catch (error) {
    fail('INVALID_FORMAT', `${path} is not a model that southwell saved: ${(error as Error).message}`);
  }
}
