import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type NlSolution, readSol, writeSol } from './sol.ts';
import { hasIpopt, IPOPT, nlModels } from './testing.ts';

const solution: NlSolution = {
  message: 'solver 1.0: solved\n\n3 iterations',
  options: [1, 1, 0],
  rows: 1,
  variables: 2,
  x: Float64Array.of(1 / 3, -1e-300),
  multipliers: Float64Array.of(-2.5),
  objective: 0,
  status: 0,
  suffixes: [
    { name: 'zL_out', of: 'variables', whole: false, indices: Int32Array.of(1), values: Float64Array.of(0.1) },
    { name: 'rank', of: 'rows', whole: true, indices: Int32Array.of(0), values: Float64Array.of(3) },
  ],
};

test('a solution as text and back', () => {
  const text = writeSol(solution);
  expect(text).toBe(
    'solver 1.0: solved\n \n3 iterations\n\nOptions\n3\n1\n1\n0\n1\n1\n2\n2\n-2.5\n0.3333333333333333\n-1e-300\nobjno 0 0\n' +
      'suffix 4 1 7 0 0\nzL_out\n1 0.1\nsuffix 1 1 5 0 0\nrank\n0 3\n',
  );
  expect(readSol(text)).toEqual(solution);
  expect(readSol(text.replaceAll('\n', '\r\n'))).toEqual(solution);
});

test('without values or options', () => {
  const none = readSol(writeSol({ message: 'infeasible', rows: 4, variables: 3, status: 200 }));
  expect(none).toMatchObject({ rows: 4, variables: 3, x: undefined, multipliers: undefined, status: 200 });
  const plain = readSol('done\n\n1\n2\n3\n', { rows: 1, variables: 2 });
  expect([plain.multipliers, plain.x, plain.status]).toEqual([Float64Array.of(1), Float64Array.of(2, 3), undefined]);
  expect(() => readSol('done\n\n1\n2\n3\n')).toThrow('rows and variables have to be given');
});

test('a file that was cut is refused with the line', () => {
  const lines = writeSol(solution).trimEnd().split('\n');
  // From the line of the objective on, what follows may be absent as a whole.
  const optional = [16, 17, 20];
  for (let length = 1; length < lines.length; length++) {
    const text = `${lines.slice(0, length).join('\n')}\n`;
    if (optional.includes(length)) expect(readSol(text).x).toEqual(solution.x);
    else
      expect(() => readSol(text), `${length} lines`).toThrow(
        /^Line \d+ of the \.sol file: .*(the file ends|have to be given)/,
      );
  }
  expect(() => readSol(lines.join('\n').replace('-2.5', 'x'))).toThrow("a multiplier is expected, but there is 'x'");
  expect(() => readSol(lines.join('\n').replace('\n1 0.1', '\n7 0.1'))).toThrow('index 7 of the suffix zL_out');
  expect(() => writeSol({ ...solution, x: Float64Array.of(1) })).toThrow('2 variables and 1 rows');
});

test('a binary solution is told', () => {
  expect(() => readSol('\x06\0\0\0binary\x06\0\0\0\x04\0\0\0done')).toThrow(
    /the solution is binary, and only texts are read/,
  );
  expect(readSol('the binary one\n\n1\n2\n', { rows: 1, variables: 1 }).message).toBe('the binary one');
});

test('damaged files throw nothing else', () => {
  const text = writeSol(solution);
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom('', '9', '-', ' ', '\n', 'x', '999999999'), (at, piece) => {
      try {
        readSol(text.slice(0, at) + piece + text.slice(at + 1));
      } catch (error) {
        expect(error).toMatchObject({ code: 'INVALID_FORMAT' });
      }
    }),
    { numRuns: 2000 },
  );
});

test.skipIf(!hasIpopt || !nlModels)('the solution that Ipopt writes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-sol-'));
  try {
    writeFileSync(join(folder, 'm.nl'), readFileSync(new URL('rankdef_eq_qp.nl', nlModels)));
    execFileSync(IPOPT, [join(folder, 'm'), '-AMPL', 'print_level=0'], { stdio: 'ignore' });
    const read = readSol(readFileSync(join(folder, 'm.sol'), 'utf8'));
    expect(read).toMatchObject({ rows: 2, variables: 3, objective: 0, status: 0 });
    expect(read.message).toContain('Ipopt');
    expect(read.x!.length).toBe(3);
    expect(read.suffixes!.map(({ name }) => name)).toEqual(['ipopt_zU_out', 'ipopt_zL_out']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
