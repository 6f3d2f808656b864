import { functionsOf, type Model, ProgramBuilder, type Suffix } from '@southwell/numerics/expressions';
import type { Layout } from './layout.ts';
import type { NlSink } from './sink.ts';
import { ExpressionWriter, IN_OBJECTIVE, IN_ROWS, type Uses } from './writeExpressions.ts';

const SUFFIX_KINDS = { variables: 0, rows: 1, objectives: 2, problem: 3 } as const;
const REAL_SUFFIX = 4;

/** Linear terms: the places of variables in the file, ascending, and their coefficients, 0 where only nonlinear. */
interface LinearTerms {
  readonly places: number[];
  readonly values: number[];
}

function inverse(order: Int32Array): Int32Array {
  const places = new Int32Array(order.length);
  order.forEach((item, place) => {
    places[item] = place;
  });
  return places;
}

const count = <T>(items: Iterable<T>, which: (item: T) => boolean): number => {
  let found = 0;
  for (const item of items) if (which(item)) found++;
  return found;
};

/** Writes the header and the segments of a .nl file. */
export class NlWriter {
  readonly hasObjective: boolean;
  private readonly expression: ExpressionWriter;
  /** By rows of the model. */
  private readonly rowTerms: readonly LinearTerms[];
  private readonly objectiveTerms: LinearTerms;
  private readonly variablePlaces: Int32Array;
  private readonly rowPlaces: Int32Array;
  /** Nodes of the defined variables, in the order of the file: those of rows and objective, of rows, of the objective. */
  private readonly defined: readonly (readonly number[])[];

  constructor(
    private readonly sink: NlSink,
    private readonly model: Model,
    private readonly layout: Layout,
    uses: Uses | undefined,
  ) {
    const { objective, nonlinear } = model;
    this.variablePlaces = inverse(layout.variables);
    this.rowPlaces = inverse(layout.rows);
    this.hasObjective =
      objective.name !== '' ||
      objective.constant !== 0 ||
      objective.linear.some((value) => value !== 0) ||
      (objective.quadratic?.nnz ?? 0) > 0 ||
      (nonlinear?.rows.includes(-1) ?? false);
    this.rowTerms = this.termsOfRows();
    this.objectiveTerms = this.termsOfObjective(uses);
    const shared = uses?.shared ?? [];
    this.defined = [IN_ROWS | IN_OBJECTIVE, IN_ROWS, IN_OBJECTIVE].map((flags) =>
      shared.filter((k) => uses?.occurs[k] === flags),
    );
    this.expression = new ExpressionWriter(sink, nonlinear?.program ?? new ProgramBuilder(0).program());
    if (nonlinear) {
      this.expression.numberOf.set(this.variablePlaces);
      let next = layout.variables.length;
      for (const k of this.defined.flat()) this.expression.numberOf[k] = next++;
    }
  }

  private termsOfRows(): LinearTerms[] {
    const { model, layout } = this;
    const { linear } = model.rows;
    const { colPointers, rowIndices, values } = linear;
    const pattern = functionsOf(model).jacobian;
    const terms = model.rows.names.map((): LinearTerms => ({ places: [], values: [] }));
    layout.variables.forEach((j, place) => {
      let at = colPointers[j];
      // The pattern holds all entries of the linear part.
      for (let k = pattern.colPointers[j]; k < pattern.colPointers[j + 1]; k++) {
        const i = pattern.rowIndices[k];
        const isLinear = at < colPointers[j + 1] && rowIndices[at] === i;
        terms[i].places.push(place);
        terms[i].values.push(isLinear ? values[at++] : 0);
      }
    });
    return terms;
  }

  private termsOfObjective(uses: Uses | undefined): LinearTerms {
    const terms: LinearTerms = { places: [], values: [] };
    const { linear, quadratic } = this.model.objective;
    this.layout.variables.forEach((j, place) => {
      const isNonlinear = ((uses?.occurs[j] ?? 0) & IN_OBJECTIVE) !== 0;
      const isQuadratic = quadratic !== undefined && quadratic.colPointers[j + 1] > quadratic.colPointers[j];
      if (linear[j] === 0 && !isNonlinear && !isQuadratic) return;
      terms.places.push(place);
      terms.values.push(linear[j]);
    });
    return terms;
  }

