// The words in which forms that are not declared yet describe their controls.
import type { Control, FormValue, FormValues } from '@southwell/tasks';

export { type Control, valuesOf } from '@southwell/tasks';
export type Value = FormValue;
export type Values = FormValues;

export const number = (
  name: string,
  title: string,
  initial: number | '',
  min: number,
  max?: number,
  whole = true,
): Control => ({
  name,
  title,
  kind: 'number',
  initial,
  min,
  max,
  whole,
  // Where the method has no choice of its own.
  required: initial !== '',
});

/** The first choice is the initial one, unless another is named. */
export const choice = (
  name: string,
  title: string,
  choices: Control['choices'] & object,
  initial = choices[0]?.[0] ?? '',
): Control => ({ name, title, kind: 'choice', initial, choices });

export const check = (name: string, title: string, initial = false): Control => ({
  name,
  title,
  kind: 'check',
  initial,
});

export const chosenNames = (v: Value): readonly string[] => (Array.isArray(v) ? v : []);
