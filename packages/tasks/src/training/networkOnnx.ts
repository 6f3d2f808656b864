import { tensor } from '@southwell/autodiff';
import { type GraphNode, type GraphOptions, graph, type Model, read, type State, toOnnx } from '@southwell/autodiff/nn';
import { RequestError } from '../errors.ts';
import { CLASSES } from '../networks/classes.ts';
import { PIXEL_RANGE } from '../networks/pixels.ts';
import { fresh } from './fresh.ts';

// A trained network for other programs: its scaling is part of it, so that columns, or pixels from 0 to 255, go in as they are in the data.

/** What surrounds a network: how its inputs are scaled, and what its outputs stand for. */
interface Surroundings {
  readonly encoding: { readonly featureNames: readonly string[] };
  readonly image?: readonly number[] | undefined;
  readonly scaling?: { readonly means: readonly number[]; readonly deviations: readonly number[] } | undefined;
  readonly target:
    | { readonly kind: 'classes'; readonly labels: ReadonlyArray<string | number> }
    | { readonly kind: 'numbers'; readonly mean: number; readonly deviation: number };
}

/** A number if all are the same. */
const shared = (values: readonly number[]): readonly number[] =>
  values.every((value) => value === values[0]) ? values.slice(0, 1) : values;

/** The graph with columns scaled before it, and probabilities or numbers of the target after it. */
function scaled({ model, parameters, state }: ReturnType<typeof read>, { scaling, image, target }: Surroundings) {
  const { kind: _, ...whole } = model as unknown as GraphOptions & { readonly kind: string };
  const [{ name: input }] = whole.inputs;
  const [{ name: output }] = whole.outputs;
  const named = (wanted: string): string => fresh(whole, wanted);
  const constants: Record<string, State[string]> = {};
  const before: GraphNode[] = [];
  const after: GraphNode[] = [];
  const node = (to: GraphNode[], op: string, from: string, into: string, by?: readonly number[], own = image): void => {
    const name = named(`${into}.by`);
    if (by) {
      const few = shared(by);
      const beyond = few.find((v) => !Number.isFinite(Math.fround(v)) || (v !== 0 && Math.fround(v) === 0));
      if (beyond !== undefined)
        throw new RequestError(
          `The network cannot be written as ONNX, since its scaling has ${beyond}, which is no single-precision number: change the units of the column.`,
        );
      constants[name] = tensor(few, { shape: few.length === 1 ? [1] : [...(own ?? [few.length])], dtype: 'f32' });
    }
    to.push({ name: into, op, inputs: by ? [from, name] : [from], outputs: [into], attributes: {} });
  };
  let first = input;
  if (scaling) {
    first = named(image ? 'pixels' : 'columns');
    const centred = named('centred');
    node(before, 'Sub', first, centred, scaling.means);
    node(before, 'Div', centred, input, scaling.deviations);
  }
  let last = output;
  if (target.kind === 'classes') {
    last = named('probabilities');
    node(after, 'Softmax', output, last);
  } else {
    last = named('prediction');
    const larger = named('deviations');
    node(after, 'Mul', output, larger, [target.deviation], undefined);
    node(after, 'Add', larger, last, [target.mean], undefined);
  }
  const g: GraphOptions = {
    ...whole,
    inputs: [{ ...whole.inputs[0], name: first }],
    outputs: [{ ...whole.outputs[0], name: last }],
    nodes: [...before, ...whole.nodes, ...after],
    state: { ...whole.state, ...Object.fromEntries(Object.entries(constants).map(([name, t]) => [name, t.shape])) },
  };
  const metadata = {
    ...(image ? { [PIXEL_RANGE]: 'NominalRange_0_255' } : {}),
    ...(target.kind === 'classes' ? { [CLASSES]: JSON.stringify(target.labels.map(String)) } : {}),
  };
  return toOnnx(graph(g), parameters, { state: { ...state, ...constants }, metadata });
}

/**
 * The ONNX file of a network for tables, whose rows are encoded columns, or images with channels last, as they are in the data.
 * @throws RequestError for scalings that single precision does not have.
 */
export function tableOnnx({ layer, parameters, state }: Model, saved: Surroundings): Uint8Array {
  const shape = saved.image ?? [saved.encoding.featureNames.length];
  const input = saved.scaling ? 'scaled' : saved.image ? 'pixels' : 'columns';
  const names = { input, output: 'output' };
  return scaled(read(toOnnx(layer, parameters, { input: [null, ...shape], state, names })), saved);
}
