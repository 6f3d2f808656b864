export { type ApplyGraphOptions, applyGraph } from './applyGraph.ts';
export type { Pair } from './fields.ts';
export {
  architectureJson,
  hasArchitecture,
  type LoadOptions,
  loadModel,
  type Model,
  type PackedModel,
  type SaveOptions,
  saveModel,
} from './files.ts';
export { type GenerateOptions, generate } from './generate.ts';
export { type Initialisation, initialisations, initialise } from './initialisers.ts';
export type { LanguageModel } from './language/languageModel.ts';
export { readLlama2c } from './language/llama2c.ts';
export { loadPretrained, type PretrainedOptions } from './language/pretrained.ts';
export type { Layer, Memory, Parameters, Precision, State, Weights, WeightTree } from './layer.ts';
export {
  type ActivationName,
  type ActivationOptions,
  activation,
  elu,
  gelu,
  leakyRelu,
  relu,
  sigmoid,
  silu,
  softmax,
  tanh,
} from './layers/activation.ts';
export { type BatchNormOptions, batchNorm } from './layers/batchNorm.ts';
export { type Conv1dOptions, conv1d } from './layers/conv1d.ts';
export { type Conv2dOptions, conv2d } from './layers/conv2d.ts';
export { type Conv3dOptions, conv3d } from './layers/conv3d.ts';
export type { ConvolutionOptions } from './layers/convolution.ts';
export { type CrossAttentionOptions, crossAttention } from './layers/crossAttention.ts';
export { type DecoderBlockOptions, decoderBlock } from './layers/decoderBlock.ts';
export { type DropoutOptions, dropout } from './layers/dropout.ts';
export { type EmbeddingOptions, embedding } from './layers/embedding.ts';
export { type FlattenOptions, flatten } from './layers/flatten.ts';
export { graph } from './layers/graph.ts';
export {
  type GroupNormOptions,
  groupNorm,
  type InstanceNormOptions,
  instanceNorm,
} from './layers/groupNorm.ts';
export { type LayerNormOptions, layerNorm } from './layers/layerNorm.ts';
export { type LinearOptions, linear } from './layers/linear.ts';
export { type MultiHeadAttentionOptions, multiHeadAttention } from './layers/multiHeadAttention.ts';
export { type OverPositionsOptions, overPositions } from './layers/overPositions.ts';
export { avgPool, globalAvgPool, maxPool, type PoolOptions } from './layers/pool.ts';
export { type PositionsOptions, positions } from './layers/positions.ts';
export { gru, lstm, type RecurrentOptions } from './layers/recurrent.ts';
export { residual } from './layers/residual.ts';
export { type RmsNormOptions, rmsNorm } from './layers/rmsNorm.ts';
export { type SequentialOptions, sequential } from './layers/sequential.ts';
export { type TransformerBlockOptions, transformerBlock } from './layers/transformerBlock.ts';
export { type UnembeddingOptions, unembedding } from './layers/unembedding.ts';
export * as losses from './losses.ts';
export {
  type ApplyOptions,
  apply,
  applyWithState,
  checkArchitecture,
  type InitOptions,
  init,
  initMemory,
  initState,
  type MemoryOptions,
  parameterShapes,
  type StepOptions,
  step,
} from './model.ts';
export { type OnnxOptions, toOnnx } from './onnx/export.ts';
export {
  type InspectOptions,
  inspectOnnx,
  type NetworkFacts,
  type NodeFacts,
} from './onnx/inspect.ts';
export { type MissingOperator, type ReadModel, type ReadOptions, read } from './onnx/read.ts';
export type { ByteSource } from './onnx/source.ts';
export type { External } from './onnx/tensorData.ts';
export { type TensorFacts, tensorFacts } from './onnx/tensorFacts.ts';
export type { GraphBody, GraphConstant, GraphNode, GraphOptions, GraphValue } from './operators/description.ts';
export { operatorNames } from './operators/index.ts';
export {
  countParameters,
  flattenParameters,
  groupParameters,
  parameterBytes,
  parameterTree,
  rangesOf,
  splitParameters,
  unpackParameters,
  type Which,
} from './parameters.ts';
export { layerKinds } from './registry.ts';
export {
  type PlainTensor,
  type Stored,
  type StoredTensor,
  type StoredValues,
  storedTensors,
  type ToTensorsOptions,
  toTensors,
} from './stored.ts';
export { type ReadWeightsOptions, readWeights } from './tfjs/readWeights.ts';
