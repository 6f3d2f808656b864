import { SouthwellError } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import * as cx from '../complex/index.ts';
import * as ad from '../index.ts';
import * as nn from './index.ts';

// Every exported function, called with what does not fit in the place of each of its arguments: the error is a sentence
// of the library that names the function, never one of the engine from somewhere inside.

type Call = readonly [call: (...args: readonly never[]) => unknown, ...args: readonly unknown[]];

const numbers = (shape: ad.Shape, from = 1): ad.Tensor => {
  const size = shape.reduce((p, n) => p * n, 1);
  return ad.tensor(
    Array.from({ length: size }, (_, i) => from + ((i * 7) % 5) / 10),
    { shape },
  );
};
const indices = (...values: readonly number[]): ad.Tensor => ad.tensor(Int32Array.from(values));
const x = numbers([2, 3]);
const y = numbers([2, 3], 2);
const square = ad.tensor([
  [4, 1],
  [1, 3],
]);
const vector = numbers([3], 0.2);
const images = numbers([1, 4, 4, 2]);
const rows = indices(0, 2);
const groups = ad.packGroups([1, 0, 2, 0], [1, 4]);
const key = ad.randomKey(3);
const scalar = (t: ad.Tensor): ad.Tensor => ad.sum(ad.square(t));
const step = (carry: ad.Tensor, entry: ad.Tensor) => [ad.add(carry, entry), ad.mul(carry, 2)] as const;

const unary =
  'abs acosh asinh atan ceil celu cosh cos digamma elu erf exp expm1 floor gelu leakyRelu hardtanh lgamma log log1p ' +
  'neg reciprocal relu roundToHalf round selu sigmoid sign silu sin sinh softplus softsign sqrt square stopGradient tan ' +
  'tanh stableScale';
const small = 'acos asin atanh';
const binary = 'add sub mul div pow minimum maximum less lessEqual greater greaterEqual equal notEqual atan2';
const reductions =
  'sum mean max min prod variance logsumexp cumsum cumprod argmax argsort sort median softmax logSoftmax';
const squares = 'cholesky diagonal eigh expm inverse logDet logDetOfFactor lu pinv qr slogdet svd';

const exported = { ...ad } as unknown as Readonly<Record<string, Call[0]>>;

/** The functions of a list of names, of this module. */
const named = (list: string, ...args: readonly unknown[]): Array<readonly [string, Call]> =>
  list.split(' ').map((name) => [name, [exported[name], ...args]]);

/** A function of functions, and what it returns, in one call. */
const applied =
  (name: string): Call[0] =>
  (f, t) =>
    (exported[name](f) as (t: never) => unknown)(t);

