/** Shared by the tests of forms: tables and cases in a folder of their own, and the ways to request a case. */
import { readFileSync } from 'node:fs';
import { randomKey } from '@southwell/autodiff';
import { init, linear, toOnnx } from '@southwell/autodiff/nn';
import { type ReadOptions, readTable as readBlob, toSource } from '@southwell/data';
import { readTable, readTableBlocks } from '@southwell/data/node';
import {
  type AnyRequest,
  askedOf,
  blocksHere,
  type Control,
  check,
  commandWords,
  type FormValues,
  families,
  flagOf,
  flags,
  formOf,
  givenFor,
  type JobTools,
  labels,
  mainTable,
  runTask,
  type Task,
  taskOf,
  tasks,
  valuesOf,
} from '@southwell/tasks';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { chartScript } from '../../packages/cli/src/chartScript.ts';
import { addFamily } from '../../packages/cli/src/task/addTask.ts';
import { workshop } from '../../packages/cli/src/testing.ts';
import { summary } from '../../packages/workbench/app/workers/summary.ts';
import { ran } from '../../packages/workbench/app/workers/task.ts';
import { casesOf, type Tried, triedWith } from './cases.ts';
import { gridNpy, tables } from './tables.ts';

/** The tasks whose only input is a table. */
export const offered: readonly Task[] = tasks.filter(({ inputs }) => {
  const needed = Object.keys(inputs).filter((name) => !inputs[name].optional);
  return needed.length === 1 && needed[0] === mainTable(inputs);
});

/** Values of a form for a table. */
export interface FormCase {
  readonly verb: string;
  readonly table: string;
  readonly changed: FormValues;
}

/** A case as a request. */
interface Asked {
  readonly task: Task;
  /** The request of the page. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** The command that the page prints, after `southwell`. */
  readonly words: readonly string[];
  /** The same command with its options in a config file, in which files are named by `place`. */
  configWords(place?: (name: string) => string): readonly string[];
  readonly tools: JobTools;
}

/** Removes parts that differ between runs: the command line and times. */
const plain = (text: string): string =>
  text
    .replace(/"command": ?"(?:[^"\\]|\\.)*"/, '')
    .replace(/"seconds": [\d.e-]+/, '')
    .replace(/<pre><code>.*<\/code><\/pre>/, '')
    // The chart of certificates against time: its drawing, and the times among its data.
    .replace(/<div class="chart" id="convergence"[\s\S]*?<\/figure>/, '')
    .replace(/"convergence":.*/, (chart) => chart.replace(/"x":\[[^\]]*\]|(milli)?seconds/g, ''))
    .replace(/[\d.]+ m?s(?= in all|, reading included)/, '');

/** A request in which files are replaced by their names or paths. */
const named = (request: object, place = (name: string) => name): object => {
  const nameOf = (value: unknown): unknown =>
    value instanceof File ? place(value.name) : Array.isArray(value) ? value.map(nameOf) : value;
  return Object.fromEntries(Object.entries(request).map(([name, value]) => [name, nameOf(value)]));
};

/** The checked request that the command parses from the words after `southwell`; nothing is run. */
async function parsed(task: Task, words: readonly string[]): Promise<object> {
  const family = families.find((f) => f.tasks.includes(task))!;
  let found: object | undefined;
  const stopped = new Error('checked');
  // Its last check receives the request as the job would.
  const last = {
    wrong: (request: object) => {
      found = request;
      throw stopped;
    },
    say: '',
  };
  const seen = { ...task, checks: [...(task.checks ?? []), last] };
  const program = new Command('southwell').exitOverride().enablePositionalOptions();
  addFamily(program, { ...family, tasks: [seen] }, { argv: words, end: () => {} });
  await program.parseAsync([...words], { from: 'user' }).catch((error) => {
    if (error !== stopped) throw error;
  });
  return found!;
}

