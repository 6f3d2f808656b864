export {
  type Compressor,
  identity,
  type Precision,
  type RandKOptions,
  randK,
  type TopKOptions,
  topK,
} from './compressors/index.ts';
export * from './variational/index.ts';
