import type { Pattern } from '@southwell/numerics/sparse';
import type { NonlinearProgram } from '../nonlinear/program.ts';

/** Messages to the worker: first the module, then the memory in which points and values are exchanged. */
export type ProgramMessage = { readonly module: string } | { readonly memory: RoomMemory };
export type ProgramReply = { readonly facts: Facts } | { readonly error: string };

/** What the module says besides its functions. */
export interface Facts {
  readonly variables: number;
  readonly constraints: number;
  readonly jacobian: Pattern;
  readonly hessian?: Pattern;
  readonly sense: 'minimize' | 'maximize';
  readonly data: Omit<NonlinearProgram, 'functions'>;
}

/** What is evaluated. */
export const kinds = { objective: 1, gradient: 2, constraints: 3, jacobian: 4, hessian: 5 } as const;
export type Kind = (typeof kinds)[keyof typeof kinds];

interface RoomMemory {
  readonly control: SharedArrayBuffer;
  readonly numbers: SharedArrayBuffer;
  readonly variables: number;
  readonly constraints: number;
}

/** States of the first word of the control memory, which is 0 at first. */
const [ASKED, DONE, FAILED] = [1, 2, 3];
/** Room for the text of an error, in bytes. */
const ERROR = 2048;

/** Memory that both threads see: a request, the point, the multipliers and the values. */
export class Room {
  readonly x: Float64Array;
  readonly sigma: Float64Array;
  readonly multipliers: Float64Array;
  readonly out: Float64Array;
  /** State, what is asked for, and the length of an error. */
  private readonly words: Int32Array;
  private readonly text: Uint8Array;

  constructor(readonly memory: RoomMemory) {
    const { control, numbers, variables, constraints } = memory;
    this.words = new Int32Array(control, 0, 3);
    this.text = new Uint8Array(control, 12);
    this.x = new Float64Array(numbers, 0, variables);
    this.sigma = new Float64Array(numbers, 8 * variables, 1);
    this.multipliers = new Float64Array(numbers, 8 * (variables + 1), constraints);
    this.out = new Float64Array(numbers, 8 * (variables + 1 + constraints));
  }

  static create({ variables, constraints, jacobian, hessian }: Facts): Room {
    const most = Math.max(1, variables, jacobian.rowIndices.length, hessian?.rowIndices.length ?? 0, constraints);
    const control = new SharedArrayBuffer(12 + ERROR);
    const numbers = new SharedArrayBuffer(8 * (variables + 1 + constraints + most));
    return new Room({ control, numbers, variables, constraints });
  }

  request(kind: Kind): void {
    this.words[1] = kind;
    this.set(ASKED);
  }

  /** Waits for the answer to a request. Returns whether it is there. */
  wait(milliseconds: number): boolean {
    Atomics.wait(this.words, 0, ASKED, milliseconds);
    return Atomics.load(this.words, 0) !== ASKED;
  }

  /** The text of the error with which a request ended. */
  error(): string | undefined {
    if (Atomics.load(this.words, 0) !== FAILED) return undefined;
    return new TextDecoder().decode(this.text.slice(0, this.words[2]));
  }

  /** In the worker: answers requests for ever. */
  serve(answer: (kind: Kind) => void): never {
    for (;;) {
      for (let state = Atomics.load(this.words, 0); state !== ASKED; state = Atomics.load(this.words, 0)) {
        Atomics.wait(this.words, 0, state);
      }
      try {
        answer(this.words[1] as Kind);
        this.set(DONE);
      } catch (error) {
        const bytes = new TextEncoder().encode(error instanceof Error ? error.message : String(error)).slice(0, ERROR);
        this.text.set(bytes);
        this.words[2] = bytes.length;
        this.set(FAILED);
      }
    }
  }

  private set(state: number): void {
    Atomics.store(this.words, 0, state);
    Atomics.notify(this.words, 0);
  }
}
