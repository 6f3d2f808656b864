// The MobileNet of face-api, whose files have weights and no graph: its layers as plain data, and the model.json that they make.

/** A 3 × 3 convolution at each second pixel, and pairs of a depthwise convolution with this stride and a product of channels. */
export const layers = {
  first: { name: 'MobilenetV1/Conv2d_0_pointwise', stride: 2 },
  pairs: [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1].map((stride, i) => ({ name: `MobilenetV1/Conv2d_${i + 1}`, stride })),
  epsilon: 0.0010000000474974513,
} as const;

const attributes = (stride: number): object => ({
  ...{ data_format: { s: btoa('NHWC') }, padding: { s: btoa('SAME') } },
  ...{ strides: { list: { i: [1, stride, stride, 1] } }, dilations: { list: { i: [1, 1, 1, 1] } } },
});

/** The nodes of the graph: each convolution, with its bias or batch norm, cut to [0, 6]. */
function nodes(size: number): object[] {
  const shape = { shape: { dim: [-1, size, size, 3].map((n) => ({ size: n })) } };
  const out: object[] = [{ name: 'image', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' }, shape } }];
  let x = 'image';
  const add = (name: string, op: string, weights: readonly string[], attr: object = {}): void => {
    for (const weight of weights) out.push({ name: weight, op: 'Const' });
    out.push({ name, op, input: [x, ...weights], attr });
    x = name;
  };
  const pointwise = (name: string, stride: number): void => {
    add(`${name}/conv`, 'Conv2D', [`${name}/weights`], attributes(stride));
    add(`${name}/bias`, 'BiasAdd', [`${name}/convolution_bn_offset`]);
    add(`${name}/relu6`, 'Relu6', []);
  };
  pointwise(layers.first.name, layers.first.stride);
  for (const { name, stride } of layers.pairs) {
    const depthwise = `${name}_depthwise`;
    add(`${depthwise}/conv`, 'DepthwiseConv2dNative', [`${depthwise}/depthwise_weights`], attributes(stride));
    const norm = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((part) => `${depthwise}/BatchNorm/${part}`);
    add(`${depthwise}/norm`, 'FusedBatchNormV3', norm, { epsilon: { f: layers.epsilon }, is_training: { b: false } });
    add(`${depthwise}/relu6`, 'Relu6', []);
    pointwise(`${name}_pointwise`, 1);
  }
  return out;
}

/** The model.json for images [n, size, size, 3] of numbers from −1 to 1, with the list of weights of face-api. */
export const mobilenetJson = (size: number, weightsManifest: unknown): string =>
  JSON.stringify({ format: 'graph-model', modelTopology: { node: nodes(size) }, weightsManifest });
