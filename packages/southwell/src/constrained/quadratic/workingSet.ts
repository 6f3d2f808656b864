/** Pivots of the Gram matrix of unit vectors below which a vector depends on those before it. */
const DEPENDENT = 1e-11;

/**
 * The active constraints of a least-norm problem, with LDLᵀ of the Gram matrix of their rows and multipliers λ: u = −MᵀΛ.
 * Multipliers of upper sides are at least 0, those of lower ones at most 0; those of equations have any sign.
 */
export class WorkingSet {
  /** Of each constraint: 1 if its upper side is active, −1 for the lower one, 0 if inactive. */
  readonly side: Int8Array;
  /** The active constraints, in the order of the factor. */
  readonly members: Int32Array;
  readonly multipliers: Float64Array;
  /** Multipliers that the last step aimed at, or the direction along which they grow without end. */
  readonly direction: Float64Array;
  size = 0;
  /** Whether the row of the last member depends on those before it. */
  singular = false;
  private readonly L: Float64Array;
  private readonly D: Float64Array;
  private readonly room: number;
  private readonly scratch: Float64Array;

  constructor(
    private readonly M: Float64Array,
    private readonly n: number,
    count: number,
  ) {
    this.room = Math.min(n, count) + 1;
    const { room } = this;
    this.side = new Int8Array(count);
    this.members = new Int32Array(room);
    const values = new Float64Array(room * (room + 4));
    const part = (k: number) => values.subarray(k * room, (k + 1) * room);
    [this.multipliers, this.direction, this.D, this.scratch] = [part(0), part(1), part(2), part(3)];
    this.L = values.subarray(4 * room);
  }

  clear(): void {
    for (let k = 0; k < this.size; k++) this.side[this.members[k]] = 0;
    this.size = 0;
    this.singular = false;
  }

  /** Takes over an active set, without members that depend on others. */
  become(sides: Int8Array): void {
    let same = !this.singular;
    for (let c = 0; same && c < sides.length; c++) same = (sides[c] !== 0) === (this.side[c] !== 0);
    if (same) {
      for (let k = 0; k < this.size; k++) {
        const c = this.members[k];
        if (this.side[c] !== sides[c]) this.multipliers[k] = 0;
        this.side[c] = sides[c];
      }
      return;
    }
    this.clear();
    for (let c = 0; c < sides.length && this.size < this.room - 1; c++) {
      if (sides[c] === 0) continue;
      this.add(c, sides[c]);
      if (this.singular) this.remove(this.size - 1);
    }
  }

  add(c: number, side: number): void {
    const { M, n, L, D, room, members, size } = this;
    const row = size * room;
    const own = c * n;
    let pivot = 0;
    for (let k = 0; k < n; k++) pivot += M[own + k] * M[own + k];
    for (let i = 0; i < size; i++) {
      const other = members[i] * n;
      let sum = 0;
      for (let k = 0; k < n; k++) sum += M[own + k] * M[other + k];
      // Entries of L times D, until the row is complete.
      for (let j = 0; j < i; j++) sum -= L[row + j] * L[i * room + j];
      L[row + i] = sum;
    }
    for (let i = 0; i < size; i++) {
      const value = L[row + i] / D[i];
      pivot -= value * L[row + i];
      L[row + i] = value;
    }
    D[size] = pivot;
    this.singular = !(pivot > DEPENDENT);
    members[size] = c;
    this.multipliers[size] = 0;
    this.side[c] = side;
    this.size++;
  }

  /** Takes out a member; the factor of those behind it is updated. */
  remove(at: number): void {
    const { L, D, room, members, multipliers, scratch } = this;
    const last = this.size - 1;
    this.side[members[at]] = 0;
    for (let i = at; i < last; i++) {
      members[i] = members[i + 1];
      multipliers[i] = multipliers[i + 1];
    }
    const w = scratch;
    let weight = D[at];
    for (let i = at + 1; i <= last; i++) w[i - at - 1] = L[i * room + at];
    const wasSingular = this.singular;
    for (let j = at; j < last; j++) {
      // Rows move up, columns to the left.
      const p = w[j - at];
      const old = D[j + 1];
      const pivot = (wasSingular && j === last - 1 ? Math.max(old, 0) : old) + weight * p * p;
      const beta = pivot > 0 ? (weight * p) / pivot : 0;
      weight = pivot > 0 ? (weight * (wasSingular && j === last - 1 ? Math.max(old, 0) : old)) / pivot : weight;
      D[j] = pivot;
      for (let i = j + 1; i < last; i++) {
        const entry = L[(i + 1) * room + j + 1];
        w[i - at] -= p * entry;
        L[i * room + j] = entry + beta * w[i - at];
      }
    }
    for (let i = at; i < last; i++) for (let j = 0; j < at; j++) L[i * room + j] = L[(i + 1) * room + j];
    this.size = last;
    this.singular = last > 0 && !(D[last - 1] > DEPENDENT);
  }

