import { packedProductOp, unpackOp, unpackRowsOp } from '../packed/op.ts';
import type { Storage, Tensor } from '../tensor.ts';
import type { Schedule, Step } from './plan.ts';

// Products by unpacked matrices, and rows of them, are computed from the packed ones. A matrix that is read in other ways
// too is unpacked for these.

/** The same step with another operation, whose inputs are one of this step and the arrays of the packed matrix. */
function instead(step: Step, op: object, from: Tensor, { record, inputs: arrays }: Step): Step {
  const inputs = [from, ...arrays];
  return { ...step, inputs, record: { ...step.record, op: op as Step['record']['op'], attrs: record.attrs, inputs } };
}

/** The step that reads the packed matrix in place of the unpacked one; undefined if there is none. */
function replaced(step: Step, unpacked: (x: Tensor) => Step | undefined): Step | undefined {
  const { op, attrs } = step.record;
  if (op.name === 'take') {
    const [table, at] = step.inputs;
    const source = unpacked(table);
    const rows =
      source && table.rank === 2 && (attrs as { axis: number }).axis === -2 && lies(table.strides, table.shape);
    return rows ? instead(step, unpackRowsOp, at, source) : undefined;
  }
  if (op.name !== 'matmul' && op.name !== 'turnedProduct') return undefined;
  const [x, w] = step.inputs;
  const source = unpacked(w);
  if (!source || x.rank !== 2 || w.rank !== 2 || x.dtype !== 'f32') return undefined;
  const turned = op.name === 'turnedProduct';
  const order = (pair: readonly number[]) => (turned ? pair : [pair[1], pair[0]]);
  const [rows, inner] = x.shape;
  const contiguous = (inner <= 1 || x.strides[1] === 1) && (rows <= 1 || x.strides[0] >= inner);
  return contiguous && lies(order(w.strides), order(w.shape)) ? instead(step, packedProductOp, x, source) : undefined;
}

/** Whether a matrix lies in memory row after row. */
const lies = ([down, across]: readonly number[], [out, inner]: readonly number[]): boolean =>
  (inner <= 1 || across === 1) && (out <= 1 || down === inner);

/** A schedule in which packed matrices are read as they are, where operations can, and unpacked only where not. */
export function fused(scheduled: Schedule, results: readonly Tensor[]): Schedule {
  const { root } = scheduled;
  const made = new Map<Storage, Step>();
  for (const step of scheduled.steps) if (step.record.op === unpackOp) made.set(root(step.outputs[0].storage), step);
  if (made.size === 0) return scheduled;
  const unpacked = (x: Tensor): Step | undefined => {
    const step = made.get(root(x.storage));
    return step && x.size === step.outputs[0].size ? step : undefined;
  };
  const steps = scheduled.steps.map((step) => replaced(step, unpacked) ?? step);
  const read = new Set<Storage>(results.map((y) => root(y.storage)));
  for (const { inputs } of steps) for (const x of inputs) read.add(root(x.storage));
  return {
    ...scheduled,
    steps: steps.filter((step) => step.record.op !== unpackOp || read.has(root(step.outputs[0].storage))),
  };
}
