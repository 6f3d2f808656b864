import { fail } from '@southwell/numerics/core';

// Values of a parsed JSON file, checked where they are taken.

/** What JSON may hold. */
export type Json = unknown;
/** An object of JSON. */
export type JsonObject = Readonly<Record<string, Json>>;

const wrong = (where: string, what: string): never => fail('INVALID_FORMAT', `model.json: ${where} must be ${what}.`);

export const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws INVALID_FORMAT for anything else, as all of these. */
export const objectAt = (value: Json, where: string): JsonObject =>
  isObject(value) ? value : wrong(where, 'an object');
export const listAt = (value: Json, where: string): readonly Json[] =>
  Array.isArray(value) ? value : wrong(where, 'a list');
export const textAt = (value: Json, where: string): string =>
  typeof value === 'string' ? value : wrong(where, 'text');
export const textsAt = (value: Json, where: string): string[] => listAt(value, where).map((v) => textAt(v, where));
/** Integers of 64 bits are texts in this format. */
export function numberAt(value: Json, where: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : wrong(where, 'a number');
}
