import { bundledSets, sampleNames } from '@southwell/data';
import { describe, expect, test } from 'vitest';
import { families } from '../index.ts';
import { commandWords } from './command.ts';
import { exampleOf } from './example.ts';
import { askedOf, formOf, valuesOf } from './form.ts';
import { mainTable } from './input.ts';
import { declared, flagOf } from './option.ts';

const tasks = families.flatMap((family) => family.tasks).map((task) => [task.verb.join(' '), task] as const);
const held = new Set([...bundledSets().map(({ name }) => name), ...sampleNames].map((name) => `bundled:${name}`));

describe('the first example of a task, for the page', () => {
  // These begin with a file that another command writes.
  const later = ['compress', 'fit-private', 'graph compare', 'merge', 'predict', 'sample'];

  test.each(tasks)('%s is on data that ship, or begins with another command', (verb, task) => {
    const example = exampleOf(task);
    expect(example === undefined).toBe(later.includes(verb));
    for (const [name, word] of Object.entries(example?.inputs ?? {}))
      if (task.inputs[name].kind !== 'text') expect(held).toContain(word);
  });

  test.each(tasks.filter(([verb]) => !later.includes(verb)))('%s says in the form what the command says', (_, task) => {
    const { inputs, values } = exampleOf(task)!;
    const main = mainTable(task.inputs);
    // Columns that the values name, whatever the table is.
    const names = [values]
      .flatMap((all) => Object.values(all))
      .flat()
      .filter((v) => typeof v === 'string');
    const columns = names.map((name) => ({ name, type: 'number' as const, missing: 0 }));
    const controls = formOf(task.options, { columns }, task.inputs).map((c) => ({
      ...c,
      initial:
        c.kind === 'columns'
          ? []
          : task.options[c.name] && declared(task.options[c.name]).default !== undefined
            ? c.initial
            : '',
    }));
    const rest = Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== main));
    const asked = askedOf(controls, valuesOf(controls, { ...rest, ...values }));
    const words = commandWords(
      { ...task, outputs: {} },
      { ...(main !== undefined && { [main]: inputs[main] }), ...asked },
    );
    const written = new Set(Object.keys(task.outputs).map((name) => flagOf(name)));
    const first = task.examples[0].split(' ');
    const expected = first.filter((word, k) => !written.has(word) && !written.has(first[k - 1]));
    const plain = (word: string) => (word !== '' && Number.isFinite(Number(word)) ? String(Number(word)) : word);
    expect(words.map(plain).sort()).toEqual(expected.map(plain).sort());
    for (const name of Object.keys(values)) expect(Object.keys(asked)).toContain(name);
  });
});
