// Forms that families describe rather than write.

export type Value = string | number | boolean | readonly string[];
export type Values = Readonly<Record<string, Value>>;

/** Something to choose; an empty number leaves the choice to the method. */
export interface Control {
  readonly name: string;
  readonly title: string;
  readonly kind: 'number' | 'choice' | 'check' | 'text' | 'columns';
  readonly initial: Value;
  readonly choices?: ReadonlyArray<readonly [value: string, title: string]>;
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
  readonly when?: (values: Values) => boolean;
}

/** Initial values, with what was changed in their place. */
export const valuesOf = (controls: readonly Control[], changed: Values): Values => ({
  ...Object.fromEntries(controls.map((c) => [c.name, c.initial])),
  ...changed,
});
