import { nearestName } from '@southwell/numerics/core';
import { linearModels, type ModelKind } from 'southwell/linear-models';
import { RequestError } from '../errors.ts';

/** The model of that name, or an error with the nearest. */
export function modelKind(name: string): ModelKind {
  if (Object.hasOwn(linearModels, name)) return linearModels[name];
  const names = Object.keys(linearModels);
  const near = nearestName(name, names);
  throw new RequestError(
    `There is no model '${name}'; ${near ? `did you mean '${near}'?` : `there are ${names.join(', ')}.`}`,
  );
}
