/**
 * The forms of the tasks that are declared. Every value of every option asks for the same in the form, in the command that
 * the page prints and in a file of options; each form is run in every way. The long tests beside this one run every value.
 */
import { keys, labels, runTask, taskOf } from '@southwell/tasks';
import { describe, expect, test } from 'vitest';
import { formWorkshop, offered } from './testing.ts';

const forms = await formWorkshop();
const single = (await Promise.all(offered.map(forms.single))).flat();
const together = offered.flatMap(forms.together);

describe('a form, its command and a file of options ask for the same', () => {
  test.each([...together, ...single])('$verb of $table with $changed', async (one) => {
    const [form, command, config] = await forms.requestsOf(one);
    expect(command).toEqual(form);
    expect(config).toEqual(form);
  });
});

describe('a form gives the files of its command', () => {
  test.each(offered.map((task) => forms.together(task)[0]))('$verb', (one) => forms.runsAlike(one));
});

test('every option of every form was tried', async () => {
  for (const task of offered) {
    const verb = task.verb.join(' ');
    const seen = new Set(single.filter((one) => one.verb === verb).flatMap(({ changed }) => Object.keys(changed)));
    const controls = (await forms.controlsOf(task)).map(({ name }) => name);
    // What goes with every option may be a file that the form has no place for.
    const options = [...seen].filter((name) => controls.includes(name) || !Object.hasOwn(task.inputs, name));
    expect(options.sort(), verb).toEqual(controls.sort());
  }
});

test('mistakes of a form and of a call are told in their own words', async () => {
  const task = taskOf('cluster');
  const tools = { read: () => readTable(at('parts.csv')), signal: new AbortController().signal, progress: () => {} };
  const say = (request: object, spelling = keys) =>
    (async () => runTask(task, { data: 'parts.csv', ...request } as never, tools, spelling))().then(
      () => '',
      (error: Error) => error.message,
    );
  expect(await say({ k: 2, lambda: 1 })).toBe(
    "lambda cannot be combined with method 'kmeans', only with 'laplacian', 'mean-shift', 'modes'.",
  );
  expect(await say({ k: 2, lambda: 1 }, labels(task))).toBe(
    '“Laplacian weight” cannot be combined with “Method” “k-means”, only with “Laplacian k-means”, “Laplacian mean shift”, “Laplacian k-modes”.',
  );
  expect(await say({}, labels(task))).toBe(
    'How many clusters? Give “Clusters”, or “Known labels” with a column that shows them.',
  );
  expect(await say({ k: 2, restrats: 3 })).toBe('There is no option restrats; did you mean restarts?');
  expect(await say({ k: 1.5 })).toBe('k must be a whole number of at least 1, not 1.5.');
});