const calls: Readonly<Record<string, Call>> = {
  ...Object.fromEntries([
    ...named(unary, x),
    ...named(small, numbers([3], 0.1)),
    ...named(binary, x, y),
    ...named(reductions, x, 1),
    ...named(squares, square),
    ...named('dct', x),
    ...named('transpose', x),
    ...named('solve solveTriangular lstsq', square, ad.tensor([1, 2])),
    ...named('layerNorm batchNorm', x, vector, vector),
    ...named('rmsNorm', x, vector),
    ...named('instanceNorm', x, vector, vector),
    ...named('maxPool avgPool', images, 2, { stride: 1 }),
    ...named('conv2d', images, numbers([2, 2, 2, 3]), { stride: 1 }),
    ...named('conv2dTranspose', images, numbers([2, 2, 3, 2]), { stride: 2 }),
    ...named('softmaxCrossEntropy', x, rows, { precision: 'f32' }),
    ...named('softmaxSum', x, { precision: 'f32' }),
    ...named('crossEntropy stableMaxCrossEntropy', x, rows),
    ...named('stableMax', x),
    ...named('scatter scatterAdd', x, ad.tensor(Int32Array.of(0, 1), { shape: [2, 1] }), numbers([2, 1]), 1),
    ...'grad valueAndGrad jacfwd jacobian hessian compile checkpoint findNaN vmap'
      .split(' ')
      .map((name) => [name, [applied(name), name.startsWith('jac') ? ad.square : scalar, x]]),
  ]),
  attention: [ad.attention, numbers([1, 3, 2, 2]), numbers([1, 3, 2, 2]), numbers([1, 3, 2, 2]), { causal: true }],
  broadcastTo: [ad.broadcastTo, vector, [2, 3]],
  cast: [ad.cast, x, 'f32'],
  clip: [ad.clip, x, 0, 1],
  concat: [ad.concat, [x, y], 0],
  cond: [ad.cond, ad.tensor(1), scalar, scalar, x],
  conv1d: [ad.conv1d, numbers([1, 4, 2]), numbers([2, 2, 3]), { stride: 1 }],
  conv3d: [ad.conv3d, numbers([1, 2, 3, 3, 1]), numbers([1, 2, 2, 1, 2]), { stride: 1 }],
  customVjp: [
    (f, backward) => ad.grad(ad.customVjp(f, backward))(x),
    scalar,
    (g: ad.Tensor, [t]: ad.Tensor[]) => [ad.mul(t, g)],
  ],
  dropout: [ad.dropout, x, 0.5, key],
  einsum: [ad.einsum, 'ij,j->i', x, vector],
  expandDims: [ad.expandDims, x, 0],
  fixedPoint: [ad.fixedPoint, (z: ad.Tensor, p: ad.Tensor) => ad.mul(ad.add(z, p), 0.5), vector, vector],
  foldIn: [ad.foldIn, key, 3],
  full: [ad.full, [2, 3], 1, 'f32'],
  groupNorm: [ad.groupNorm, x, 3, vector, vector],
  gru: [ad.gru, numbers([1, 2, 6]), numbers([6, 2]), numbers([6]), numbers([1, 2])],
  hvp: [ad.hvp, scalar, [x], y],
  indexAdd: [ad.indexAdd, x, indices(0, 1), x, 0],
  jvp: [ad.jvp, scalar, [x], [y]],
  leavesOf: [ad.leavesOf, { x }],
  linear: [ad.linear, x, numbers([3, 2]), numbers([2]), 'relu'],
  lstm: [ad.lstm, numbers([1, 2, 8]), numbers([8, 2]), numbers([1, 2]), numbers([1, 2])],
  mapTree: [ad.mapTree, ad.neg, { x }, { x }],
  matmul: [ad.matmul, x, numbers([3, 2])],
  matmulTransposed: [ad.matmulTransposed, x, x],
  observe: [ad.observe, () => x, () => undefined],
  oneHot: [ad.oneHot, rows, 3, 'f32'],
  isPacked: [ad.isPacked, groups],
  packBitmap: [ad.packBitmap, [1, 0, 2, 0], [1, 4]],
  packCodes: [ad.packCodes, { indices: [1, 0], bits: 1, codebooks: [0.5, 2] }, [1, 2]],
  packedBytes: [ad.packedBytes, groups],
  packedMatrix: [ad.packedMatrix, ad.packedTensor(groups)],
  packedTensor: [ad.packedTensor, groups],
  packGroups: [ad.packGroups, [1, 0, 2, 0], [1, 4]],
  packInt8: [ad.packInt8, Int8Array.of(1, 2), [0.5], [1, 2]],
  packWrapped: [ad.packWrapped, { block: 1, left: [1], right: [1], core: [2] }, [1, 1]],
  pad: [ad.pad, x, [[1, 1]], 0],
  permute: [ad.permute, x, [1, 0]],
  polygamma: [ad.polygamma, 2, x],
  quantile: [ad.quantile, x, 0.3, 0],
  randomCategorical: [ad.randomCategorical, key, x],
  randomKey: [ad.randomKey, 3],
  randomNormal: [ad.randomNormal, key, [2, 3], 'f32'],
  randomUniform: [ad.randomUniform, key, [2, 3], 'f32'],
  range: [ad.range, 3, 'i32', 1],
  reshape: [ad.reshape, x, [3, 2]],
  root: [ad.root, (z: ad.Tensor, p: ad.Tensor) => ad.sub(ad.square(z), p), vector, vector],
  scan: [ad.scan, step, vector, x, { reverse: true }],
  slice: [ad.slice, x, 1, [0, 2]],
  sparseFunctions: [ad.sparseFunctions, scalar, ad.square, 3],
  sparseHessian: [ad.sparseHessian, scalar, vector],
  sparseJacobian: [ad.sparseJacobian, ad.square, vector],
  squeeze: [ad.squeeze, numbers([1, 3]), 0],
  stack: [ad.stack, [x, y], 0],
  take: [ad.take, x, indices(1, 0), 0],
  takeAlong: [ad.takeAlong, x, ad.tensor(Int32Array.of(1, 0, 2, 2), { shape: [2, 2] }), 1],
  tensor: [ad.tensor, [[1, 2]], { dtype: 'f32' }],
  tensorOver: [ad.tensorOver, Float64Array.of(1, 2), [2]],
  topK: [ad.topK, x, 2, 1],
  unpackMatrix: [ad.unpackMatrix, groups],
  unpackTensor: [ad.unpackTensor, ad.packedTensor(groups), x],
  upsample: [ad.upsample, images, 2, 'nearest'],
  vjp: [ad.vjp, scalar, x],
  where: [ad.where, x, x, y],
  whileLoop: [
    ad.whileLoop,
    (c: ad.Tensor) => ad.mul(ad.less(ad.sum(c), 10), ad.greater(ad.sum(c), 0)),
    (c: ad.Tensor) => ad.add(c, 1),
    vector,
  ],
};

