import { meets } from './check.ts';
import { type Inputs, isFile, mainTable } from './input.ts';
import { type Condition, declared, type FormTable, type FormValue, given, type Kind, type Options } from './option.ts';

export type FormValues = Readonly<Record<string, FormValue>>;

/** Something to choose; an empty number leaves the choice to the method. */
export interface Control {
  readonly name: string;
  readonly title: string;
  readonly kind: 'number' | 'numbers' | 'choice' | 'check' | 'text' | 'texts' | 'columns' | 'groups' | 'file';
  /** By the values of the others, where it depends on them. */
  readonly initial: FormValue | ((values: FormValues) => FormValue);
  readonly choices?: ReadonlyArray<readonly [value: string, title: string]>;
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
  /** Of files: one or more may be chosen. */
  readonly several?: boolean;
  /** Holds unless it is turned off. */
  readonly usual?: boolean;
  /** Shown in an empty field. */
  readonly hint?: string;
  /** What the form cannot do without. */
  readonly required?: boolean;
  /** Kept out of sight until someone asks for more. */
  readonly more?: boolean;
  readonly when?: (values: FormValues) => boolean;
}

const KINDS: Readonly<Record<Kind, Control['kind']>> = {
  numbers: 'numbers',
  whole: 'number',
  number: 'number',
  choice: 'choice',
  text: 'text',
  texts: 'texts',
  column: 'choice',
  columns: 'columns',
  groups: 'groups',
  flag: 'check',
  file: 'file',
};
const EMPTY: Readonly<Record<Control['kind'], FormValue>> = {
  number: '',
  numbers: '',
  choice: '',
  text: '',
  texts: '',
  file: '',
  columns: [],
  groups: '',
  check: false,
};

/** Whether an option goes with the values of a form, those of options that themselves do not go with them left out. */
function applies(options: Options, name: string, values: FormValues): boolean {
  const { only, without = {}, form } = declared(options[name]);
  // What is not in the form, and what is hidden, is not given.
  const met = (other: string, wanted: Condition[string]): boolean => {
    const value = values[other];
    return meets(wanted, given(value) && applies(options, other, values) ? value : undefined);
  };
  const wanted = (form !== false && form?.only) || only || {};
  return (
    Object.entries(without).every(([other, unwanted]) => !met(other, unwanted)) &&
    Object.entries(wanted).every(([other, w]) => met(other, w))
  );
}

/**
 * The controls of a form, one an option, each shown where its option goes with the others; before them those of the inputs, but
 * for the table that the form is on.
 */
export function formOf(options: Options, table: FormTable = { columns: [] }, inputs: Inputs = {}): Control[] {
  return [...inputsOf(inputs), ...controlsOf(options, table)];
}

const inputsOf = (inputs: Inputs): Control[] =>
  Object.entries(inputs).flatMap(([name, { title = name, several, optional, initial, ...input }]): Control[] => {
    if (name === mainTable(inputs)) return [];
    const file = isFile(input);
    return [
      {
        ...{ name, title, several },
        kind: file ? 'file' : 'text',
        initial: several ? [] : (initial ?? ''),
        ...(!optional && { required: true }),
        ...(!file && { hint: input.about }),
      },
    ];
  });

function controlsOf(options: Options, table: FormTable): Control[] {
  return Object.entries(options).flatMap(([name, option]): Control[] => {
    const about = declared(option);
    const { form = {}, only, without, choices } = about;
    if (form === false) return [];
    // A choice of columns where there are none.
    if (about.kind === 'column' && table.columns.length === 0) return [];
    const kind = KINDS[about.kind];
    const start = typeof form.initial === 'function' ? form.initial(table) : form.initial;
    const usual = (start ?? about.default ?? EMPTY[kind]) as FormValue;
    const { unless } = form;
    return [
      {
        name,
        title: about.unit ? `${about.title}, ${about.unit}` : about.title,
        kind,
        initial: unless
          ? (values) => (unless.some((o) => given(values[o]) && applies(options, o, values)) ? EMPTY[kind] : usual)
          : usual,
        choices:
          about.kind === 'column'
            ? [
                ['', 'none'],
                ...table.columns
                  .filter((c) => !about.numbers || c.type === 'number')
                  .map((c) => [c.name, c.name] as const),
              ]
            : choices && about.default === undefined && start === undefined
              ? [['', form.hint ?? 'auto'], ...choices]
              : choices,
        min: about.min,
        max: about.max,
        whole: about.kind === 'whole',
        usual: about.default === true,
        hint:
          form.hint ??
          (about.default !== undefined ? String(about.default) : about.kind === 'groups' ? 'a, b; c, d' : undefined),
        required: about.required ?? form.required,
        more: typeof form.advanced === 'function' ? form.advanced(table) : form.advanced,
        ...((only || without || form.only) && { when: (values: FormValues) => applies(options, name, values) }),
      },
    ];
  });
}

/** Initial values, with what was changed in their place. */
export function valuesOf(controls: readonly Control[], changed: FormValues): FormValues {
  const values: Record<string, FormValue> = {};
  for (const { name, initial } of controls) if (typeof initial !== 'function') values[name] = initial;
  Object.assign(values, changed);
  for (const { name, initial } of controls) {
    if (typeof initial === 'function' && !Object.hasOwn(changed, name)) values[name] = initial(values);
  }
  return values;
}

/** 'a, b' as a list. */
const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** 'a, b; c, d' as lists. */
const listsOf = (text: string): string[][] =>
  text
    .split(';')
    .map(listOf)
    .filter((list) => list.length > 0);

/** What a control asks for, from what stands in it. */
function meant({ kind, name }: Control, values: FormValues): unknown {
  if (kind === 'texts') return listOf(values[name] as string);
  if (kind === 'numbers') {
    // A word may stand in their place; among numbers it stays one, so that what is wrong is said of it.
    const list = listOf(values[name] as string).map((word) => (Number.isNaN(Number(word)) ? word : Number(word)));
    return list.length === 1 && typeof list[0] === 'string' ? list[0] : list;
  }
  return kind === 'groups' ? listsOf(values[name] as string) : values[name];
}

/** The request that a form asks for: what is shown and says something. */
export function askedOf(controls: readonly Control[], values: FormValues): Record<string, unknown> {
  const shown = controls.filter((c) => !c.when || c.when(values));
  return Object.fromEntries(
    shown
      .map((c) => [c.name, meant(c, values), c] as const)
      .filter(([, value, { usual }]) => (usual ? value === false : given(value)))
      .map(([name, value]) => [name, value]),
  );
}
