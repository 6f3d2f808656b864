// Evaluates the default export of a module for workerObjective.ts: receives the module first, then points.
import { answerMessages } from '@southwell/numerics/core';
import { asSent } from './asNumber.ts';
import type { MixedPoint } from './categories.ts';
import type { ObjectiveMessage, ObjectiveReply } from './workerObjective.ts';

let f: ((x: Float64Array | MixedPoint) => unknown) | undefined;

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function load(url: string, post: (reply: ObjectiveReply) => void): Promise<void> {
  try {
    const module = (await import(/* @vite-ignore */ url)) as { readonly default?: unknown };
    if (typeof module.default !== 'function') throw new Error('its default export is not a function of a point');
    f = module.default as typeof f;
  } catch (error) {
    // Node's message names the importing file, which is this one.
    post({ error: `The module ${url} cannot be used: ${said(error).replace(/ imported from .*$/s, '')}.` });
  }
}

answerMessages<ObjectiveMessage, ObjectiveReply>(async (message, post) => {
  if ('module' in message) return load(message.module, post);
  const { call, x } = message;
  try {
    if (f) post({ call, value: asSent(await f(x)) });
  } catch (error) {
    post({ call, error: said(error) });
  }
});