  /** @param arithmetic 0 for text, 1 and 2 for binary with the last and the first byte last. */
  write(arithmetic: number): void {
    this.header(arithmetic);
    for (const suffix of this.model.suffixes) this.suffix(suffix);
    this.expressions();
    this.guess('d', this.model.rows.multipliers, this.layout.rows);
    this.guess('x', this.model.variables.start, this.layout.variables);
    this.bounds('r', this.model.rows.lower, this.model.rows.upper, this.layout.rows);
    this.bounds('b', this.model.variables.lower, this.model.variables.upper, this.layout.variables);
    this.linear();
  }

  private header(arithmetic: number): void {
    const { sink, model, layout, hasObjective } = this;
    const { lower, upper } = model.rows;
    const [both, bothWhole, rows, rowsWhole, objective, objectiveWhole, , binaries, integers] = layout.groups;
    const inBoth = both + bothWhole;
    const inRows = inBoth + rows + rowsWhole;
    const onlyObjective = objective + objectiveWhole;
    const range = (i: number): boolean =>
      Number.isFinite(lower[i]) && Number.isFinite(upper[i]) && lower[i] !== upper[i];
    const nonlinearObjective = inBoth + onlyObjective > 0 ? 1 : 0;
    const entries = this.rowTerms.reduce((sum, { places }) => sum + places.length, 0);
    const longest = (names: readonly string[]): number => names.reduce((most, name) => Math.max(most, name.length), 0);
    const lines: ReadonlyArray<readonly [readonly number[], string]> = [
      [
        [
          layout.variables.length,
          layout.rows.length,
          hasObjective ? 1 : 0,
          count(layout.rows, range),
          count(layout.rows, (i) => lower[i] === upper[i]),
        ],
        'vars, constraints, objectives, ranges, eqns',
      ],
      [[layout.nonlinearRows, nonlinearObjective], 'nonlinear constraints, objectives'],
      [[0, 0], 'network constraints: nonlinear, linear'],
      [
        [inRows, onlyObjective > 0 ? inRows + onlyObjective : inBoth, inBoth],
        'nonlinear vars in constraints, objectives, both',
      ],
      [[0, 0, arithmetic, 1], 'linear network variables; functions; arith, flags'],
      [
        [binaries, integers, bothWhole, rowsWhole, objectiveWhole],
        'discrete variables: binary, integer, nonlinear (b,c,o)',
      ],
      [[entries, this.objectiveTerms.places.length], 'nonzeros in Jacobian, gradients'],
      [[longest(model.rows.names), longest(model.variables.names)], 'max name lengths: constraints, variables'],
      [[...this.defined.map((nodes) => nodes.length), 0, 0], 'common exprs: b,c,o,c1,o1'],
    ];
    sink.headerLine(
      `${arithmetic === 0 ? 'g' : 'b'}3 1 1 0\t# problem ${model.name.replace(/\s+/g, '_') || 'unknown'}`,
    );
    for (const [numbers, comment] of lines) sink.headerLine(` ${numbers.join(' ')}\t# ${comment}`);
  }

  private suffix({ name, of, whole, indices, values }: Suffix): void {
    const { sink } = this;
    if (of === 'objectives' && !this.hasObjective) return;
    sink.letter('S');
    sink.whole(SUFFIX_KINDS[of] + (whole ? 0 : REAL_SUFFIX));
    sink.whole(indices.length);
    sink.word(name);
    sink.endLine();
    const places = of === 'variables' ? this.variablePlaces : of === 'rows' ? this.rowPlaces : undefined;
    const order = [...indices.keys()].sort((p, q) => indices[p] - indices[q]);
    for (const k of order) {
      sink.whole(places ? places[indices[k]] : indices[k]);
      if (whole) sink.whole(values[k]);
      else sink.real(values[k]);
      sink.endLine();
    }
  }