const { losses, ...layers } = nn;

const signs = ad.tensor([
  [1, -1, 1],
  [-1, 1, 1],
]);
const reduction = { reduction: 'sum' };
const lossCalls: Readonly<Record<string, Call>> = {
  bceWithLogits: [losses.bceWithLogits, x, y, reduction],
  cosine: [losses.cosine, x, y, ad.tensor([1, -1]), reduction],
  crossEntropy: [losses.crossEntropy, x, rows, reduction],
  hinge: [losses.hinge, x, signs, reduction],
  huber: [losses.huber, x, y, reduction],
  kl: [losses.kl, x, y, reduction],
  mae: [losses.mae, x, y, reduction],
  mse: [losses.mse, x, y, reduction],
  nll: [losses.nll, x, rows, reduction],
  triplet: [losses.triplet, x, y, numbers([2, 3], 4), reduction],
};

const dense = nn.linear({ in: 3, out: 2 });
const weights = nn.init(dense, key);
const stored = nn.saveModel(dense, weights);
const input = ad.cast(x, 'f32');
const words = nn.sequential([nn.embedding({ count: 5, width: 4 }), nn.linear({ in: 4, out: 5 })]);
const wordWeights = nn.init(words, key);
const bytes = nn.toOnnx(dense, weights, { input: [null, 3] });
const network = nn.read(bytes);
const { kind: _kind, ...description } = network.model;
const made = { ...nn } as unknown as Readonly<Record<string, Call[0]>>;
const layerCalls: Readonly<Record<string, Call>> = {
  ...Object.fromEntries(
    (['elu', 'gelu', 'globalAvgPool', 'leakyRelu', 'relu', 'sigmoid', 'silu', 'softmax', 'tanh'] as const).map(
      (name) => [name, [made[name]]],
    ),
  ),
  activation: [nn.activation, { name: 'elu' }],
  avgPool: [nn.avgPool, { window: 2 }],
  batchNorm: [nn.batchNorm, { features: 2 }],
  conv1d: [nn.conv1d, { in: 1, out: 2, kernel: 3 }],
  conv2d: [nn.conv2d, { in: 1, out: 2, kernel: 3 }],
  conv3d: [nn.conv3d, { in: 1, out: 2, kernel: 3 }],
  crossAttention: [nn.crossAttention, { width: 4, heads: 2 }],
  decoderBlock: [nn.decoderBlock, { width: 4, heads: 2 }],
  dropout: [nn.dropout, { rate: 0.1 }],
  embedding: [nn.embedding, { count: 5, width: 4 }],
  flatten: [nn.flatten, {}],
  graph: [nn.graph, description],
  groupNorm: [nn.groupNorm, { groups: 2, features: 4 }],
  gru: [nn.gru, { in: 2, hidden: 3 }],
  instanceNorm: [nn.instanceNorm, { features: 2 }],
  layerNorm: [nn.layerNorm, { features: 2 }],
  linear: [nn.linear, { in: 3, out: 2 }],
  lstm: [nn.lstm, { in: 2, hidden: 3 }],
  maxPool: [nn.maxPool, { window: 2 }],
  multiHeadAttention: [nn.multiHeadAttention, { width: 4, heads: 2 }],
  overPositions: [nn.overPositions, { take: 'last' }],
  positions: [nn.positions, { count: 5, width: 4 }],
  residual: [nn.residual, dense, dense],
  rmsNorm: [nn.rmsNorm, { features: 2 }],
  sequential: [nn.sequential, [dense]],
  transformerBlock: [nn.transformerBlock, { width: 4, heads: 2 }],
  unembedding: [nn.unembedding, { table: 'a.weight' }],
};

