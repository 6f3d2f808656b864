// Evaluates the functions of a program that a module exports, for moduleProgram.ts: receives the module, then the memory.
import { answerMessages } from '@southwell/numerics/core';
import type { SparseFunctions } from '@southwell/numerics/expressions';
import type { NonlinearProgram } from '../nonlinear/program.ts';
import { functionsFrom, type GivenFunctions } from './given.ts';
import { type Facts, type Kind, kinds, type ProgramMessage, type ProgramReply, Room } from './messages.ts';

type Exported = Partial<GivenFunctions> &
  Omit<NonlinearProgram, 'functions'> & {
    readonly functions?: SparseFunctions;
    readonly sense?: unknown;
  };

let functions: SparseFunctions | undefined;

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The program that a module exports. */
function factsOf(exported: Exported | undefined): Facts {
  if (typeof exported !== 'object' || exported === null) throw new Error('its default export is no object');
  const { sense = 'minimize', lower, upper, rowLower, rowUpper, start, names, rowNames } = exported;
  if (sense !== 'minimize' && sense !== 'maximize') throw new Error(`sense is minimize or maximize, not ${sense}`);
  if (!exported.functions && typeof exported.objective !== 'function') {
    throw new Error('its default export has neither functions nor an objective');
  }
  const variables = exported.variables ?? names?.length ?? start?.length ?? lower?.length;
  if (!exported.functions && variables === undefined) throw new Error('the number of variables is missing');
  const f = exported.functions ?? functionsFrom({ ...(exported as GivenFunctions), variables: variables! });
  functions = sense === 'maximize' ? negated(f) : f;
  const { jacobian, hessian, constraints } = functions;
  return {
    ...{ variables: functions.variables, constraints, jacobian, hessian, sense },
    data: { lower, upper, rowLower, rowUpper, start, names, rowNames },
  };
}

/** The functions with the objective −f. */
const negated = (f: SparseFunctions): SparseFunctions => ({
  ...f,
  objective: (x) => -f.objective(x),
  gradient(x, out) {
    f.gradient(x, out);
    for (let j = 0; j < out.length; j++) out[j] = -out[j];
  },
  ...(f.hessianValues && {
    hessianValues: (x: Float64Array, sigma: number, multipliers: Float64Array, out: Float64Array) =>
      f.hessianValues!(x, -sigma, multipliers, out),
  }),
});

async function load(url: string, post: (reply: ProgramReply) => void): Promise<void> {
  try {
    const module = (await import(/* @vite-ignore */ url)) as { readonly default?: Exported };
    post({ facts: factsOf(module.default) });
  } catch (error) {
    // Node's message names the importing file, which is this one.
    post({
      error: said(error)
        .replace(/ imported from .*$/s, '')
        .replace(/\.$/, ''),
    });
  }
}

function evaluate(room: Room, kind: Kind): void {
  const f = functions!;
  const { out } = room;
  // The functions may keep their argument.
  const x = room.x.slice();
  if (kind === kinds.objective) out[0] = f.objective(x);
  else if (kind === kinds.gradient) f.gradient(x, out.subarray(0, f.variables));
  else if (kind === kinds.constraints) f.constraintValues(x, out.subarray(0, f.constraints));
  else if (kind === kinds.jacobian) f.jacobianValues(x, out.subarray(0, f.jacobian.rowIndices.length));
  else f.hessianValues!(x, room.sigma[0], room.multipliers.slice(), out.subarray(0, f.hessian!.rowIndices.length));
}

answerMessages<ProgramMessage, ProgramReply>(async (message, post) => {
  if ('module' in message) return load(message.module, post);
  const room = new Room(message.memory);
  room.serve((kind) => evaluate(room, kind));
});
