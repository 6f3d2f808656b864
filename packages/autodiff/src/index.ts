export { celu, elu, hardtanh, leakyRelu, selu, softsign } from './functions/activations.ts';
export {
  type SoftmaxPrecision,
  type SoftmaxPrecisionOptions,
  softmaxCrossEntropy,
  softmaxSum,
  stableMax,
  stableMaxCrossEntropy,
} from './functions/collapse.ts';
export {
  type Activation,
  type BatchNormOptions,
  batchNorm,
  linear,
  logsumexp,
  mean,
  pad,
  prod,
  type VarianceOptions,
  variance,
} from './functions/composites.ts';
export {
  type Convolution1dOptions,
  type Convolution3dOptions,
  conv1d,
  conv3d,
  type Triple,
} from './functions/convolutions.ts';
export { full, range, tensor } from './functions/create.ts';
export { einsum } from './functions/einsum.ts';
export * from './functions/functions.ts';
export { groupNorm, instanceNorm } from './functions/groupNorm.ts';
export {
  type AttentionOptions,
  attention,
  avgPool,
  conv2d,
  conv2dTranspose,
  maxPool,
  type PoolOptions,
  type TransposeOptions,
} from './functions/images.ts';
export {
  cholesky,
  diagonal,
  eigh,
  expm,
  inverse,
  logDet,
  logDetOfFactor,
  lstsq,
  lu,
  pinv,
  qr,
  slogdet,
  solve,
  solveTriangular,
  svd,
} from './functions/linalg.ts';
export { findNaN } from './functions/nan.ts';
export { type Operation, observe } from './functions/observe.ts';
export { cumprod, median, quantile } from './functions/order.ts';
export { dropout, foldIn, randomCategorical, randomKey, randomNormal, randomUniform } from './functions/random.ts';
export { stableScale } from './functions/stableScale.ts';
export { upsample } from './functions/upsample.ts';
export { withLine } from './line.ts';
export { cast, stopGradient } from './ops/casts.ts';
export { concat, stack } from './ops/concat.ts';
export { clip, where } from './ops/elementwise.ts';
export { dct } from './ops/fourier.ts';
export { roundToHalf } from './ops/halves.ts';
export { argmax, argsort, type Sorted, sort, take, takeAlong, topK } from './ops/indexing.ts';
export { matmul } from './ops/matmul.ts';
export { layerNorm, rmsNorm } from './ops/norms.ts';
export { gru, lstm } from './ops/recurrent.ts';
export { type Axes, cumsum, max, min, sum } from './ops/reductions.ts';
export { crossEntropy, logSoftmax, oneHot, softmax } from './ops/rows.ts';
export { indexAdd, scatter, scatterAdd } from './ops/scatter.ts';
export {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cosh,
  digamma,
  lgamma,
  polygamma,
  sinh,
  tan,
} from './ops/special.ts';
export { matmulTransposed } from './ops/turnedProduct.ts';
export {
  broadcastTo,
  expandDims,
  permute,
  type Range,
  reshape,
  slice,
  squeeze,
  turned as transpose,
} from './ops/views.ts';
export type { ConvolutionOptions } from './ops/windows.ts';
export {
  type Packed,
  type PackedBitmap,
  type PackedCodebooks,
  type PackedGroups,
  type PackedInt8,
  type PackedMatrix,
  type PackedWrapped,
  packedBytes,
} from './packed/matrix.ts';
export { unpackTensor } from './packed/op.ts';
export { type Codes, packBitmap, packCodes, packGroups, packInt8, packWrapped, type Wrapping } from './packed/pack.ts';
export { isPacked, type PackedTensor, packedMatrix, packedTensor } from './packed/tensors.ts';
export { unpackMatrix } from './packed/unpack.ts';
export { type Compiled, compile } from './programs/compile.ts';
export { useThreads } from './programs/evaluate.ts';
export type { Program, Region } from './programs/program.ts';
export type { Shape } from './shapes.ts';
export {
  type DType,
  type HalfDType,
  type NestedNumbers,
  type StoredNumbers,
  Tensor,
  type TensorOptions,
  tensorOver,
  type Values,
} from './tensor.ts';
export { cond } from './transforms/branch.ts';
export { checkpoint, customVjp } from './transforms/custom.ts';
export { hessian, jacfwd } from './transforms/dense.ts';
export {
  type Gradient,
  type GradOptions,
  grad,
  hvp,
  jacobian,
  jvp,
  type TensorFunction,
  valueAndGrad,
  vjp,
} from './transforms/derive.ts';
export { type FixedPointOptions, fixedPoint, root } from './transforms/fixedPoint.ts';
export { type ScanOptions, scan } from './transforms/scan.ts';
export { type SparseDerivative, sparseHessian, sparseJacobian } from './transforms/sparse.ts';
export { sparseFunctions } from './transforms/sparseFunctions.ts';
export { type VmapOptions, vmap } from './transforms/vmap.ts';
export { whileLoop } from './transforms/whileLoop.ts';
export { leavesOf, mapTree, type Tree } from './tree.ts';
