import { nearestName } from '@southwell/numerics/core';
import * as v from 'valibot';
import { RequestError } from '../errors.ts';
import type { Inputs } from './input.ts';
import {
  type Condition,
  declared,
  type Exclusion,
  flagOf,
  given,
  nameOf,
  type Options,
  says,
  spelled,
} from './option.ts';

/** How messages write options and their values, depending on where the request comes from. */
export interface Spelling {
  option(name: string): string;
  /** An option with its value: `--method kmeans`. */
  value(name: string, value: unknown): string;
  /** A value alone, as one of the choices of an option. */
  choice(name: string, value: string): string;
  /** An option with the value that would help; a list of columns is separated by commas. */
  remedy(name: string, value: RemedyValue): string;
}

/** A value that a message advises: `true` for a flag. */
export type RemedyValue = string | number | true | readonly string[];

/**
 * Spells an option in a message. A value makes it a remedy: the command prints it, and the page has a button that
 * applies it.
 */
export type Spell = (option: string, value?: RemedyValue) => string;

export const spellOf =
  (spelling: Spelling): Spell =>
  (name, value) =>
    value === undefined ? spelling.option(name) : spelling.remedy(name, value);

/** An option, with the value that a message advises. */
const remedyOf =
  (option: (name: string) => string, said: (name: string, value: string) => string) =>
  (name: string, value: RemedyValue): string =>
    value === true ? option(name) : `${option(name)} ${said(name, String(value))}`;

export type AnyRequest = Readonly<Record<string, unknown>>;

/** A method type, so that a list of tasks can hold those of any request (method parameters are bivariant). */
type Say<Q> = { say(request: Q): string }['say'];

/** What can be checked, with the type of the result: a task, or the user options of a race. */
export interface Checked<Q = AnyRequest> {
  readonly inputs?: Inputs;
  readonly options: Options;
  /** Conditions on several options: if `wrong`, the message, in which `{name}` stands for an option. */
  readonly checks?: ReadonlyArray<{ wrong(request: Q): boolean; readonly say: string | Say<Q> }>;
}

/** Option names as in library calls: `lambda`. */
export const keys: Spelling = {
  option: (name) => name,
  remedy: remedyOf(
    (name) => name,
    (_, value) => value,
  ),
  value: (name, value) => `${name} ${shown(value)}`,
  choice: (_, value) => `'${value}'`,
};

/** Option names as on the command line: `--lambda`, and DATA for inputs without a flag. */
export function flags({ options, inputs = {} }: Pick<Checked, 'options' | 'inputs'>): Spelling {
  const option = (name: string) =>
    Object.hasOwn(inputs, name)
      ? name.toUpperCase()
      : flagOf(name, Object.hasOwn(options, name) ? declared(options[name]) : undefined);
  const remedy = remedyOf(option, (_, value) => value);
  return { option, remedy, value: (name, value) => `${option(name)} ${value}`, choice: (_, value) => value };
}

/** Option names as in forms: “Weight of the graph”. */
export function labels({ options, inputs = {} }: Pick<Checked, 'options' | 'inputs'>): Spelling {
  const titleOf = (name: string) =>
    Object.hasOwn(options, name) ? declared(options[name]).title : (inputs[name]?.title ?? name);
  const option = (name: string) => `“${titleOf(name)}”`;
  const choice = (name: string, value: string) =>
    `“${declared(options[name]).choices?.find(([known]) => known === value)?.[1] ?? value}”`;
  const value = (name: string, given: unknown) => `${option(name)} ${choice(name, String(given))}`;
  const listed = (name: string, given: string) =>
    declared(options[name]).choices?.some(([known]) => known === given) ? choice(name, given) : given;
  return { option, value, choice, remedy: remedyOf(option, listed) };
}

/**
 * The only check of requests, whoever makes them. Returns the request with defaults filled in.
 * @throws RequestError with a sentence: unknown names (with the nearest known one), values of the wrong type or out of
 * range, options that are incompatible with others, then the task's own checks.
 */
export function check<Q>(of: Checked<Q>, raw: Partial<Q>, spelling: Spelling): Q {
  return checked(of as Checked, raw as AnyRequest, spelling) as Q;
}

