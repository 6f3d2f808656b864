/** Maximum number of evaluations that are kept for drawing. */
const MOST = 1000;

/** One evaluation of several, `number` counted from 1. */
export interface Evaluation {
  readonly number: number;
  readonly x: ReadonlyArray<number | string>;
  readonly value: number;
}

/** Records evaluations for drawing: in order, thinned if there are many, and each new best one. */
export class Recorder {
  private kept: Evaluation[] = [];
  /** Interval at which evaluations are kept. */
  private stride = 1;
  private count = 0;
  private readonly improved: Evaluation[] = [];

  tell(x: ArrayLike<number | string>, value: number): void {
    const number = ++this.count;
    const best = this.improved.at(-1)?.value ?? Number.POSITIVE_INFINITY;
    const [keeps, improves] = [number % this.stride === 0, value < best];
    if (!keeps && !improves) return;
    const evaluation = { number, x: Array.from(x), value };
    if (improves) this.improved.push(evaluation);
    if (!keeps) return;
    this.kept.push(evaluation);
    if (this.kept.length < MOST) return;
    this.stride *= 2;
    this.kept = this.kept.filter((e) => e.number % this.stride === 0);
  }

  get evaluations(): readonly Evaluation[] {
    return this.kept;
  }

  /** Values below all earlier ones, and the last evaluation with the best value. */
  get improvements(): ReadonlyArray<{ readonly number: number; readonly value: number }> {
    const last = this.improved.at(-1);
    if (!last) return [];
    const step = Math.ceil(this.improved.length / MOST);
    const some = this.improved.filter((_, k) => k % step === 0 || k === this.improved.length - 1);
    return [...some, ...(last.number < this.count ? [{ number: this.count, value: last.value }] : [])];
  }

  get best(): Evaluation | undefined {
    return this.improved.at(-1);
  }
}
