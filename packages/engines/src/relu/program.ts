import { CscMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import type { Model } from '@southwell/numerics/expressions';
import type { HighsEngine } from '../highs/engine.ts';
import type { HighsBasis, HighsOptions, HighsResult } from '../highs/options.ts';
import { type CheckedLayer, checkNetwork, preActivation, preActivationIn, type ReluNetwork } from './network.ts';

/** A sum of coefficients times variables. */
export type Terms = ReadonlyArray<readonly [variable: number, coefficient: number]>;

interface Sides {
  readonly lower?: number;
  readonly upper?: number;
  readonly name?: string;
}

interface Row {
  readonly terms: Terms;
  readonly lower: number;
  readonly upper: number;
  readonly name: string;
}

/** y = max(0, Σ terms + constant); without `binary` until its sign is open. */
interface Unit {
  readonly y: number;
  readonly layer: CheckedLayer;
  readonly output: number;
  readonly inputs: readonly number[];
  /** Bounds of what the unit is applied to. */
  low: number;
  high: number;
  /** The variable that says whether it is active. */
  readonly binary: number;
  readonly name: string;
}

/** How a variable follows from those before it. */
type Definition =
  | { readonly kind: 'given' }
  | {
      readonly kind: 'affine';
      readonly layer: CheckedLayer;
      readonly output: number;
      readonly inputs: readonly number[];
    }
  | { readonly kind: 'unit'; readonly unit: Unit }
  | { readonly kind: 'active'; readonly unit: Unit }
  | { readonly kind: 'sum' | 'distance'; readonly terms: Terms; readonly constant: number };

const INF = Number.POSITIVE_INFINITY;
/** By how much bounds that a solver found are moved outwards, relative to their size. */
const SLACK = 1e-7;

/** @throws INVALID_PARAMETER, NON_FINITE. */
function boxOf(name: string, lower: number, upper: number) {
  if (lower > upper) {
    fail(
      'INVALID_PARAMETER',
      `'${name}' has the lower bound ${lower} above the upper bound ${upper}: its box is empty.`,
    );
  }
  if (!(lower <= upper)) fail('NON_FINITE', `A bound of '${name}' is missing or NaN.`);
  return { lower, upper };
}

/**
 * A mixed-integer linear program with ReLU networks: variables in boxes, networks of them, rows and an objective. A
 * unit y = max(0, z) with l ≤ z ≤ u is y = z or y = 0 where the bounds tell its sign, and otherwise y ≥ z, y ≥ 0,
 * y ≤ z − l(1 − a), y ≤ ua with a ∈ {0, 1} (Tjeng, Xiao & Tedrake 2019). Bounds are those of interval arithmetic from
 * the boxes of the inputs, until {@link ReluProgram.tighten} improves them.
 *
 * @example
 * const program = new ReluProgram();
 * const x = program.variables(2, { lower: -1, upper: 1 });
 * const [y] = program.network(layers, x);
 * program.minimize([[y, 1]]);
 * const { x: point } = await engine.solve(program.model());
 */
export class ReluProgram {
  private readonly names: string[] = [];
  private readonly lower: number[] = [];
  private readonly upper: number[] = [];
  private readonly integer: number[] = [];
  private readonly definitions: Definition[] = [];
  private readonly rows: Row[] = [];
  private readonly units: Unit[] = [];
  private objective: Terms = [];
  private constant = 0;
  private networks = 0;

  /**
   * Adds variables in a box; one number is the bound of all.
   * @returns Their indices.
   * @throws INVALID_PARAMETER for bounds that exclude all values, NON_FINITE for NaN.
   */
  variables(
    count: number,
    {
      lower = -INF,
      upper = INF,
      name = 'x',
    }: {
      readonly lower?: number | ArrayLike<number>;
      readonly upper?: number | ArrayLike<number>;
      readonly name?: string;
    } = {},
  ): number[] {
    const at = (bound: number | ArrayLike<number>, k: number) => (typeof bound === 'number' ? bound : bound[k]);
    const boxes = Array.from({ length: count }, (_, k) => {
      const of = `${name}${k + 1}`;
      return { of, ...boxOf(of, at(lower, k), at(upper, k)) };
    });
    return boxes.map((box) => this.add(box.of, box.lower, box.upper, { kind: 'given' }));
  }

  private add(name: string, lower: number, upper: number, definition: Definition, integer = 0): number {
    this.names.push(name);
    this.lower.push(lower);
    this.upper.push(upper);
    this.integer.push(integer);
    this.definitions.push(definition);
    return this.names.length - 1;
  }

  /**
   * Adds a network of variables that are bounded. O(weights).
   * @returns The indices of its outputs.
   * @throws INVALID_SHAPE, NON_FINITE for weights that are not finite and for inputs without bounds, NOT_SUPPORTED for
   * activations other than relu and identity.
   */
  network(network: ReluNetwork, inputs: readonly number[]): number[] {
    const layers = checkNetwork(network, inputs.length);
    const open = inputs.find((j) => !(this.lower[j] > -INF && this.upper[j] < INF));
    if (open !== undefined) {
      fail('NON_FINITE', `'${this.names[open]}' has no bounds on both sides, which the inputs of a network need.`);
    }
    const prefix = `n${++this.networks}`;
    let before = inputs;
    for (const [k, layer] of layers.entries()) {
      const from = before;
      before = Array.from({ length: layer.outputs }, (_, i) =>
        layer.relu
          ? this.unit(layer, i, from, `${prefix}_${k + 1}_${i + 1}`)
          : this.affine(layer, i, from, `${prefix}_${k + 1}_${i + 1}`),
      );
    }
    return [...before];
  }

  private affine(layer: CheckedLayer, output: number, inputs: readonly number[], name: string): number {
    const [low, high] = this.range(layer, output, inputs);
    const y = this.add(name, low, high, { kind: 'affine', layer, output, inputs });
    const b = layer.b[output];
    this.rows.push({ terms: [[y, 1], ...this.weights(layer, output, inputs, -1)], lower: b, upper: b, name });
    return y;
  }

  private unit(layer: CheckedLayer, output: number, inputs: readonly number[], name: string): number {
    const [low, high] = this.range(layer, output, inputs);
    const unit = { layer, output, inputs, low, high, name, y: this.names.length, binary: this.names.length + 1 };
    this.add(name, 0, Math.max(0, high), { kind: 'unit', unit });
    this.add(`${name}_active`, 0, 1, { kind: 'active', unit }, 1);
    this.units.push(unit);
    return unit.y;
  }

  private range(layer: CheckedLayer, output: number, inputs: readonly number[]): readonly [number, number] {
    return preActivationIn(
      layer,
      output,
      inputs.map((j) => this.lower[j]),
      inputs.map((j) => this.upper[j]),
    );
  }

  private weights(layer: CheckedLayer, output: number, inputs: readonly number[], scale: number): Terms {
    return inputs.flatMap((j, k) => {
      const w = layer.W[output * layer.inputs + k];
      return w === 0 ? [] : [[j, scale * w] as const];
    });
  }

  /**
   * Adds a variable that is a sum.
   * @returns Its index.
   */
  sum(
    terms: Terms,
    { constant = 0, lower = -INF, upper = INF, name }: Sides & { readonly constant?: number } = {},
  ): number {
    const of = name ?? `s${this.names.length + 1}`;
    let low = constant;
    let high = constant;
    for (const [j, v] of terms) {
      if (v === 0) continue;
      low += v * (v > 0 ? this.lower[j] : this.upper[j]);
      high += v * (v > 0 ? this.upper[j] : this.lower[j]);
    }
    const within = Math.max(low, lower) <= Math.min(high, upper);
    const [least, most] = within ? [Math.max(low, lower), Math.min(high, upper)] : [low, high];
    const y = this.add(of, least, most, { kind: 'sum', terms, constant });
    // Sides that no value meets are for the solver to prove.
    if (!within) this.row([[y, 1]], { lower, upper, name: `${of}_bounds` });
    this.rows.push({
      terms: [[y, 1], ...terms.map(([j, v]) => [j, -v] as const)],
      lower: constant,
      upper: constant,
      name: of,
    });
    return y;
  }

  /**
   * Adds a variable that is at least |Σ terms + constant|, and equal to it where it is minimised.
   * @returns Its index.
   */
  distance(terms: Terms, constant = 0, name = `d${this.names.length + 1}`): number {
    const y = this.add(name, 0, INF, { kind: 'distance', terms, constant });
    this.rows.push({ terms: [[y, 1], ...terms.map(([j, v]) => [j, -v] as const)], lower: constant, upper: INF, name });
    this.rows.push({ terms: [[y, 1], ...terms], lower: -constant, upper: INF, name: `${name}_below` });
    return y;
  }

  /** Adds a row lower ≤ Σ terms ≤ upper. */
  row(terms: Terms, { lower = -INF, upper = INF, name = `r${this.rows.length + 1}` }: Sides): void {
    this.rows.push({ terms, lower, upper, name });
  }

  minimize(terms: Terms, constant = 0): void {
    this.objective = terms;
    this.constant = constant;
  }

  /** Number of units whose sign the bounds leave open: the binary variables of the model. */
  get open(): number {
    return this.units.filter((unit) => unit.low < 0 && unit.high > 0).length;
  }

  /** The program as a model, for {@link HighsEngine} or a file. O(terms). */
  model(): Model {
    return this.modelFor(this.objective, this.constant);
  }

  private modelFor(objective: Terms, constant: number, integer = Uint8Array.from(this.integer)): Model {
    const n = this.names.length;
    const lower = Float64Array.from(this.lower);
    const upper = Float64Array.from(this.upper);
    const rows = [...this.rows, ...this.units.flatMap((unit) => this.rowsOf(unit))];
    for (const { y, binary, low, high } of this.units) {
      upper[y] = Math.max(0, high);
      if (low >= 0) lower[binary] = 1;
      else if (high <= 0) upper[binary] = 0;
    }
    const entries = rows.flatMap(({ terms }, i) => terms.map(([j, v]) => [i, j, v] as const));
    const part = (k: 0 | 1 | 2) => entries.map((entry) => entry[k]);
    const linear = new Float64Array(n);
    for (const [j, v] of objective) linear[j] += v;
    return {
      name: 'networks',
      variables: { names: this.names.slice(), lower, upper, integer },
      rows: {
        names: rows.map(({ name }) => name),
        lower: Float64Array.from(rows, (row) => row.lower),
        upper: Float64Array.from(rows, (row) => row.upper),
        linear: CscMatrix.fromTriplets(rows.length, n, part(0), part(1), part(2)),
      },
      objective: { name: 'objective', sense: 'minimize', constant, linear },
      suffixes: [],
    };
  }

  /** Always three rows, so that bases of models with tighter bounds fit. */
  private rowsOf({ layer, output, inputs, y, binary, low, high, name }: Unit): Row[] {
    const b = layer.b[output];
    const less = this.weights(layer, output, inputs, -1);
    const always = low >= 0;
    const never = high <= 0;
    return [
      { terms: [[y, 1], ...less], lower: b, upper: INF, name },
      {
        terms: [[y, 1], ...less, [binary, always || never ? 0 : -low]],
        lower: -INF,
        upper: never ? INF : always ? b : b - low,
        name: `${name}_above`,
      },
      {
        terms: [
          [y, 1],
          [binary, never || always ? 0 : -high],
        ],
        lower: -INF,
        upper: never ? 0 : always ? INF : 0,
        name: `${name}_off`,
      },
    ];
  }

  /**
   * Tightens the bounds of units by linear programs: what the unit is applied to, minimised and maximised over the
   * relaxation of the whole program, one unit after the other. Two linear programs per open unit, each from the basis of
   * the one before.
   * @returns How many units are open afterwards; undefined if the relaxation has no point, so that the program has none.
   */
  async tighten(
    engine: HighsEngine,
    options: Pick<HighsOptions, 'signal' | 'module'> = {},
  ): Promise<number | undefined> {
    const relaxed = new Uint8Array(this.names.length);
    let basis: HighsBasis | undefined;
    for (const unit of this.units) {
      if (!(unit.low < 0 && unit.high > 0)) continue;
      const terms = this.weights(unit.layer, unit.output, unit.inputs, 1);
      const b = unit.layer.b[unit.output];
      for (const sign of [1, -1] as const) {
        const model = this.modelFor(
          terms.map(([j, v]) => [j, sign * v] as const),
          sign * b,
          relaxed,
        );
        const {
          status,
          objective,
          basis: last,
        } = await engine.solve(model, { ...options, ...(basis && { start: { basis } }) });
        if (options.signal?.aborted) return this.open;
        if (status === 'infeasible') return undefined;
        if (status !== 'converged' || objective === undefined) continue;
        basis = last;
        const least = objective - SLACK * Math.max(1, Math.abs(objective));
        if (sign === 1) unit.low = Math.max(unit.low, least);
        else unit.high = Math.min(unit.high, -least);
        if (unit.low >= 0 || unit.high <= 0) break;
      }
    }
    return this.open;
  }

  /**
   * The point that follows from values of the variables that were added by {@link ReluProgram.variables}, in their
   * order: a start for a solver. It need not satisfy rows.
   * @throws INVALID_SHAPE.
   */
  complete(values: ArrayLike<number>): Float64Array {
    const given = this.definitions.reduce((count, { kind }) => count + (kind === 'given' ? 1 : 0), 0);
    if (values.length !== given)
      fail('INVALID_SHAPE', `There are ${given} variables to be given, but ${values.length} values.`);
    const x = new Float64Array(this.names.length);
    let at = 0;
    const of = ({ layer, output, inputs }: Pick<Unit, 'layer' | 'output' | 'inputs'>) =>
      preActivation(
        layer,
        output,
        inputs.map((j) => x[j]),
      );
    for (const [k, definition] of this.definitions.entries()) {
      if (definition.kind === 'given') x[k] = values[at++];
      else if (definition.kind === 'affine') x[k] = of(definition);
      else if (definition.kind === 'unit') x[k] = Math.max(0, of(definition.unit));
      else if (definition.kind === 'active') x[k] = of(definition.unit) > 0 ? 1 : 0;
      else {
        const sum = definition.terms.reduce((s, [j, v]) => s + v * x[j], definition.constant);
        x[k] = definition.kind === 'sum' ? sum : Math.abs(sum);
      }
    }
    for (const { binary, low, high } of this.units)
      if (low >= 0) x[binary] = 1;
      else if (high <= 0) x[binary] = 0;
    return x;
  }

  /**
   * Solves the program, from a given incumbent if there is one.
   * @throws as `solveWithHighs`, as a rejected promise.
   */
  solve(
    engine: HighsEngine,
    { incumbent, ...options }: HighsOptions & { readonly incumbent?: ArrayLike<number> } = {},
  ): Promise<HighsResult> {
    return engine.solve(this.model(), { ...options, ...(incumbent && { start: { x: this.complete(incumbent) } }) });
  }
}
