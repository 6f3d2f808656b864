const bed = typeof SharedArrayBuffer === 'undefined' ? undefined : new Int32Array(new SharedArrayBuffer(4));

/** Sleeps for some milliseconds; returns at once in threads that must not block, such as that of a page. */
export function nap(milliseconds: number): void {
  try {
    if (bed) Atomics.wait(bed, 0, 0, milliseconds);
  } catch {}
}
