import { declared, flagOf, type Task } from '@southwell/tasks';
import { expect } from 'vitest';
import type { workshop } from '../testing.ts';

/** Checks the error messages of an option: for invalid values, and for misspelt names and values. */
export async function tellsWrongValues(
  task: Task,
  name: string,
  { here, file }: Pick<ReturnType<typeof workshop>, 'here' | 'file'>,
): Promise<void> {
  const names = Object.keys(task.options);
  const flag = (one: string) => flagOf(one, declared(task.options[one]));
  const files = Object.values(task.inputs).flatMap(({ optional }) => (optional ? [] : ['rows.csv']));
  const { kind, letter, choices, min } = declared(task.options[name]);
  const say = async (...args: string[]) => {
    const { code, err } = await here([...task.verb, ...files, ...args]);
    expect(code, args.join(' ')).toBe(2);
    return err;
  };
  const bounded = min !== undefined;
  if (kind === 'whole' || kind === 'number' || kind === 'numbers' || kind === 'choice') {
    // Without a minimum any number is valid, and in such lists infinite numbers as well.
    const wrongs = [
      'x y',
      '',
      ...(bounded || choices ? ['-1'] : []),
      ...(bounded || kind !== 'numbers' ? ['1e999'] : []),
    ];
    for (const wrong of wrongs) {
      const err = await say(`${flag(name)}${letter ? '' : '='}${wrong}`);
      expect(err).toMatch(kind === 'choice' ? `${flag(name)} knows no '${wrong}'` : /must be|argument missing/);
    }
  }
  if (choices) {
    const [longest] = choices.map(([value]) => value).sort((a, b) => b.length - a.length);
    expect(await say(flag(name), `${longest}x`)).toContain(`did you mean '${longest}'?`);
  }
  // Some truncated names are other options, and a single letter is none.
  const near = name.slice(0, -1);
  if (names.includes(near) || near === '') return;
  if (!letter) expect(await say(flag(name).slice(0, -1))).toMatch(/unknown option|argument missing/);
  if (name.length > 3) {
    const config = file('near.json', JSON.stringify({ [near]: 1 }));
    expect(await say('--config', config)).toMatch(/There is no option '\w+' of .*near\.json; did you mean -/);
  }
}
