import type { TextSource } from './source.ts';

/** The numbers of the first ten lines of a .nl file that readers need. */
export interface NlHeader {
  readonly name: string;
  readonly binary: boolean;
  /** Whether the numbers of a binary file have their last byte first. */
  readonly bigEndian: boolean;
  /** What the first line says for the .sol file. */
  readonly options: readonly number[];
  readonly variables: number;
  readonly rows: number;
  readonly objectives: number;
  readonly nonlinearRows: number;
  readonly nonlinearObjectives: number;
  readonly functions: number;
  /** Number of variables in turn that are not whole and whole, from the first variable. */
  readonly kinds: readonly number[];
  readonly rowEntries: number;
  readonly objectiveEntries: number;
  /** Number of defined variables. */
  readonly definitions: number;
  /** Where the segments begin. */
  readonly offset: number;
}

/** Kinds of arithmetic, as the sixth line numbers them. */
const [UNSTATED, LITTLE_ENDIAN, BIG_ENDIAN] = [0, 1, 2];

/**
 * Reads the header, which is text also in binary files.
 * @throws INVALID_FORMAT.
 */
export function readHeader(source: TextSource): NlHeader {
  const format = source.letter();
  if (format !== 'g' && format !== 'b') return source.fail("a .nl file begins with 'g' (text) or 'b' (binary).");
  const options: number[] = [];
  const given = source.optionalWhole() ?? 0;
  for (let k = 0; k < given; k++) {
    const option = source.optionalWhole();
    if (option === undefined) break;
    options.push(option);
  }
  const name = /# *problem +(\S+)/.exec(source.restOfLine())?.[1] ?? '';
  const count = (what: string): number => {
    const value = source.whole(what);
    // Each of them takes at least a byte; so damaged numbers ask for no memory.
    return value >= 0 && value <= source.size ? value : source.fail(`${what} is ${value}, which the file cannot hold.`);
  };
  const optional = (): number => source.optionalWhole() ?? 0;
  const variables = count('the number of variables');
  const rows = count('the number of constraints');
  const objectives = count('the number of objectives');
  optional();
  optional();
  const logical = optional();
  if (logical > 0) source.fail(`the model has ${logical} logical constraints, which are not supported.`);
  source.restOfLine();
  const nonlinearRows = count('the number of nonlinear constraints');
  const nonlinearObjectives = count('the number of nonlinear objectives');
  if (nonlinearRows > rows || nonlinearObjectives > objectives)
    source.fail('there are more nonlinear constraints or objectives than constraints or objectives.');
  const complementarity = optional() + optional();
  if (complementarity > 0)
    source.fail(`the model has ${complementarity} complementarity conditions, which are not supported.`);
  source.restOfLine();
  const network = count('the number of nonlinear network constraints') + count('the number of network constraints');
  if (network > 0) source.fail(`the model has ${network} network constraints, which are not supported.`);
  source.restOfLine();
  const inRows = count('the number of nonlinear variables in constraints');
  const inObjectives = count('the number of nonlinear variables in objectives');
  const inBoth = source.optionalWhole();
  source.restOfLine();
  const arcs = count('the number of network variables');
  if (arcs > 0) source.fail(`the model has ${arcs} network variables, which are not supported.`);
  const functions = count('the number of imported functions');
  const arithmetic = optional();
  if (format === 'b' && ![UNSTATED, LITTLE_ENDIAN, BIG_ENDIAN].includes(arithmetic))
    source.fail(`the kind of arithmetic is ${arithmetic}; known are 1 (IEEE, little-endian) and 2 (IEEE, big-endian).`);
  source.restOfLine();
  const binaries = count('the number of binary variables');
  const integers = count('the number of integer variables');
  const wholeInBoth = inBoth === undefined ? 0 : optional();
  const wholeInRows = inBoth === undefined ? 0 : optional();
  const wholeInObjectives = inBoth === undefined ? 0 : optional();
  // The nonlinear variables come first, and among those of each group the whole ones last.
  const both = inBoth ?? 0;
  const onlyRows = inRows - both;
  const onlyObjectives = Math.max(inObjectives - inRows, 0);
  const linear = variables - Math.max(inRows, inObjectives);
  const kinds = [
    both - wholeInBoth,
    wholeInBoth,
    onlyRows - wholeInRows,
    wholeInRows,
    onlyObjectives - wholeInObjectives,
    wholeInObjectives,
    linear - binaries - integers,
    binaries + integers,
  ];
  if (kinds.some((number) => number < 0))
    source.fail('there are more nonlinear or more whole variables than variables.');
  source.restOfLine();
  const rowEntries = count('the number of nonzeros in the Jacobian');
  const objectiveEntries = count('the number of nonzeros in gradients');
  source.restOfLine();
  source.restOfLine();
  let definitions = 0;
  for (let k = 0; k < 5; k++) definitions += count('the number of common expressions');
  source.restOfLine();
  return {
    name,
    binary: format === 'b',
    bigEndian: arithmetic === BIG_ENDIAN,
    options,
    variables,
    rows,
    objectives,
    nonlinearRows,
    nonlinearObjectives,
    functions,
    kinds,
    rowEntries,
    objectiveEntries,
    definitions,
    offset: source.offset,
  };
}
