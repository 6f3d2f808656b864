import { SouthwellError } from '@southwell/numerics/core';
import { named } from './agreement.ts';
import type { Act, Communicator } from './communicator.ts';
import type { Operation } from './engine.ts';

/** The properties of an exchange that error messages describe. */
interface Described {
  readonly act: Act;
  readonly number: number;
  readonly group: { readonly comm: Communicator };
}

/** Describes the exchanges for one of which a rank is waiting. */
export function waiting(operations: readonly Described[]): string {
  const [first, ...others] = operations;
  if (others.length === 0) return described(first);
  return `waitAny of ${operations.length} exchanges, such as ${described(first)}`;
}

/** Describes an exchange. Ranks are those of its communicator. */
function described(operation: Described): string {
  const { act, number, group } = operation;
  const where = group.comm.id === 0 ? '' : ` of group ${group.comm.id}`;
  if (act.kind === 'send') return `send to rank ${act.to}${where} (tag ${act.tag})`;
  if (act.kind === 'receive') {
    const from = act.from === 'any' ? 'any rank' : `rank ${act.from}`;
    return `receive from ${from}${where} (tag ${act.tag})`;
  }
  return `${act.kind} (collective ${number}${where})`;
}

/** The ranks, as numbered in the world communicator, for which operations are waiting. */
export function waitedFor(operations: readonly Operation[]): readonly number[] {
  const ranks = operations.flatMap(({ current, group }) =>
    current.flatMap((m) => {
      if ('sent' in m) return m.sent ? [] : [m.to];
      if (m.received) return [];
      return m.from === 'any' ? group.members : [m.from];
    }),
  );
  return [...new Set(ranks)];
}

/**
 * The ranks responsible for the timeout of `rank`: follows the chain of waiting ranks to those that are not waiting. If
 * there are none, the ranks are in a deadlock.
 */
export function silent(rank: number, waitsFor: (rank: number) => readonly number[] | undefined): number[] {
  const seen = new Set([rank]);
  const queue = [rank];
  const found: number[] = [];
  for (const next of queue) {
    const others = waitsFor(next);
    if (!others) found.push(next);
    for (const other of others ?? []) {
      if (seen.has(other)) continue;
      seen.add(other);
      queue.push(other);
    }
  }
  return found.sort((a, b) => a - b);
}

/** Thrown if ranks do not respond in time. */
export class NoAnswerError extends SouthwellError {
  constructor(
    /** Ranks known not to respond; empty in a deadlock. */
    readonly ranks: readonly number[],
    message: string,
  ) {
    super('NO_ANSWER', message);
  }
}

/**
 * The error that `rank` throws when it has timed out: names the ranks that do not respond, with the reason if known, or
 * what others are waiting for.
 */
export function noAnswer(
  rank: number,
  what: string,
  seconds: number,
  blame: readonly number[],
  why: (rank: number) => string | undefined,
): NoAnswerError {
  const said = blame.flatMap((r) => {
    const reason = why(r);
    return reason ? [`rank ${r} ${reason}`] : [];
  });
  const reasons = said.length > 0 ? ` (${said.slice(0, 4).join(', ')})` : '';
  const verb = blame.length === 1 ? 'has not responded' : 'have not responded';
  const whose = blame.length > 0 ? `${named(blame)} ${verb}${reasons}` : 'the ranks wait for each other';
  return new NoAnswerError(blame, `Rank ${rank} has waited ${seconds} s in ${what}: ${whose}.`);
}
