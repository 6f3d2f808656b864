import { fail } from '@southwell/numerics/core';
import type { Model } from '@southwell/numerics/expressions';

/**
 * Writes a linear or quadratic program in free MPS format; quadratic terms are written as QUADOBJ, and integer variables
 * between markers. Numbers are written in full, so that reading them gives the same model.
 *
 * @throws NOT_SUPPORTED for nonlinear parts and names with spaces.
 */
export function writeMps(model: Model): string {
  const { variables, rows, objective, nonlinear } = model;
  if (nonlinear && nonlinear.rows.length > 0) {
    fail('NOT_SUPPORTED', 'MPS files hold linear and quadratic programs only, but the model has nonlinear parts.');
  }
  const cost = freeName(objective.name || 'objective', rows.names);
  for (const name of [cost, ...variables.names, ...rows.names]) {
    if (/\s/.test(name) || name === '' || /^[*$]/.test(name)) {
      fail('NOT_SUPPORTED', `The name "${name}" cannot be written to a free MPS file: rename it.`);
    }
  }
  const out = [`NAME ${model.name}`.trim(), 'OBJSENSE', objective.sense === 'maximize' ? '    MAX' : '    MIN'];
  const kinds = rows.names.map((_, i) => kindOf(rows.lower[i], rows.upper[i]));
  out.push('ROWS', ` N ${cost}`, ...rows.names.map((name, i) => ` ${kinds[i] === 'R' ? 'G' : kinds[i]} ${name}`));
  out.push('COLUMNS', ...columnLines(model, cost), 'RHS');
  if (objective.constant !== 0) out.push(` RHS ${cost} ${-objective.constant}`);
  const ranges: string[] = [];
  for (const [i, name] of rows.names.entries()) {
    const [low, up] = [rows.lower[i], rows.upper[i]];
    const side = kinds[i] === 'L' ? up : low;
    if (kinds[i] !== 'N' && side !== 0) out.push(` RHS ${name} ${side}`);
    if (kinds[i] === 'R') ranges.push(` RANGE ${name} ${up - low}`);
  }
  if (ranges.length > 0) out.push('RANGES', ...ranges);
  const bounds = variables.names.flatMap((name, j) =>
    boundLines(name, variables.lower[j], variables.upper[j], variables.integer[j] === 1),
  );
  if (bounds.length > 0) out.push('BOUNDS', ...bounds);
  out.push(...quadraticLines(model), 'ENDATA', '');
  return out.join('\n');
}

function freeName(wanted: string, taken: readonly string[]): string {
  let name = wanted;
  while (taken.includes(name)) name += '_';
  return name;
}

function kindOf(low: number, up: number): 'E' | 'G' | 'L' | 'N' | 'R' {
  if (low === up) return 'E';
  if (Number.isFinite(low)) return Number.isFinite(up) ? 'R' : 'G';
  return Number.isFinite(up) ? 'L' : 'N';
}

function columnLines({ variables, rows, objective }: Model, cost: string): string[] {
  const { colPointers, rowIndices, values } = rows.linear;
  const out: string[] = [];
  let inside = false;
  const marker = (on: boolean) => {
    if (on !== inside) out.push(` MARKER 'MARKER' ${on ? "'INTORG'" : "'INTEND'"}`);
    inside = on;
  };
  for (const [j, name] of variables.names.entries()) {
    marker(variables.integer[j] === 1);
    const empty = colPointers[j] === colPointers[j + 1];
    if (objective.linear[j] !== 0 || empty) out.push(` ${name} ${cost} ${objective.linear[j]}`);
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++)
      out.push(` ${name} ${rows.names[rowIndices[k]]} ${values[k]}`);
  }
  marker(false);
  return out;
}

function boundLines(name: string, low: number, up: number, integer: boolean): string[] {
  if (low === up) return [` FX BND ${name} ${low}`];
  if (low === Number.NEGATIVE_INFINITY && up === Number.POSITIVE_INFINITY) return [` FR BND ${name}`];
  const out: string[] = [];
  if (low === Number.NEGATIVE_INFINITY) out.push(` MI BND ${name}`);
  else if (low !== 0 || up < 0) out.push(` LO BND ${name} ${low}`);
  if (up !== Number.POSITIVE_INFINITY) out.push(` UP BND ${name} ${up}`);
  else if (integer) out.push(` PL BND ${name}`);
  return out;
}

function quadraticLines({ variables, objective }: Model): string[] {
  const { quadratic } = objective;
  if (!quadratic || quadratic.nnz === 0) return [];
  const { cols, colPointers, rowIndices, values } = quadratic;
  const out = ['QUADOBJ'];
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      if (rowIndices[k] >= j) out.push(` ${variables.names[j]} ${variables.names[rowIndices[k]]} ${values[k]}`);
    }
  }
  return out;
}