function checked(of: Checked, raw: AnyRequest, spelling: Spelling): AnyRequest {
  const { inputs = {}, options, checks = [] } = of;
  const known = [...Object.keys(inputs), ...Object.keys(options)];
  for (const name of Object.keys(raw)) {
    if (known.includes(name)) continue;
    const near = nearestName(name, known);
    throw new RequestError(
      `There is no option ${spelling.option(name)}${near ? `; did you mean ${spelling.option(near)}?` : `. There are ${known.join(', ')}.`}`,
    );
  }
  const request: Record<string, unknown> = {};
  for (const [name, { about, optional, several }] of Object.entries(inputs)) {
    const value = raw[name];
    if (optional && value === undefined) continue;
    const named = (one: unknown) => typeof one === 'object' || (typeof one === 'string' && one !== '');
    if (several ? !(Array.isArray(value) && value.length > 0 && value.every(named)) : !named(value)) {
      throw new RequestError(`Give ${spelling.option(name)}: ${spelled(about, options, spelling.option)}.`);
    }
    request[name] = value;
  }
  for (const [name, option] of Object.entries(options)) {
    const parsed = v.safeParse(option, raw[name]);
    if (!parsed.success) throw new RequestError(wrongValue(of, name, raw[name], spelling));
    // Names without a value remain absent, as in a request that never had them.
    if (parsed.output !== undefined) request[name] = parsed.output;
  }
  for (const [name, option] of Object.entries(options)) {
    if (says(raw[name], declared(option)))
      checkCompany(spelling.option(name), declared(option), raw, request, spelling);
  }
  for (const [name, option] of Object.entries(options)) {
    const { required, about } = declared(option);
    if (required && !given(raw[name])) {
      throw new RequestError(`Give ${spelling.option(name)}: ${spelled(about, options, spelling.option)}.`);
    }
  }
  checkColumnRoles(options, request, spelling);
  for (const { wrong, say } of checks) {
    if (!wrong(request)) continue;
    throw new RequestError(spelled(typeof say === 'string' ? say : say(request), options, spelling.option));
  }
  return request;
}

/** Throws a sentence if a column is named twice by an option, or by two options that give it different roles. */
function checkColumnRoles(options: Options, request: AnyRequest, { option: spell }: Spelling): void {
  const roles = new Map<string, { readonly option: string; readonly several: boolean }>();
  // Options of one column first, for sentences that read alike.
  const named = (['column', 'columns'] as const).flatMap((kind) =>
    Object.entries(options).filter(([, option]) => declared(option).kind === kind && declared(option).role !== false),
  );
  for (const [name] of named) {
    const value = request[name];
    const several = Array.isArray(value);
    const columns = several ? (value as readonly string[]) : given(value) ? [value as string] : [];
    columns.forEach((column, k) => {
      if (columns.indexOf(column) < k) throw new RequestError(`${spell(name)} names '${column}' twice.`);
    });
    const as = (role: { readonly option: string; readonly several: boolean }) =>
      `${role.several ? 'one of ' : ''}${spell(role.option)}`;
    for (const column of columns) {
      const other = roles.get(column);
      const own = { option: name, several };
      if (other) throw new RequestError(`'${column}' cannot be both ${as(other)} and ${as(own)}.`);
      roles.set(column, own);
    }
  }
}

function wrongValue({ options }: Checked, name: string, value: unknown, spelling: Spelling): string {
  const { choices, expected, elsewhere = {} } = declared(options[name]);
  if (!choices || typeof value !== 'string') {
    return `${spelling.option(name)} must be ${expected}, not ${shown(value)}.`;
  }
  if (Object.hasOwn(elsewhere, value)) return `${spelling.option(name)} knows no '${value}': ${elsewhere[value]}`;
  const names = choices.map(([choice]) => choice);
  const near = nearestName(value, names);
  const other = near ? `did you mean '${near}'?` : `there are ${names.join(', ')}.`;
  return `${spelling.option(name)} knows no '${value}'; ${other}`;
}

/**
 * Checks whether the options that something requires or excludes are set accordingly; `raw` contains what was given,
 * `request` the defaults too. Throws RequestError with a sentence.
 */
export function checkCompany(
  name: string,
  { only = {}, without = {} }: { readonly only?: Condition; readonly without?: Exclusion },
  raw: AnyRequest,
  request: AnyRequest,
  { option, value, choice }: Spelling,
): void {
  for (const [other, wanted] of Object.entries(only)) {
    if (meets(wanted, request[other])) continue;
    if (wanted === true) throw new RequestError(`${name} requires ${option(other)}.`);
    if (named(wanted).length === 0)
      throw new RequestError(`${name} cannot be combined with ${option(other)}: leave one of them out.`);
    const choices = named(wanted)
      .map((w) => choice(other, w))
      .join(', ');
    throw new RequestError(
      request[other] === undefined
        ? `${name} requires ${named(wanted).length > 1 ? 'one of ' : ''}${option(other)} ${choices}.`
        : `${name} cannot be combined with ${value(other, request[other])}, only with ${choices}.`,
    );
  }
  for (const [other, unwanted] of Object.entries(without)) {
    if (unwanted === true ? !given(raw[other]) : !meets(unwanted, request[other])) continue;
    throw new RequestError(
      unwanted === true
        ? `${name} cannot be combined with ${option(other)}: give one of them.`
        : 'file' in unwanted
          ? `${name} cannot be combined with ${option(other)} of ${unwanted.are}.`
          : `${name} cannot be combined with ${value(other, request[other])}.`,
    );
  }
}

/** Whether a value satisfies a condition. */
export function meets(wanted: Exclusion[string], value: unknown): boolean {
  if (wanted === true) return given(value);
  if (!('file' in wanted)) return wanted.includes((value ?? '') as string);
  return given(value) && wanted.file.test(nameOf(value));
}

/** The values of a condition that users can give. */
export const named = (wanted: readonly string[]): string[] => wanted.filter((value) => value !== '');

const shown = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : typeof value === 'object' ? JSON.stringify(value) : String(value);