  private start(letter: string, ...numbers: readonly number[]): void {
    this.sink.letter(letter);
    for (const number of numbers) this.sink.whole(number);
    this.sink.endLine();
  }

  private expressions(): void {
    const { model, layout, expression } = this;
    const outputs = model.rows.names.map((): number[] => []);
    const ofObjective: number[] = [];
    model.nonlinear?.rows.forEach((row, k) => {
      (row < 0 ? ofObjective : outputs[row]).push(model.nonlinear!.program.outputs[k]);
    });
    for (const k of this.defined.flat()) {
      this.start('V', expression.numberOf[k], 0, 0);
      expression.write(k, true);
    }
    layout.rows.forEach((i, place) => {
      this.start('C', place);
      this.sumOf(outputs[i]);
    });
    if (!this.hasObjective) return;
    this.start('O', 0, model.objective.sense === 'maximize' ? 1 : 0);
    this.sumOf(ofObjective, this.quadraticTerms(), model.objective.constant);
  }

  /** The terms of ½xᵀPx: places of two variables and the coefficient of their product. */
  private quadraticTerms(): Array<readonly [number, number, number]> {
    const { quadratic } = this.model.objective;
    const terms: Array<readonly [number, number, number]> = [];
    if (!quadratic) return terms;
    const { colPointers, rowIndices, values } = quadratic;
    for (let j = 0; j < quadratic.cols; j++)
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
        const i = rowIndices[k];
        // Both triangles are there, and the lower one suffices.
        if (i >= j) terms.push([this.variablePlaces[i], this.variablePlaces[j], i === j ? values[k] / 2 : values[k]]);
      }
    return terms;
  }

  private sumOf(
    nodes: readonly number[],
    products: ReadonlyArray<readonly [number, number, number]> = [],
    constant = 0,
  ): void {
    const writer = this.expression;
    const terms = nodes.length + products.length + (constant === 0 ? 0 : 1);
    writer.sumOf(terms);
    for (const node of nodes) writer.write(node);
    for (const [i, j, coefficient] of products) writer.product(coefficient, i, j);
    if (constant !== 0 || terms === 0) writer.constant(constant);
  }

  private guess(letter: string, values: Float64Array | undefined, order: Int32Array): void {
    if (!values) return;
    const { sink } = this;
    const given = [...order.keys()].filter((place) => !Number.isNaN(values[order[place]]));
    this.start(letter, given.length);
    for (const place of given) {
      sink.whole(place);
      sink.real(values[order[place]]);
      sink.endLine();
    }
  }

  private bounds(letter: string, lower: Float64Array, upper: Float64Array, order: Int32Array): void {
    const { sink } = this;
    if (order.length === 0) return;
    this.start(letter);
    for (const i of order) {
      const below = lower[i] > Number.NEGATIVE_INFINITY;
      const above = upper[i] < Number.POSITIVE_INFINITY;
      const isFixed = below && above && lower[i] === upper[i];
      sink.letter(isFixed ? '4' : below && above ? '0' : above ? '1' : below ? '2' : '3');
      if (below) sink.bound(lower[i]);
      if (above && !isFixed) sink.bound(upper[i]);
      sink.endLine();
    }
  }

  private linear(): void {
    const { sink, layout, rowTerms } = this;
    const n = layout.variables.length;
    if (layout.rows.length > 0 && n > 0) {
      const sizes = new Int32Array(n);
      for (const { places } of rowTerms) for (const place of places) sizes[place]++;
      this.start('k', n - 1);
      let sum = 0;
      for (let place = 0; place + 1 < n; place++) {
        sum += sizes[place];
        sink.whole(sum);
        sink.endLine();
      }
    }
    const write = (letter: string, index: number, { places, values }: LinearTerms): void => {
      if (places.length === 0) return;
      this.start(letter, index, places.length);
      places.forEach((place, k) => {
        sink.whole(place);
        sink.real(values[k]);
        sink.endLine();
      });
    };
    layout.rows.forEach((i, place) => {
      write('J', place, rowTerms[i]);
    });
    if (this.hasObjective) write('G', 0, this.objectiveTerms);
  }
}