/** The smallest model of llama2.c: a block of width 2, two tokens. */
const llama2c = new Uint8Array(4 * 7 + 4 * (4 + 2 + 4 * 4 + 2 + 3 * 2 + 2 + 2));
new Int32Array(llama2c.buffer).set([2, 1, 1, 1, 1, 2, 1]);
/** The same with the names of Hugging Face. */
const config = {
  ...{ model_type: 'llama', hidden_size: 2, intermediate_size: 1, num_hidden_layers: 1, vocab_size: 2 },
  ...{ num_attention_heads: 1, tie_word_embeddings: true },
};
const block = 'model.layers.0';
const llama = {
  tensors: nn.storedTensors({
    'model.embed_tokens.weight': numbers([2, 2]),
    'model.norm.weight': numbers([2]),
    [`${block}.input_layernorm.weight`]: numbers([2]),
    [`${block}.post_attention_layernorm.weight`]: numbers([2]),
    ...Object.fromEntries(
      ['q', 'k', 'v', 'o'].map((one) => [`${block}.self_attn.${one}_proj.weight`, numbers([2, 2])]),
    ),
    [`${block}.mlp.gate_proj.weight`]: numbers([1, 2]),
    [`${block}.mlp.up_proj.weight`]: numbers([1, 2]),
    [`${block}.mlp.down_proj.weight`]: numbers([2, 1]),
  }),
  metadata: {},
};

const modelCalls: Readonly<Record<string, Call>> = {
  apply: [nn.apply, dense, weights, input, { train: false }],
  applyGraph: [nn.applyGraph, network.model, network.parameters, { input }, { state: network.state }],
  applyWithState: [nn.applyWithState, dense, weights, input, { train: false }],
  architectureJson: [nn.architectureJson, dense],
  checkArchitecture: [nn.checkArchitecture, dense],
  countParameters: [nn.countParameters, weights],
  flattenParameters: [nn.flattenParameters, weights],
  generate: [
    (...given) => [...(nn.generate as (...all: unknown[]) => Iterable<number>)(...given)],
    words,
    wordWeights,
    [1, 2],
    { count: 2 },
  ],
  groupParameters: [nn.groupParameters, weights, { all: '**' }],
  init: [nn.init, dense, key, { dtype: 'f64' }],
  initMemory: [nn.initMemory, words, { batch: 1 }],
  initState: [nn.initState, dense, { dtype: 'f64' }],
  initialise: [nn.initialise, 'zeros', key, [2, 3], 'f32'],
  hasArchitecture: [nn.hasArchitecture, stored],
  inspectOnnx: [nn.inspectOnnx, bytes, {}],
  loadModel: [nn.loadModel, stored, { dtype: 'f64' }],
  loadPretrained: [nn.loadPretrained, llama, config, {}],
  parameterBytes: [nn.parameterBytes, weights],
  unpackParameters: [nn.unpackParameters, weights],
  parameterShapes: [nn.parameterShapes, dense],
  parameterTree: [nn.parameterTree, weights],
  rangesOf: [nn.rangesOf, { all: weights }],
  read: [nn.read, bytes, {}],
  readLlama2c: [nn.readLlama2c, llama2c, 'f32'],
  readWeights: [nn.readWeights, new TextEncoder().encode('[]'), {}],
  saveModel: [nn.saveModel, dense, weights, { metadata: {} }],
  splitParameters: [nn.splitParameters, weights, '**'],
  step: [nn.step, words, wordWeights, nn.initMemory(words), ad.tensor(Int32Array.of(1), { shape: [1, 1] }), {}],
  storedTensors: [nn.storedTensors, weights],
  tensorFacts: [nn.tensorFacts, weights],
  toOnnx: [nn.toOnnx, dense, weights, { input: [null, 3] }],
  toTensors: [nn.toTensors, stored.tensors, { dtype: 'f64' }],
};

