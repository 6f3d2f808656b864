import { stoppedBy } from '@southwell/numerics/core';
import type { TaskTools } from '../declaration/task.ts';
import { count } from '../format.ts';
import { RankMail } from '../spread/rankMail.ts';
import type { JobRanks } from '../spread/ranks.ts';
import type { Objective, Point, Value } from './objective.ts';
import type { Minimum } from './result.ts';

/** Messages from rank 0 to the others. */
type Order =
  | { readonly kind: 'evaluate'; readonly call: number; readonly x: Point }
  /** The value is no longer needed. */
  | { readonly kind: 'drop'; readonly call: number }
  | { readonly kind: 'end'; readonly found: Minimum };

/** Their replies. */
type Answer =
  | { readonly kind: 'value'; readonly call: number; readonly value: Value }
  | { readonly kind: 'failed'; readonly call: number; readonly message: string }
  /** This rank was asked to stop. */
  | { readonly kind: 'stop' };

/** The other ranks as seen by rank 0: additional places to evaluate. */
export interface Helpers {
  /**
   * Like the objective of this rank, but evaluated on the rank with the fewest evaluations under way; this one in case
   * of ties.
   */
  readonly f: Objective['f'];
  /** Aborts when any rank is asked to stop, or one is lost. */
  readonly signal: AbortSignal;
  /** Ends the work of the other ranks: all ranks receive the result. Throws if a rank is lost. */
  end(found: Minimum): Promise<void>;
  /** Abandons the other ranks after an error; returns it, or the reason why a rank was lost. */
  abandon(error: unknown): unknown;
}

export function helpers(objective: Objective, ranks: JobRanks, own: AbortSignal): Helpers {
  const waiting = new Map<number, { resolve(value: Value): void; reject(error: Error): void }>();
  /** Number of evaluations under way, by rank. */
  const load = new Array<number>(ranks.size).fill(0);
  const stop = new AbortController();
  const aborted = () => stop.abort(own.reason);
  own.addEventListener('abort', aborted);
  if (own.aborted) aborted();
  let loss: { readonly error: unknown } | undefined;
  const others = Array.from({ length: ranks.size - 1 }, (_, k) => k + 1);
  const mail = new RankMail(ranks, others, {
    hear(letter) {
      const answer = letter as Answer;
      if (answer.kind === 'stop') return stop.abort();
      const call = waiting.get(answer.call);
      if (!call) return;
      if (answer.kind === 'value') call.resolve(answer.value);
      else call.reject(new Error(answer.message));
    },
    lost(error) {
      loss = { error };
      stop.abort(error);
    },
  });
  let calls = 0;
  const there = async (rank: number, x: Point, signal?: AbortSignal): Promise<Value> => {
    const call = calls++;
    load[rank]++;
    const drop = () => mail.send(rank, { kind: 'drop', call } satisfies Order);
    signal?.addEventListener('abort', drop, { once: true });
    try {
      return await new Promise<Value>((resolve, reject) => {
        waiting.set(call, { resolve, reject });
        mail.send(rank, { kind: 'evaluate', call, x } satisfies Order);
      });
    } finally {
      signal?.removeEventListener('abort', drop);
      waiting.delete(call);
      load[rank]--;
    }
  };
  const here = (x: Point, signal?: AbortSignal): Value | Promise<Value> => {
    const value = objective.f(x, signal);
    if (!(value instanceof Promise)) return value;
    load[0]++;
    return value.finally(() => {
      load[0]--;
    });
  };
  return {
    f: (x, signal) => {
      const rank = load.indexOf(Math.min(...load));
      return rank === 0 ? here(x, signal) : there(rank, x, signal);
    },
    signal: stop.signal,
    async end(found) {
      own.removeEventListener('abort', aborted);
      if (loss) throw loss.error;
      for (const rank of others) mail.send(rank, { kind: 'end', found } satisfies Order);
      await mail.close();
    },
    abandon(error) {
      mail.abandon();
      return loss ? loss.error : error;
    },
  };
}

/**
 * The work of the other ranks: evaluate the points that rank 0 requests, until it ends the search; returns its result.
 */
export function help(
  objective: Objective,
  ranks: JobRanks,
  tools: Pick<TaskTools, 'signal' | 'progress'>,
): Promise<Minimum> {
  const { signal: own, progress } = tools;
  let done = 0;
  const underWay = new Map<number, AbortController>();
  let ended = false;
  return new Promise((resolve, reject) => {
    const mail = new RankMail(ranks, [0], {
      hear(letter) {
        const order = letter as Order;
        if (order.kind === 'evaluate') void evaluate(order.call, order.x);
        else if (order.kind === 'drop') underWay.get(order.call)?.abort();
        else {
          ended = true;
          own.removeEventListener('abort', stop);
          for (const controller of underWay.values()) controller.abort();
          mail.close().then(() => resolve(order.found), reject);
        }
      },
      lost: reject,
    });
    // A time limit is for the clock of the first rank.
    const stop = () => {
      if (stoppedBy(own) !== 'time-limit') mail.send(0, { kind: 'stop' } satisfies Answer);
    };
    own.addEventListener('abort', stop);
    if (own.aborted) stop();
    const evaluate = async (call: number, x: Point): Promise<void> => {
      const controller = new AbortController();
      underWay.set(call, controller);
      let answer: Answer;
      try {
        answer = { kind: 'value', call, value: await objective.f(x, controller.signal) };
      } catch (error) {
        answer = { kind: 'failed', call, message: error instanceof Error ? error.message : String(error) };
      }
      underWay.delete(call);
      progress({ text: `${count(++done, 'evaluation')} of its own` });
      // Also a cancelled one: until it replies, its place is taken.
      if (!ended) mail.send(0, answer);
    };
  });
}
