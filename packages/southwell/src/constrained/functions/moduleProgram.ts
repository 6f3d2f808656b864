import { openWorker, SouthwellError, stoppedBy, type WorkerPort } from '@southwell/numerics/core';
import type { SparseFunctions } from '@southwell/numerics/expressions';
import type { NonlinearProgram } from '../nonlinear/program.ts';
import { StoppedEvaluation } from '../nonlinear/stopped.ts';
import { type Facts, type Kind, kinds, type ProgramMessage, type ProgramReply, Room } from './messages.ts';

/** How long a call waits before it looks at the signal again, in milliseconds. */
const TURN = 20;

/** A program whose functions run in a worker, which a stop ends even in the midst of an evaluation. */
export interface ModuleProgram {
  readonly program: NonlinearProgram;
  readonly sense: 'minimize' | 'maximize';
  /** Ends the worker. */
  close(): void;
}

/**
 * The default export of a module as a program: an object with the functions of {@link GivenFunctions}, and with bounds,
 * sides, start and names as a program has them. Node only, outside of the main thread of a page: calls block.
 * @param module An absolute URL.
 * @param signal Ends evaluations: the run then ends with its last point.
 * @throws INVALID_PARAMETER, as a rejected promise, for a module that cannot be loaded or exports something else.
 */
export async function moduleProgram(module: string, signal?: AbortSignal): Promise<ModuleProgram> {
  let port: WorkerPort | undefined;
  let receive: (reply: ProgramReply) => void = () => {};
  const loaded = new Promise<Facts>((resolve, reject) => {
    receive = (reply) =>
      'facts' in reply
        ? resolve(reply.facts)
        : reject(new SouthwellError('INVALID_PARAMETER', `The module ${module} cannot be used: ${reply.error}.`));
  });
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => {});
  port = await openWorker<ProgramReply>(
    import.meta.url,
    './programWorker.js',
    () => new Worker(new URL('./programWorker.js', import.meta.url), { type: 'module' }),
    (reply) => receive(reply),
    (error) => fail(error),
  );
  const close = () => port.close();
  port.post({ module } satisfies ProgramMessage);
  try {
    const facts = await Promise.race([loaded, failed]);
    const room = Room.create(facts);
    port.post({ memory: room.memory } satisfies ProgramMessage);
    const call = calls(module, room, close, signal);
    return { program: { ...facts.data, functions: functionsIn(facts, room, call) }, sense: facts.sense, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A function that has the worker evaluate at the point in the room, and waits. */
function calls(module: string, room: Room, close: () => void, signal?: AbortSignal): (kind: Kind) => void {
  return (kind) => {
    room.request(kind);
    while (!room.wait(TURN)) {
      if (!signal?.aborted) continue;
      close();
      throw new StoppedEvaluation(stoppedBy(signal));
    }
    const error = room.error();
    if (error !== undefined) throw new SouthwellError('OBJECTIVE', `A function of ${module} failed: ${error}`);
  };
}

function functionsIn(facts: Facts, room: Room, call: (kind: Kind) => void): SparseFunctions {
  const { variables, constraints, jacobian, hessian } = facts;
  const at = (x: Float64Array, kind: Kind): Float64Array => {
    room.x.set(x);
    call(kind);
    return room.out;
  };
  return {
    ...{ variables, constraints, jacobian },
    objective: (x) => at(x, kinds.objective)[0],
    gradient: (x, out) => out.set(at(x, kinds.gradient).subarray(0, out.length)),
    constraintValues: (x, out) => out.set(at(x, kinds.constraints).subarray(0, out.length)),
    jacobianValues: (x, out) => out.set(at(x, kinds.jacobian).subarray(0, out.length)),
    ...(hessian && {
      hessian,
      hessianValues(x: Float64Array, sigma: number, multipliers: Float64Array, out: Float64Array) {
        room.sigma[0] = sigma;
        room.multipliers.set(multipliers);
        out.set(at(x, kinds.hessian).subarray(0, out.length));
      },
    }),
  };
}
