import { fail } from '@southwell/numerics/core';
import { Factorisation } from 'southwell/linear-systems';
import * as v from 'valibot';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import { modelText, type SavedModels, savedAs } from '../saved-model.ts';
import { rightHandSidesOf } from './matrix.ts';

const FORMAT = 'southwell-linear-system';

const schema = v.object({
  format: v.literal(FORMAT),
  names: v.array(v.string()),
  command: v.string(),
  system: v.string(),
});

/** The text of a factorisation, with the names of the right-hand sides that it was first used for. */
export const modelOf = (system: Factorisation, names: readonly string[], command: string): string =>
  modelText({ format: FORMAT, names, command, system: system.save() });

/** Saved factorisations: a table of right-hand sides gives a table of solutions. */
export const savedSystems: SavedModels = savedAs(FORMAT, schema, ({ system: text }) => {
  const system = Factorisation.restore(text);
  return {
    predict(table, { proba = false }) {
      if (proba) throw new RequestError('{proba} needs a logistic or multinomial model; this one is a linear system.');
      const sides = rightHandSidesOf(table);
      const { rows } = system.A;
      if (table.rows !== rows) {
        fail(
          'INVALID_SHAPE',
          `${table.name} has ${count(table.rows, 'row')}, but the saved system has ${count(rows, 'equation')}.`,
        );
      }
      const notes: string[] = [];
      const columns = Object.fromEntries(
        sides.map(({ name, values }) => {
          const { x, status, residual, next } = system.solve(values);
          if (status !== 'converged')
            notes.push(`${name}: ${next ?? status} (relative residual ${residual.toExponential(1)}).`);
          return [name, Array.from(x)];
        }),
      );
      return { columns, predicted: table.rows, notes };
    },
  };
});
