import type { Iterate } from '@southwell/numerics/core';
import type { InteriorPointIterate, NonlinearIterate } from 'southwell/constrained';
import type { TaskTools } from '../declaration/task.ts';
import { number } from '../format.ts';
import type { Instance } from './instance.ts';

/** The course of a run, for pictures. */
export interface History {
  readonly iterations: number[];
  /** By what they are errors of. */
  readonly errors: Record<string, number[]>;
  /** Values of the variables, of small models. */
  readonly points?: number[][];
}

/** Variables and rows of models whose iterates are kept. */
const SMALL = 500;
/** Numbers that are kept of them. */
const MOST = 1e6;

/** Collects the course of a run where pictures are wanted. */
export class Course {
  readonly history: History | undefined;

  constructor({ program: { names, rowNames } }: Instance, { pictures }: TaskTools) {
    if (!pictures) return;
    this.history = { iterations: [], errors: {}, ...(names.length + rowNames.length <= SMALL && { points: [] }) };
  }

  add(it: Iterate<{ readonly x: Float64Array }>, errors: Readonly<Record<string, number>>): void {
    const { history } = this;
    if (!history) return;
    history.iterations.push(it.iteration);
    for (const [name, error] of Object.entries(errors)) {
      history.errors[name] ??= [];
      history.errors[name].push(error);
    }
    const { points } = history;
    if (!points || points.length * (points[0]?.length ?? 0) > MOST) return;
    points.push(Array.from(it.snapshot().x));
  }
}

/** Reports an iterate with its columns. */
export function tell(
  { progress }: TaskTools,
  iteration: number,
  objective: number | undefined,
  columns: Readonly<Record<string, string>>,
): void {
  const text = Object.entries(columns)
    .map(([name, value]) => `${name} ${value}`)
    .join('  ');
  progress({ text, iteration, objective, columns });
}

/** The columns of Ipopt's table of iterations, as far as a method has them. */
export function columnsOf(it: NonlinearIterate | InteriorPointIterate): Record<string, string> {
  const small = (v: number) => v.toExponential(2);
  const logarithm = (v: number) => (v > 0 ? Math.log10(v).toFixed(1) : '-');
  const interior = 'mu' in it ? it : undefined;
  return {
    iter: String(it.iteration),
    objective: number(it.objective, 8),
    inf_pr: small(it.primalError),
    inf_du: small(it.dualError),
    ...(interior && { 'lg(mu)': logarithm(interior.mu) }),
    '||d||': small(it.stepSize),
    ...(interior && {
      'lg(rg)': logarithm(interior.regularisation),
      alpha_du: small(interior.dualLength),
      alpha_pr: `${small(interior.primalLength)}${interior.mark}`,
    }),
    ls: String(it.trials),
  };
}
