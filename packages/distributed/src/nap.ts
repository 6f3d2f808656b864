const bed = typeof SharedArrayBuffer === 'undefined' ? undefined : new Int32Array(new SharedArrayBuffer(4));

/** Sleeps for so many milliseconds; where a thread may not, as that of a page, it does not. */
export function nap(milliseconds: number): void {
  try {
    if (bed) Atomics.wait(bed, 0, 0, milliseconds);
  } catch {}
}