/** The tables, the cases of each form, and the command, in a folder that is removed after the tests of the file. */
export async function formWorkshop() {
  // Long because the helpers are one record of small functions over a folder.
  const { file, at, here } = workshop();
  for (const [name, text] of Object.entries(tables)) file(name, text);
  file('grid.npy', gridNpy());
  const quietly = async (line: string) =>
    expect(await here([...line.split(' '), '--quiet'])).toMatchObject({ err: '' });
  await quietly('train rows.csv --target three --drop y,count --hidden 4 --epochs 1 --save saved.json');
  const network = linear({ in: 4, out: 3 });
  file('given.onnx', toOnnx(network, init(network, randomKey(1)), { input: [null, 4] }));
  const privatise =
    'privatise rows.csv --target y --features a,b,c --epsilon 50 --delta 0.01 --clip-x 3 --clip-y 20 --seed 1';
  await quietly(
    `${privatise} --out sent.csv --protocol sent.json --person d --ledger spent.json --budget-epsilon 500 --budget-delta 0.5`,
  );
  await quietly(`${privatise} --mode public --out open.csv --protocol open.json`);
  const tried = triedWith((name) => new File([readFileSync(at(name))], name));
  /** By default, the initial values of the form on a table of rows. */
  const triedOf = (verb: string): Tried => tried[verb] ?? { table: 'rows.csv', together: [['rows.csv', {}]] };
  const readSummary = async (name: string) => summary(await readTable(at(name)));

  async function askedFor({ verb, table, changed }: FormCase): Promise<Asked> {
    const task = taskOf(verb);
    const controls = formOf(task.options, await readSummary(table), task.inputs);
    const asked = { data: table, ...askedOf(controls, valuesOf(controls, changed)) };
    const read = (input = 'data', options?: ReadOptions) => {
      const given = givenFor(asked, input);
      return given instanceof Blob ? readBlob(given, options) : readTable(at(table), options);
    };
    const blocksOf: JobTools['blocksOf'] = async (_, { choose = () => new Map(), ...options }) =>
      blocksHere(readTableBlocks(at(table), { ...options, choose }));
    const contents = (input: string) => ((asked as FormValues)[input] as Blob).text();
    const opened = async (input: string) => toSource((asked as FormValues)[input] as Blob);
    const options = Object.entries(asked).filter(([name]) => !Object.hasOwn(task.inputs, name));
    const inputs = commandWords({ ...task, options: {}, outputs: {} }, asked);
    return {
      task,
      asked,
      words: commandWords(task, asked),
      configWords: (place) => {
        const text = JSON.stringify(named(Object.fromEntries(options), place));
        return [...inputs, '--config', file('options.json', text)];
      },
      tools: { read, blocksOf, contents, file: opened, signal: new AbortController().signal, progress: () => {} },
    };
  }

  return {
    /** The controls of a task's form for the table of its cases. */
    controlsOf: async (task: Task): Promise<Control[]> =>
      formOf(task.options, await readSummary(triedOf(task.verb.join(' ')).table), task.inputs),

    /** A case for each value of each option of a task. */
    async single(task: Task): Promise<FormCase[]> {
      const verb = task.verb.join(' ');
      const { table } = triedOf(verb);
      return casesOf(task, await readSummary(table), triedOf(verb)).map((changed) => ({ verb, table, changed }));
    },

    /** Combinations of values of several options of a task. */
    together(task: Task): FormCase[] {
      const verb = task.verb.join(' ');
      return triedOf(verb).together.map(([table, changed]) => ({ verb, table, changed }));
    },

    /** The checked requests of a case from the form, from the command that the page prints, and from a config file. */
    async requestsOf(one: FormCase): Promise<readonly [form: object, command: object, config: object]> {
      const { task, asked, words, configWords } = await askedFor(one);
      return [
        named(check(task, asked as AnyRequest, labels(task))),
        await parsed(task, words),
        await parsed(task, configWords()),
      ];
    },

    /** Runs a case as the page does; returns its view. */
    async shown(one: FormCase) {
      const { task, asked, tools } = await askedFor(one);
      const { view } = await ran(task, asked, tools, chartScript);
      expect(view.files.length).toBeGreaterThan(0);
      for (const { name, content } of view.files) expect(content.length, name).toBeGreaterThan(10);
      return view;
    },

    /**
     * Runs a case as the page does, by the command that the page prints, by a config file and by a library call:
     * results must be equal.
     */
    async runsAlike(one: FormCase): Promise<void> {
      const { task, asked, words, configWords, tools } = await askedFor(one);
      const { code, err } = await here([...words, '--quiet']);
      expect(err).toBe('');
      // File formats that the printed command does not mention are tested by a command that does.
      for (const [name, output] of Object.entries(task.outputs)) {
        if (!('formats' in output)) continue;
        const others = Object.values(output.formats).filter(({ file: other }) => !words.includes(other));
        for (const { file: other } of others) {
          const options = commandWords({ ...task, outputs: {} }, asked);
          expect((await here([...options, flagOf(name), other, '--quiet'])).err).toBe('');
        }
      }
      const view = await this.shown(one);
      expect(code, view.status).toBe(view.status === 'converged' || view.status === 'completed' ? 0 : 3);
      for (const { name, content } of view.files) {
        const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
        expect(plain(text), name).toBe(plain(readFileSync(at(name), 'utf8')));
      }
      const called = await runTask(task, asked, tools, flags(task));
      const json = await here([...configWords(at), '--json']);
      expect(json.err).toBe('');
      const held = Object.values(task.outputs).flatMap(({ holds }) => holds);
      const apart = { seconds: undefined, command: undefined, ...Object.fromEntries(held.map((h) => [h, undefined])) };
      const timeless = (value: object) =>
        JSON.parse(JSON.stringify({ ...value, ...apart }, (key, v) => (key === 'seconds' ? undefined : v)));
      expect(timeless(JSON.parse(json.out))).toMatchObject(timeless(called));
    },
  };
}

/** Tests of a family: some combinations in every way, and every value of every option once, as the page runs it. */
export async function testForms(family: string): Promise<void> {
  const forms = await formWorkshop();
  const tried = families.find(({ id }) => id === family)!.tasks.filter((task) => offered.includes(task));
  const single = (await Promise.all(tried.map(forms.single))).flat();
  test.each(tried.flatMap(forms.together))('$verb of $table with $changed, by page, command and call', (one) =>
    forms.runsAlike(one),
  );
  test.each(single)('$verb of $table with $changed', async (one) => void (await forms.shown(one)));
}
