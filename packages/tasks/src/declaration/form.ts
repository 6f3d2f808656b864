import { meets } from './check.ts';
import { type Inputs, isFile, mainTable } from './input.ts';
import { declared, type Exclusion, type FormTable, type FormValue, given, type Kind, type Options } from './option.ts';

export type FormValues = Readonly<Record<string, FormValue>>;

/** A form control; an empty number leaves the choice to the method. */
export interface Control {
  readonly name: string;
  readonly title: string;
  readonly kind: 'number' | 'numbers' | 'choice' | 'check' | 'text' | 'texts' | 'columns' | 'groups' | 'file';
  /** May depend on the values of other controls. */
  readonly initial: FormValue | ((values: FormValues) => FormValue);
  readonly choices?: ReadonlyArray<readonly [value: string, title: string]>;
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
  /** For files: more than one may be chosen. */
  readonly several?: boolean;
  /** Whether it is on by default. */
  readonly usual?: boolean;
  /** Placeholder of an empty field. */
  readonly hint?: string;
  /** Whether the form cannot be submitted without it. */
  readonly required?: boolean;
  /** Hidden until the user expands the further options. */
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

/** Whether an option applies to the values of a form; options that do not apply themselves count as not given. */
function applies(options: Options, name: string, values: FormValues): boolean {
  const { only, without = {}, form } = declared(options[name]);
  // Options that are not in the form, or hidden, count as not given.
  const met = (other: string, wanted: Exclusion[string]): boolean => {
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
 * The controls of a form, one per option, each shown only if the option applies; preceded by those of the inputs,
 * except the table that the form belongs to.
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
    // A choice of columns makes no sense without columns.
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

/** Initial values, overridden by the changed ones. */
export function valuesOf(controls: readonly Control[], changed: FormValues): FormValues {
  const values: Record<string, FormValue> = {};
  for (const { name, initial } of controls) if (typeof initial !== 'function') values[name] = initial;
  Object.assign(values, changed);
  for (const { name, initial } of controls) {
    if (typeof initial === 'function' && !Object.hasOwn(changed, name)) values[name] = initial(values);
  }
  return values;
}

/** The value of a control for the text of a flag. */
export function givenAsText(kind: Kind, text: string): FormValue {
  const control = KINDS[kind];
  if (control === 'columns') return listOf(text);
  if (control === 'number') return Number(text);
  return control === 'texts' || control === 'numbers' ? listOf(text).join(', ') : text;
}

/** Parses 'a, b' as a list. */
const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** Parses 'a, b; c, d' as lists. */
const listsOf = (text: string): string[][] =>
  text
    .split(';')
    .map(listOf)
    .filter((list) => list.length > 0);

/** The request value that the content of a control stands for. */
function meant({ kind, name }: Control, values: FormValues): unknown {
  if (kind === 'texts') return listOf(values[name] as string);
  if (kind === 'numbers') {
    // Words that are not numbers are kept, either as the alternative word or so that the check can report them.
    const list = listOf(values[name] as string).map((word) => (Number.isNaN(Number(word)) ? word : Number(word)));
    return list.length === 1 && typeof list[0] === 'string' ? list[0] : list;
  }
  return kind === 'groups' ? listsOf(values[name] as string) : values[name];
}

/** The request that a form describes: the values of visible controls that are not empty. */
export function askedOf(controls: readonly Control[], values: FormValues): Record<string, unknown> {
  const shown = controls.filter((c) => !c.when || c.when(values));
  return Object.fromEntries(
    shown
      .map((c) => [c.name, meant(c, values), c] as const)
      .filter(([, value, { usual }]) => (usual ? value === false : given(value)))
      .map(([name, value]) => [name, value]),
  );
}
