import { type FormValues, givenAsText } from './form.ts';
import { declared, flagOf } from './option.ts';
import type { Task } from './task.ts';

/** An example of a task that a page can show: its inputs and the values of its form. */
export interface Example {
  readonly inputs: Readonly<Record<string, string>>;
  readonly values: FormValues;
}

/**
 * The first example of a task, as the page needs it; undefined if it begins with another command, whose files a page does
 * not have, or reads a file that is not bundled.
 */
export function exampleOf({ examples, verb, called = verb, inputs, options, outputs }: Task): Example | undefined {
  const line = examples[0] ?? '';
  if (/[|&'"]/.test(line)) return undefined;
  const words = line.split(' ').slice(called.length);
  const flags = new Map(Object.keys(options).map((name) => [flagOf(name, declared(options[name])), name]));
  const written = new Set(Object.keys(outputs).map((name) => flagOf(name)));
  const given: string[] = [];
  const values: Record<string, FormValues[string]> = {};
  for (let k = 0; k < words.length; k++) {
    const [flag, joined] = words[k].split(/=(.*)/s);
    if (!flag.startsWith('-')) given.push(words[k]);
    else if (written.has(flag)) k++;
    else {
      const name = flags.get(flag);
      if (name === undefined) return undefined;
      const about = declared(options[name]);
      if (about.kind === 'flag') values[name] = about.default !== true;
      else values[name] = givenAsText(about.kind, joined ?? words[++k] ?? '');
    }
  }
  const names = Object.keys(inputs);
  const isHeld = (word: string, k: number) => inputs[names[k]]?.kind === 'text' || word.startsWith('bundled:');
  if (!given.every(isHeld)) return undefined;
  return { inputs: Object.fromEntries(given.map((word, k) => [names[k], word])), values };
}
