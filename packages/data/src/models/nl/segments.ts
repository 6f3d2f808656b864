import { CscMatrix } from '@southwell/numerics/arrays';
import { ProgramBuilder, type Suffix } from '@southwell/numerics/expressions';
import { ExpressionReader } from './expressions.ts';
import type { NlHeader } from './header.ts';
import type { NlSource } from './source.ts';

const SUFFIX_KINDS = ['variables', 'rows', 'objectives', 'problem'] as const;
/** Added to the kind of suffixes whose values need not be whole. */
const REAL_SUFFIX = 4;

/** What the segments of a .nl file say, collected as they come. */
export class Segments {
  readonly builder: ProgramBuilder;
  readonly bounds: readonly [Float64Array, Float64Array];
  readonly rowBounds: readonly [Float64Array, Float64Array];
  start: Float64Array | undefined;
  multipliers: Float64Array | undefined;
  readonly suffixes: Suffix[] = [];
  /** Node of the nonlinear part of each row and objective; −1 before it was read. */
  readonly rowNodes: Int32Array;
  readonly objectiveNodes: Int32Array;
  readonly maximize: Uint8Array;
  /** Linear part of the first objective. */
  readonly cost: Float64Array;
  private readonly expressions: ExpressionReader;
  private readonly terms = { rows: [] as number[], columns: [] as number[], values: [] as number[] };
  private readonly seen = new Set<string>();
  /** The last segment of linear terms in which a variable occurred. */
  private readonly lastIn: Int32Array;
  private linearSegments = 0;
  private rowEntries = 0;
  private objectiveEntries = 0;
  private readonly entriesOf: Int32Array;
  /** Entries of the Jacobian per variable but the last, if they were stated. */
  private statedEntries: Int32Array | undefined;

  constructor(
    private readonly source: NlSource,
    private readonly header: NlHeader,
  ) {
    const { variables, rows, objectives, definitions } = header;
    this.builder = new ProgramBuilder(variables);
    this.expressions = new ExpressionReader(source, this.builder, definitions);
    this.bounds = [new Float64Array(variables), new Float64Array(variables)];
    this.rowBounds = [new Float64Array(rows), new Float64Array(rows)];
    this.rowNodes = new Int32Array(rows).fill(-1);
    this.objectiveNodes = new Int32Array(objectives).fill(-1);
    this.maximize = new Uint8Array(objectives);
    this.cost = new Float64Array(variables);
    this.lastIn = new Int32Array(variables).fill(-1);
    this.entriesOf = new Int32Array(variables);
  }

  /** The linear parts of the rows. Zero coefficients only state the pattern of the nonlinear parts, and are left out. */
  linear(): CscMatrix {
    const { rows, columns, values } = this.terms;
    return CscMatrix.fromTriplets(this.header.rows, this.header.variables, rows, columns, values);
  }

  readAll(): void {
    const { source } = this;
    for (;;) {
      source.segment = 'between segments';
      const letter = source.letter();
      if (letter === undefined) break;
      source.segment = `segment ${letter}`;
      this.readSegment(letter);
    }
    this.checkComplete();
  }

  private readSegment(letter: string): void {
    const { header } = this;
    switch (letter) {
      case 'F':
        this.readFunction();
        break;
      case 'S':
        this.readSuffix();
        break;
      case 'V':
        this.readDefinition();
        break;
      case 'C': {
        const row = this.index('C', header.rows, 'constraint');
        this.source.endLine();
        this.rowNodes[row] = this.expressions.read();
        break;
      }
      case 'O':
        this.readObjective();
        break;
      case 'd':
        this.once('d');
        this.multipliers = this.readGuess(header.rows, 'constraint');
        break;
      case 'x':
        this.once('x');
        this.start = this.readGuess(header.variables, 'variable');
        break;
      case 'r':
        this.once('r');
        this.readBounds(this.rowBounds, 'constraint');
        break;
      case 'b':
        this.once('b');
        this.readBounds(this.bounds, 'variable');
        break;
      case 'k':
      case 'K':
        this.once('k');
        this.readColumnSizes(letter === 'k');
        break;
      case 'J':
      case 'G':
        this.readLinear(letter);
        break;
      case 'L':
        this.source.fail('logical constraints are not supported.');
        break;
      default:
        this.source.fail(`there is no segment '${letter}'.`);
    }
  }

