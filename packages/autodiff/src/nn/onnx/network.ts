import { jsonOf, parseTfjs } from '../tfjs/parse.ts';
import { type OnnxFile, parseOnnx } from './parse.ts';
import type { ByteSource } from './source.ts';
import type { External } from './tensorData.ts';

/**
 * The contents of an ONNX file, or of a model.json of TensorFlow.js as those of one.
 * @throws as {@link parseOnnx} and {@link parseTfjs}.
 */
export function parseNetwork(source: Uint8Array | ByteSource, external: External | undefined): OnnxFile {
  const json = jsonOf(source);
  return json === undefined ? parseOnnx(source) : parseTfjs(json, external);
}
