import type { CscMatrix } from '../arrays/index.ts';
import type { Pattern } from '../sparse/index.ts';
import type { Model, SparseFunctions } from './model.ts';
import { ProgramBuilder } from './program.ts';
import { gradientsOf } from './programGradients.ts';
import { programGraph } from './programGraph.ts';
import { hessianOf } from './programHessian.ts';
import { changingNodes, sweepPartials } from './programPartials.ts';
import { patternOfEntries } from './programPattern.ts';
import { spaceForValues, sweepValues } from './programValues.ts';

/** A sparse matrix outside of kernel memory, whose arrays stay where they are. */
interface Columns {
  readonly pointers: Int32Array;
  readonly rows: Int32Array;
  readonly values: Float64Array;
}

const columnsOf = ({ colPointers, rowIndices, values }: CscMatrix): Columns => ({
  pointers: colPointers.slice(),
  rows: rowIndices.slice(),
  values: values.slice(),
});

/** The column of each entry. */
function columnOfEach({ pointers, rows }: Columns): Int32Array {
  const columns = new Int32Array(rows.length);
  for (let j = 0; j + 1 < pointers.length; j++) columns.fill(j, pointers[j], pointers[j + 1]);
  return columns;
}

/** result += A x. */
function addProduct({ pointers, rows, values }: Columns, x: Float64Array, result: Float64Array): void {
  for (let j = 0; j + 1 < pointers.length; j++) {
    const xj = x[j];
    if (xj === 0) continue;
    for (let k = pointers[j]; k < pointers[j + 1]; k++) result[rows[k]] += values[k] * xj;
  }
}

const joined = (a: Int32Array, b: Int32Array): Int32Array => {
  const both = new Int32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};

/** Values and partial derivatives of the nodes, computed when they are asked for at a new point. */
function sweepsOf(model: Model) {
  const program = model.nonlinear?.program ?? new ProgramBuilder(model.variables.lower.length).program();
  const graph = programGraph(program);
  const gradients = gradientsOf(graph, program.outputs);
  const values = spaceForValues(program);
  const partials = new Float64Array(2 * graph.nodes);
  const changing = changingNodes(graph);
  const n = program.variables;
  let swept = false;
  let derived = false;
  const valuesAt = (x: Float64Array): Float64Array => {
    let same = swept;
    for (let i = 0; same && i < n; i++) same = values[i] === x[i];
    if (!same) {
      for (let i = 0; i < n; i++) values[i] = x[i];
      sweepValues(program, values);
      swept = true;
      derived = false;
    }
    return values;
  };
  const partialsAt = (x: Float64Array): Float64Array => {
    valuesAt(x);
    if (!derived) {
      sweepPartials(program, changing, values, partials);
      gradients.prepare(partials);
      derived = true;
    }
    return partials;
  };
  return { program, graph, gradients, valuesAt, partialsAt };
}

type Sweeps = ReturnType<typeof sweepsOf>;

/**
 * The objective (negated if it is to be maximised) and the constraints of a model with sparse first and second
 * derivatives, by sweeps over its program: as many operations for a value or a gradient as the program has nodes. What
 * is asked at the same point shares the sweeps. The Hessian is analysed when it is first asked for, and absent if that
 * takes too much memory.
 */
export function functionsOf(model: Model): SparseFunctions {
  const n = model.variables.lower.length;
  const m = model.rows.lower.length;
  const sweeps = sweepsOf(model);
  const { program, gradients, valuesAt, partialsAt } = sweeps;
  const outputs = program.outputs;
  const rowOfOutput = model.nonlinear?.rows ?? new Int32Array(0);
  const sign = model.objective.sense === 'maximize' ? -1 : 1;
  const { constant, linear: cost } = model.objective;
  const linear = columnsOf(model.rows.linear);
  const quadratic = model.objective.quadratic && columnsOf(model.objective.quadratic);
  const product = new Float64Array(n);
  const entries = new Float64Array(gradients.variablesOf.length);
  const jacobian = jacobianOf(m, n, linear, sweeps, rowOfOutput);
  let analysed: { readonly lagrangian: ReturnType<typeof lagrangianOf> } | undefined;
  const hessian = () => {
    analysed ??= { lagrangian: lagrangianOf(n, quadratic, sign, sweeps, rowOfOutput) };
    return analysed.lagrangian;
  };
  return {
    variables: n,
    constraints: m,
    objective(x) {
      const values = valuesAt(x);
      let f = constant;
      for (let j = 0; j < n; j++) if (cost[j] !== 0) f += cost[j] * x[j];
      if (quadratic) {
        product.fill(0);
        addProduct(quadratic, x, product);
        for (let j = 0; j < n; j++) f += (product[j] * x[j]) / 2;
      }
      for (let k = 0; k < outputs.length; k++) if (rowOfOutput[k] < 0) f += values[outputs[k]];
      return sign < 0 ? 0 - f : f;
    },
    gradient(x, gradient) {
      const partials = partialsAt(x);
      gradient.set(cost);
      if (quadratic) addProduct(quadratic, x, gradient);
      for (let k = 0; k < outputs.length; k++) {
        if (rowOfOutput[k] >= 0) continue;
        gradients.sweep(k, partials, entries);
        for (let e = gradients.from[k]; e < gradients.from[k + 1]; e++)
          gradient[gradients.variablesOf[e]] += entries[e];
      }
      if (sign < 0) for (let j = 0; j < n; j++) gradient[j] = -gradient[j];
    },
    constraintValues(x, values) {
      const nodes = valuesAt(x);
      values.fill(0);
      addProduct(linear, x, values);
      for (let k = 0; k < outputs.length; k++) if (rowOfOutput[k] >= 0) values[rowOfOutput[k]] += nodes[outputs[k]];
    },
    jacobian: jacobian.pattern,
    jacobianValues(x, values) {
      const partials = partialsAt(x);
      values.set(jacobian.base);
      for (let k = 0; k < outputs.length; k++) {
        if (rowOfOutput[k] < 0) continue;
        gradients.sweep(k, partials, entries);
        for (let e = gradients.from[k]; e < gradients.from[k + 1]; e++) values[jacobian.places[e]] += entries[e];
      }
    },
    get hessian() {
      return hessian()?.pattern;
    },
    hessianValues(x, sigma, multipliers, values) {
      hessian()?.values(x, sigma, multipliers, values);
    },
  };
}

