import type { Stored } from '@southwell/autodiff/nn';
import type { TokeniserFiles } from '@southwell/autodiff/tokenisers';
import { decodePlain, fail } from '@southwell/numerics/core';
import type { SavedModel } from '../saved-model.ts';
import { MODEL } from '../saved-models/modelNetwork.ts';
import { GRAPH_FORMAT } from './graphNetwork.ts';
import { networksSaved, restoreNetwork } from './model.ts';
import { restoreGraph } from './onnx.ts';
import { LANGUAGE_FORMAT, restoreLanguage } from './text/language.ts';
import { restoreText, TEXT_FORMAT } from './text/model.ts';

/** Whether tensors are those of a model that southwell saved with all that it needs. */
export const isStoredModel = ({ metadata }: Pick<Stored, 'metadata'>): boolean => Object.hasOwn(metadata, MODEL);

/**
 * A saved model from a file of tensors.
 * @param tokeniser The files of a tokeniser, or why there are none, as a sentence; for models that take tokens.
 * @throws INVALID_FORMAT for models that are unknown here, and for damaged ones.
 */
export function storedModel(stored: Stored, tokeniser: TokeniserFiles | string): SavedModel {
  const rest = decodePlain(stored.metadata[MODEL]) as { readonly format?: unknown; readonly version?: unknown };
  const { format, version } = rest ?? {};
  if (version !== 1)
    fail(
      'INVALID_FORMAT',
      `it was written by another version of southwell (${version}): write it again from the original.`,
    );
  switch (format) {
    case GRAPH_FORMAT:
      return restoreGraph(stored, tokeniser);
    case LANGUAGE_FORMAT:
      return restoreLanguage(rest, stored, tokeniser);
    case TEXT_FORMAT:
      return restoreText(rest, stored);
    case networksSaved.formats[0]:
      return restoreNetwork(rest, stored);
    default:
      return fail('INVALID_FORMAT', `it is a model of the unknown format ${String(format)}.`);
  }
}