const complexFunctions = { ...cx } as unknown as Readonly<Record<string, Call[0]>>;
const z = cx.complex(x, y);
const complexSquare = cx.complex(square, square);
const complexCalls: Readonly<Record<string, Call>> = {
  ...Object.fromEntries(
    'abs adjoint angle conj cos cosh cumsum exp fft fromPairs ifft irfft log mean neg permute reciprocal sin sinh sqrt square squeeze sum tan tanh toPairs transpose'
      .split(' ')
      .map((name) => [name, [complexFunctions[name], z]]),
  ),
  ...Object.fromEntries('add sub mul div pow'.split(' ').map((name) => [name, [complexFunctions[name], z, y]])),
  broadcastTo: [cx.broadcastTo, z, [4, 2, 3]],
  complex: [cx.complex, x, y],
  concat: [cx.concat, [z, z], 0],
  einsum: [cx.einsum, 'ij,ij->i', z, x],
  expandDims: [cx.expandDims, z, 0],
  fft: [cx.fft, z, { axis: 0 }],
  fromPairs: [cx.fromPairs, numbers([3, 2])],
  inverse: [cx.inverse, complexSquare],
  irfft: [cx.irfft, z, { n: 5 }],
  isComplex: [cx.isComplex, z],
  matmul: [cx.matmul, complexSquare, z],
  pad: [cx.pad, z, [[1, 2]]],
  polar: [cx.polar, x, y],
  reshape: [cx.reshape, z, [6]],
  rfft: [cx.rfft, x, {}],
  slice: [cx.slice, z, 1],
  solve: [cx.solve, complexSquare, z],
  stack: [cx.stack, [z, z], 0],
  sum: [cx.sum, z, 0],
  take: [cx.take, z, indices(1), 0],
  where: [cx.where, x, z, y],
};

const wrong: Readonly<Record<string, unknown>> = {
  'nested lists': [
    [1, 2, 3],
    [4, 5, 6],
  ],
  'a typed array': Float64Array.of(1, 2, 3),
  'a text': 'x',
  undefined,
  null: null,
  NaN: Number.NaN,
  'a fraction': -1.5,
  'an object': { a: 1 },
  'complex numbers': cx.complex(x, y),
  'parts that differ': { re: x, im: vector },
  'an option': { stride: Number.NaN },
  'a function': () => 3,
  'another shape': numbers([5, 1, 7, 3]),
  'a scalar': ad.tensor(3),
  'no elements': numbers([0, 3]),
  integers: ad.tensor(Int32Array.of(1, 2, 3, 4, 5, 6), { shape: [2, 3] }),
  'single precision': ad.cast(x, 'f32'),
};

/**
 * Calls a function with each wrong value in the place of each argument. The error names the function; where the value is
 * a tensor of another shape or dtype, or the function calls one of the user's, it may be that of the operation inside,
 * with the user's line. Errors of models name the layer or parameter instead. Those of losses, layers and models always
 * have the user's line.
 */
function tryAll(name: string, [call, ...args]: Call, known: string): string[] {
  const calling = args.some((v) => typeof v === 'function');
  return args.flatMap((_, i) =>
    Object.entries(wrong).flatMap(([what, value]) => {
      try {
        call(...(args.map((v, k) => (k === i ? value : v)) as never[]));
      } catch (error) {
        const { message } = error as Error;
        const lined = message.includes('arguments.test.ts:') || known === 'functions' || known === 'complex';
        const placed = (value instanceof ad.Tensor || calling) && /arguments\.test\.ts:|^fixedPoint/.test(message);
        const told = lined && (known === 'models' || message.includes(name) || placed);
        if (!(error instanceof SouthwellError) || !told)
          return [`${name}, argument ${i}: ${what} gives ${String(error)}`];
      }
      return [];
    }),
  );
}

const functionsOf = (module: object, but: readonly string[] = []): string[] =>
  Object.entries(module).flatMap(([name, f]) => (typeof f === 'function' && !but.includes(name) ? [name] : []));

test('every function is called', () => {
  // Tensor is a class; threads are asynchronous; withLine is for packages that build on this one.
  expect(Object.keys(calls).sort()).toEqual(functionsOf(ad, ['Tensor', 'useThreads', 'withLine']).sort());
  expect(Object.keys(complexCalls).sort()).toEqual(functionsOf(cx).sort());
  expect(Object.keys(lossCalls).sort()).toEqual(functionsOf(losses).sort());
  expect([...Object.keys(layerCalls), ...Object.keys(modelCalls)].sort()).toEqual(functionsOf(layers).sort());
});

describe.each(
  Object.entries({
    functions: calls,
    complex: complexCalls,
    losses: lossCalls,
    layers: layerCalls,
    models: modelCalls,
  }),
)('%s', (known, all) => {
  test.each(Object.entries(all))('%s', (name, call) => {
    const [f, ...args] = call;
    f(...(args as never[]));
    expect(tryAll(name, call, known)).toEqual([]);
  });
});