/** Its pattern, the linear part of its values, and the place of each entry of the gradients of the outputs. */
function jacobianOf(m: number, n: number, linear: Columns, { gradients }: Sweeps, rowOfOutput: Int32Array) {
  const { from, variablesOf } = gradients;
  // Entries of the objective do not belong to the pattern.
  const places = new Int32Array(variablesOf.length).fill(-1);
  const own: number[] = [];
  for (let k = 0; k < rowOfOutput.length; k++)
    if (rowOfOutput[k] >= 0) for (let e = from[k]; e < from[k + 1]; e++) own.push(e);
  const rowOf = new Int32Array(own.length);
  let at = 0;
  for (let k = 0; k < rowOfOutput.length; k++)
    if (rowOfOutput[k] >= 0) for (let e = from[k]; e < from[k + 1]; e++) rowOf[at++] = rowOfOutput[k];
  const columns = Int32Array.from(own, (e) => variablesOf[e]);
  const all = patternOfEntries(m, n, joined(linear.rows, rowOf), joined(columnOfEach(linear), columns));
  const base = new Float64Array(all.pattern.rowIndices.length);
  for (let k = 0; k < linear.rows.length; k++) base[all.places[k]] += linear.values[k];
  for (let i = 0; i < own.length; i++) places[own[i]] = all.places[linear.rows.length + i];
  return { pattern: all.pattern, base, places };
}

/** The Hessian of the Lagrangian; undefined if it needs more memory than there is. */
function lagrangianOf(
  n: number,
  quadratic: Columns | undefined,
  sign: number,
  { program, graph, valuesAt, partialsAt }: Sweeps,
  rowOfOutput: Int32Array,
) {
  const nonlinear = hessianOf(program, graph, program.outputs);
  if (nonlinear === undefined) return undefined;
  const inner: Columns = {
    pointers: nonlinear.pattern.colPointers,
    rows: nonlinear.pattern.rowIndices,
    values: new Float64Array(nonlinear.pattern.rowIndices.length),
  };
  const lower: number[] = [];
  const columnsOfP = quadratic ? columnOfEach(quadratic) : new Int32Array(0);
  for (let k = 0; k < columnsOfP.length; k++) if (quadratic!.rows[k] >= columnsOfP[k]) lower.push(k);
  const { pattern, places } = patternOfEntries(
    n,
    n,
    joined(
      inner.rows,
      Int32Array.from(lower, (k) => quadratic!.rows[k]),
    ),
    joined(
      columnOfEach(inner),
      Int32Array.from(lower, (k) => columnsOfP[k]),
    ),
  );
  const weights = new Float64Array(program.outputs.length);
  return {
    pattern: pattern satisfies Pattern,
    values(x: Float64Array, sigma: number, multipliers: Float64Array, values: Float64Array): void {
      const partials = partialsAt(x);
      for (let k = 0; k < weights.length; k++)
        weights[k] = rowOfOutput[k] < 0 ? sign * sigma : multipliers[rowOfOutput[k]];
      inner.values.fill(0);
      nonlinear.add(valuesAt(x), partials, weights, inner.values);
      values.fill(0);
      for (let k = 0; k < inner.rows.length; k++) values[places[k]] += inner.values[k];
      for (let i = 0; i < lower.length; i++)
        values[places[inner.rows.length + i]] += sign * sigma * quadratic!.values[lower[i]];
    },
  };
}
