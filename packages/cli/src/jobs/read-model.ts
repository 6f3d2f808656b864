import { readFileSync } from 'node:fs';
import { failFile } from '@southwell/data/node';
import { fail, SouthwellError } from '@southwell/numerics/core';
import { loadModel, loadOnnx, type SavedModel } from '@southwell/tasks';
import { isLanguageModel, readLanguageModel, tokeniserFiles } from './language-file.ts';
import { isOthersNetwork, withOnnxFile } from './onnx-file.ts';

/** A saved model of any family, a network of others, or a language model of others with its tokeniser. Throws if the file is not a model. */
export async function readModel(path: string, tokenizer?: string): Promise<SavedModel> {
  if (isLanguageModel(path)) return readLanguageModel(path, tokenizer);
  if (isOthersNetwork(path)) return readOnnx(path, tokenizer);
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

/** Messages of the reader are whole sentences; those about a model follow its name. */
async function readOnnx(path: string, tokenizer: string | undefined): Promise<SavedModel> {
  const open = await loadOnnx();
  return withOnnxFile(path, (source, external) => {
    try {
      return open(source, external, tokeniserFiles(path, tokenizer));
    } catch (error) {
      if (!(error instanceof SouthwellError)) throw error;
      throw new SouthwellError(error.code, `${path}: ${error.message}`);
    }
  });
}
