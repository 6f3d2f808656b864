import { CscMatrix } from '@southwell/numerics/arrays';
import { type Model, ProgramBuilder } from '@southwell/numerics/expressions';

/** A linear term: a variable and its coefficient. */
export type Term = readonly [variable: number, coefficient: number];

/** A model under construction. Bounds and start of the variables are set in place. */
export class ModelDraft {
  readonly nodes: ProgramBuilder;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly start: Float64Array;
  private readonly names: string[] = [];
  private readonly cost: Float64Array;
  private readonly rowOf: number[] = [];
  private readonly columnOf: number[] = [];
  private readonly values: number[] = [];
  private readonly rowLower: number[] = [];
  private readonly rowUpper: number[] = [];
  private readonly outputRows: number[] = [];
  private readonly curvature: [number[], number[], number[]] = [[], [], []];

  constructor(
    private readonly name: string,
    private readonly size: number,
  ) {
    this.nodes = new ProgramBuilder(size);
    this.lower = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
    this.upper = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
    this.start = new Float64Array(size);
    this.cost = new Float64Array(size);
  }

  /** Names the next `count` variables, and returns the index of one of them. */
  block(name: string, count: number): (i: number) => number {
    const from = this.names.length;
    for (let i = 0; i < count; i++) this.names.push(count === 1 ? name : `${name}${i}`);
    return (i) => from + i;
  }

  /** Gives variable j bounds and an initial value. */
  set(j: number, start: number, lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY): void {
    this.start[j] = start;
    this.lower[j] = lower;
    this.upper[j] = upper;
  }

  fix(j: number, value: number): void {
    this.set(j, value, value, value);
  }

  /** lower ≤ linear terms + node ≤ upper. */
  row(terms: readonly Term[], node: number | undefined, lower = 0, upper = lower): void {
    const i = this.rowLower.length;
    for (const [j, value] of terms) {
      this.rowOf.push(i);
      this.columnOf.push(j);
      this.values.push(value);
    }
    this.rowLower.push(lower);
    this.rowUpper.push(upper);
    if (node === undefined) return;
    this.outputRows.push(i);
    this.nodes.output(node);
  }

  /** Adds coefficient·x_j to the objective. */
  addLinear(j: number, coefficient: number): void {
    this.cost[j] += coefficient;
  }

  /** Adds weight·½(x_i − x_j)² to the objective. */
  addDifference(i: number, j: number, weight: number): void {
    const [rows, cols, values] = this.curvature;
    rows.push(i, j, i, j);
    cols.push(i, j, j, i);
    values.push(weight, weight, -weight, -weight);
  }

  /** Adds weight·½x_j² to the objective. */
  addSquare(j: number, weight: number): void {
    const [rows, cols, values] = this.curvature;
    rows.push(j);
    cols.push(j);
    values.push(weight);
  }

  /** The model, with the sum of `nodes` as the nonlinear part of its objective. */
  model(nodes: readonly number[], sense: 'minimize' | 'maximize' = 'minimize'): Model {
    const [rows, cols, values] = this.curvature;
    const n = this.size;
    if (nodes.length > 0) {
      this.outputRows.push(-1);
      this.nodes.output(this.nodes.sum(nodes));
    }
    const m = this.rowLower.length;
    return {
      name: this.name,
      variables: {
        names: this.names,
        lower: this.lower,
        upper: this.upper,
        integer: new Uint8Array(n),
        start: this.start,
      },
      rows: {
        names: this.rowLower.map((_, i) => `c${i}`),
        lower: Float64Array.from(this.rowLower),
        upper: Float64Array.from(this.rowUpper),
        linear: CscMatrix.fromTriplets(m, n, this.rowOf, this.columnOf, this.values),
      },
      objective: {
        name: 'f',
        sense,
        constant: 0,
        linear: this.cost,
        ...(values.length > 0 && { quadratic: CscMatrix.fromTriplets(n, n, rows, cols, values) }),
      },
      ...(this.outputRows.length > 0 && {
        nonlinear: { program: this.nodes.program(), rows: Int32Array.from(this.outputRows) },
      }),
      suffixes: [],
    };
  }
}