  private once(segment: string): void {
    if (this.seen.has(segment)) this.source.fail('the segment appears twice.');
    this.seen.add(segment);
  }

  /** The number of what a segment is about, which is read; each segment may appear once. */
  private index(letter: string, most: number, what: string): number {
    const { source } = this;
    const index = source.whole(`the number of a ${what}`);
    source.segment = `segment ${letter}${index}`;
    if (!(index >= 0 && index < most)) source.fail(`the model has ${most} ${what}s, numbered from 0.`);
    this.once(source.segment);
    return index;
  }

  private count(what: string, most: number): number {
    const count = this.source.whole(what);
    if (!(count >= 0 && count <= most)) this.source.fail(`${what} is ${count}, and can be 0 to ${most}.`);
    return count;
  }

  private variable(): number {
    const { variables } = this.header;
    const j = this.source.whole('the number of a variable');
    if (!(j >= 0 && j < variables))
      this.source.fail(`there is no variable ${j}; the model has ${variables}, numbered from 0.`);
    return j;
  }

  private readFunction(): void {
    const { source } = this;
    const index = this.index('F', this.header.functions, 'function');
    source.whole('the type of the function');
    source.whole('its number of arguments');
    this.expressions.functions.set(index, source.word('its name'));
    source.endLine();
  }

  private readSuffix(): void {
    const { source, header } = this;
    const kind = this.count('the kind of a suffix', 2 * REAL_SUFFIX - 1);
    const of = SUFFIX_KINDS[kind % REAL_SUFFIX];
    const items = { variables: header.variables, rows: header.rows, objectives: header.objectives, problem: 1 }[of];
    const count = this.count('the number of values', items);
    const name = source.word('the name of a suffix');
    source.segment = `segment S (${name})`;
    source.endLine();
    const indices = new Int32Array(count);
    const values = new Float64Array(count);
    for (let k = 0; k < count; k++) {
      indices[k] = this.count('the index of a value', items - 1);
      values[k] = kind >= REAL_SUFFIX ? source.real('a value') : source.whole('a whole number');
      source.endLine();
    }
    this.suffixes.push({ name, of, whole: kind < REAL_SUFFIX, indices, values });
  }

  private readDefinition(): void {
    const { source, header, expressions, builder } = this;
    const index = source.whole('the number of a defined variable');
    source.segment = `segment V${index}`;
    if (!(index >= header.variables && index < expressions.nodes.length))
      source.fail(`defined variables are numbered ${header.variables} to ${expressions.nodes.length - 1}.`);
    this.once(source.segment);
    const count = this.count('the number of linear terms', expressions.nodes.length);
    source.whole('where the variable is used');
    source.endLine();
    const terms: number[] = [];
    for (let k = 0; k < count; k++) {
      const node = expressions.nodes[this.count('the number of a variable', expressions.nodes.length - 1)];
      if (node < 0) source.fail('a linear term uses a defined variable before its segment.');
      terms.push(builder.binary('multiply', builder.constant(source.real('a coefficient')), node));
      source.endLine();
    }
    const body = expressions.read();
    if (count === 0) expressions.nodes[index] = body;
    else expressions.nodes[index] = builder.sum(builder.constantValue(body) === 0 ? terms : [...terms, body]);
  }

  private readObjective(): void {
    const { source } = this;
    const index = this.index('O', this.header.objectives, 'objective');
    this.maximize[index] = this.count('the sense of the objective', 1);
    source.endLine();
    this.objectiveNodes[index] = this.expressions.read();
  }

  private readGuess(items: number, what: string): Float64Array {
    const { source } = this;
    const values = new Float64Array(items).fill(Number.NaN);
    const count = this.count('the number of values', items);
    source.endLine();
    for (let k = 0; k < count; k++) {
      const index = this.count(`the number of a ${what}`, items - 1);
      values[index] = source.real('a value');
      source.endLine();
    }
    return values;
  }

