import type { Layer, Parameters } from '../layer.ts';

/** A model of texts from a file, which takes tokens [n, t]. */
export interface LanguageModel {
  readonly layer: Layer;
  readonly parameters: Parameters;
  /** Number of tokens that it distinguishes. */
  readonly vocabulary: number;
  /** Most positions that it was trained on, or has. */
  readonly context: number;
  /** What it gives at each position: logits of the next token, or the values of its last layer. */
  readonly gives: 'logits' | 'values';
  /** Tensors of the file that are not part of it, such as tables that are computed here. */
  readonly unused: readonly string[];
}
