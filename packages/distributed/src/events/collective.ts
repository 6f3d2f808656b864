import type { StageMove } from './stages.ts';

/** A rank of a collective: the messages that it sends and receives by stages, and when it began and saw the end. */
export interface CollectiveRank {
  readonly stages: readonly (readonly StageMove[])[];
  readonly began: number;
  readonly ended: number;
}

interface Stage {
  readonly rank: number;
  readonly index: number;
  readonly moves: readonly StageMove[];
  /** Part of the stages of the rank that are over before it, and with it. */
  readonly before: number;
  readonly after: number;
  /** When it can have begun at the earliest and at the latest, and when it can have ended at the latest. */
  earliest: number;
  latest: number;
  end: number;
  readonly sent: StageMessage[];
  readonly received: StageMessage[];
}

interface StageMessage {
  readonly bytes: number;
  readonly to: number;
  readonly sender: Stage;
  receiver?: Stage;
}

/** A message of a collective; without a time of arrival, nobody received it. */
export interface CollectiveMessage {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly sent: number;
  readonly arrived: number | undefined;
}

/**
 * The times of messages within a collective, of which only beginning and end are known on each rank. What a message depends on and
 * what depends on it bound its time from both sides; between these it is put by the part of the stages that are over.
 */
export class CollectiveRun {
  private readonly ranks: readonly (readonly Stage[])[];
  private readonly inAir = new Map<string, StageMessage>();
  private readonly messages: StageMessage[] = [];
  /** Stages as they begin and end, in an order that is possible. */
  private readonly course: Array<{ readonly stage: Stage; readonly ends: boolean }> = [];

  constructor(private readonly given: readonly CollectiveRank[]) {
    this.ranks = given.map(({ stages, began, ended }, rank) =>
      stages.map((moves, index) => ({
        ...{ rank, index, moves, before: index / stages.length, after: (index + 1) / stages.length },
        ...{ earliest: began, latest: ended, end: ended, sent: [], received: [] },
      })),
    );
  }

  /** In the order of the stages of a possible run. O(messages). */
  flown(): CollectiveMessage[] {
    this.forward();
    this.backward();
    const between = (from: number, to: number, part: number) => from + Math.max(0, to - from) * part;
    return this.messages.map(({ bytes, to, sender, receiver }) => {
      const sent = between(sender.earliest, sender.latest, sender.before);
      const arrived = receiver && Math.max(sent, between(sender.earliest, receiver.end, receiver.after));
      return { from: sender.rank, to, bytes, sent, arrived };
    });
  }

  /** As fast as messages could be: none takes any time. */
  private forward(): void {
    const next = this.ranks.map(() => 0);
    const entered = new Set<Stage>();
    for (let moved = true; moved; ) {
      moved = false;
      this.ranks.forEach((stages, rank) => {
        for (let stage = stages[next[rank]]; stage; stage = stages[++next[rank]]) {
          if (!entered.has(stage)) {
            entered.add(stage);
            this.enter(stage);
            moved = true;
          }
          if (!this.leave(stage, stages[stage.index + 1])) return;
          moved = true;
        }
      });
    }
  }

  private enter(stage: Stage): void {
    this.course.push({ stage, ends: false });
    for (const { out, peer, bytes, step } of stage.moves) {
      if (!out) continue;
      const message: StageMessage = { bytes, to: peer, sender: stage };
      stage.sent.push(message);
      this.messages.push(message);
      this.inAir.set([stage.rank, peer, step].join(), message);
    }
  }

  /** False if a message is missing. */
  private leave(stage: Stage, following: Stage | undefined): boolean {
    const keys = stage.moves.filter(({ out }) => !out).map(({ peer, step }) => [peer, stage.rank, step].join());
    if (!keys.every((key) => this.inAir.has(key))) return false;
    let earliest = stage.earliest;
    for (const key of keys) {
      const message = this.inAir.get(key)!;
      this.inAir.delete(key);
      message.receiver = stage;
      stage.received.push(message);
      earliest = Math.max(earliest, message.sender.earliest);
    }
    if (following) following.earliest = earliest;
    this.course.push({ stage, ends: true });
    return true;
  }

  /** As late as the ends of all ranks allow. */
  private backward(): void {
    for (const { stage, ends } of this.course.toReversed()) {
      const following = this.ranks[stage.rank][stage.index + 1];
      if (ends) stage.end = following ? following.latest : this.given[stage.rank].ended;
      else
        stage.latest = stage.sent.reduce((least, { receiver }) => Math.min(least, receiver?.end ?? least), stage.end);
    }
  }
}