  private readBounds([lower, upper]: readonly [Float64Array, Float64Array], what: string): void {
    const { source } = this;
    source.endLine();
    for (let i = 0; i < lower.length; i++) {
      const kind = source.letter();
      lower[i] = Number.NEGATIVE_INFINITY;
      upper[i] = Number.POSITIVE_INFINITY;
      if (kind === '0') {
        lower[i] = source.real('a lower bound');
        upper[i] = source.real('an upper bound');
      } else if (kind === '1') upper[i] = source.real('an upper bound');
      else if (kind === '2') lower[i] = source.real('a lower bound');
      else if (kind === '4') lower[i] = upper[i] = source.real('a value');
      else if (kind === '5') source.fail(`${what} ${i} is a complementarity condition, which is not supported.`);
      else if (kind !== '3') {
        const found = kind === undefined ? 'the file ends' : `there is '${kind}'`;
        source.fail(`the kind of bounds of ${what} ${i} (0 to 4) is expected, but ${found}.`);
      }
      if (Number.isNaN(lower[i]) || Number.isNaN(upper[i])) source.fail(`a bound of ${what} ${i} is not a number.`);
      source.endLine();
    }
  }

  private readColumnSizes(cumulative: boolean): void {
    const { source, header } = this;
    const expected = Math.max(header.variables - 1, 0);
    const count = source.whole('the number of columns');
    if (count !== expected) source.fail(`it has ${count} columns instead of ${expected}.`);
    source.endLine();
    this.statedEntries = new Int32Array(expected);
    let before = 0;
    for (let j = 0; j < expected; j++) {
      const size = source.whole('the size of a column') - (cumulative ? before : 0);
      before += cumulative ? size : 0;
      if (size < 0) source.fail(`column ${j} has ${size} entries.`);
      this.statedEntries[j] = size;
      source.endLine();
    }
  }

  private readLinear(letter: 'J' | 'G'): void {
    const { source, header, terms } = this;
    const ofRow = letter === 'J';
    const index = ofRow ? this.index('J', header.rows, 'constraint') : this.index('G', header.objectives, 'objective');
    const count = this.count('the number of terms', header.variables);
    source.endLine();
    const segment = this.linearSegments++;
    for (let k = 0; k < count; k++) {
      const j = this.variable();
      const coefficient = source.real('a coefficient');
      if (Number.isNaN(coefficient)) source.fail(`the coefficient of variable ${j} is not a number.`);
      if (this.lastIn[j] === segment) source.fail(`variable ${j} appears twice.`);
      this.lastIn[j] = segment;
      source.endLine();
      if (ofRow) {
        this.entriesOf[j]++;
        if (coefficient === 0) continue;
        terms.rows.push(index);
        terms.columns.push(j);
        terms.values.push(coefficient);
      } else if (index === 0) this.cost[j] = coefficient;
    }
    if (ofRow) this.rowEntries += count;
    else this.objectiveEntries += count;
  }

  /** Compares what was read with what the header announces; a file that was cut lacks something. */
  private checkComplete(): void {
    const { source, header, seen, rowNodes, objectiveNodes } = this;
    source.segment = 'end of the file';
    const missing = (segment: string, what: string): never =>
      source.fail(`the segment ${segment} (${what}) is missing.`);
    for (let i = 0; i < header.rows; i++)
      if (rowNodes[i] < 0 && i < header.nonlinearRows) missing(`C${i}`, 'a constraint');
    for (let i = 0; i < header.objectives; i++) if (objectiveNodes[i] < 0) missing(`O${i}`, 'an objective');
    if (header.variables > 0 && !seen.has('b')) missing('b', 'bounds of variables');
    if (header.rows > 0 && !seen.has('r')) missing('r', 'bounds of constraints');
    if (this.rowEntries !== header.rowEntries)
      source.fail(`the segments J have ${this.rowEntries} entries, but the header says ${header.rowEntries}.`);
    if (this.objectiveEntries !== header.objectiveEntries)
      source.fail(
        `the segments G have ${this.objectiveEntries} entries, but the header says ${header.objectiveEntries}.`,
      );
    const column = this.statedEntries?.findIndex((size, j) => size !== this.entriesOf[j]) ?? -1;
    if (column >= 0)
      source.fail(
        `variable ${column} has ${this.entriesOf[column]} entries in the segments J, but segment k says ${this.statedEntries![column]}.`,
      );
  }
}