  /** u ← −Mᵀλ. */
  combine(u: Float64Array, multipliers = this.multipliers): void {
    const { M, n, members, size } = this;
    u.fill(0);
    for (let i = 0; i < size; i++) {
      const value = multipliers[i];
      if (value === 0) continue;
      const at = members[i] * n;
      for (let k = 0; k < n; k++) u[k] -= value * M[at + k];
    }
  }

  /** Sets the multipliers to the optimum on an active set that was taken over, without members of the wrong sign. */
  begin(low: Float64Array, up: Float64Array): void {
    const { members, side, multipliers, direction } = this;
    for (let removed = true; removed; ) {
      removed = false;
      this.aim(low, up);
      for (let i = 0; i < this.size; i++) multipliers[i] = direction[i];
      for (let i = this.size - 1; i >= 0; i--) {
        const c = members[i];
        if (side[c] * multipliers[i] >= 0 || low[c] === up[c]) continue;
        this.remove(i);
        removed = true;
      }
    }
  }

  /** direction ← the multipliers for which the active constraints hold. */
  private aim(low: Float64Array, up: Float64Array): void {
    const { members, side, size, direction } = this;
    for (let i = 0; i < size; i++) direction[i] = -(side[members[i]] === 1 ? up[members[i]] : low[members[i]]);
    this.solve(direction);
  }

  /** b ← G⁻¹b for the Gram matrix G of the active rows. */
  solve(b: Float64Array): void {
    const { L, D, room, size } = this;
    for (let i = 0; i < size; i++) {
      let sum = b[i];
      for (let j = 0; j < i; j++) sum -= L[i * room + j] * b[j];
      b[i] = sum;
    }
    for (let i = size - 1; i >= 0; i--) {
      let sum = b[i] / D[i];
      for (let j = i + 1; j < size; j++) sum -= L[j * room + i] * b[j];
      b[i] = sum;
    }
  }

  /**
   * Moves the multipliers to the optimum on the active set. If one reaches 0 before, its constraint is taken out and the
   * result is false.
   */
  towardsOptimum(low: Float64Array, up: Float64Array): boolean {
    const { size, direction, multipliers } = this;
    this.aim(low, up);
    for (let i = 0; i < size; i++) direction[i] -= multipliers[i];
    const blocking = this.move(low, up, 1);
    if (blocking < 0) return true;
    this.remove(blocking);
    return false;
  }

  /**
   * Moves the multipliers along the null vector of the Gram matrix until one reaches 0, whose constraint is taken out.
   * False if none does: the direction then proves that no point satisfies the constraints.
   */
  alongNull(low: Float64Array, up: Float64Array): boolean {
    const { L, room, members, side, direction } = this;
    const last = this.size - 1;
    direction[last] = side[members[last]];
    for (let i = last - 1; i >= 0; i--) {
      let sum = 0;
      for (let j = i + 1; j <= last; j++) sum -= L[j * room + i] * direction[j];
      direction[i] = sum;
    }
    const blocking = this.move(low, up, Number.POSITIVE_INFINITY);
    if (blocking < 0) return false;
    this.remove(blocking);
    return true;
  }

  /** Moves along the direction, at most by `step`; returns the member that blocks, or −1. */
  private move(low: Float64Array, up: Float64Array, step: number): number {
    const { members, side, size, direction, multipliers } = this;
    let [shortest, blocking] = [step, -1];
    for (let i = 0; i < size; i++) {
      const c = members[i];
      if (low[c] === up[c]) continue;
      const s = side[c];
      if (s * (multipliers[i] + (step === 1 ? direction[i] : 0)) >= 0 && step === 1) continue;
      if (s * direction[i] >= 0) continue;
      const reach = Math.max(0, -multipliers[i] / direction[i]);
      if (reach < shortest) [shortest, blocking] = [reach, i];
    }
    if (!Number.isFinite(shortest)) return -1;
    for (let i = 0; i < size; i++) multipliers[i] += shortest * direction[i];
    if (blocking >= 0) multipliers[blocking] = 0;
    return blocking;
  }
}
