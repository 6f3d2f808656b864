// Forms that families describe rather than write.

export type Value = string | number | boolean | readonly string[] | File;
export type Values = Readonly<Record<string, Value>>;

/** Something to choose; an empty number leaves the choice to the method. */
export interface Control {
  readonly name: string;
  readonly title: string;
  readonly kind: 'number' | 'choice' | 'check' | 'text' | 'columns' | 'file';
  readonly initial: Value;
  readonly choices?: ReadonlyArray<readonly [value: string, title: string]>;
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
  /** Shown in an empty field. */
  readonly hint?: string;
  /** What the form cannot do without. */
  readonly required?: boolean;
  /** Kept out of sight until someone asks for more. */
  readonly more?: boolean;
  readonly when?: (values: Values) => boolean;
}

/** Initial values, with what was changed in their place. */
export const valuesOf = (controls: readonly Control[], changed: Values): Values => ({
  ...Object.fromEntries(controls.map((c) => [c.name, c.initial])),
  ...changed,
});

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
