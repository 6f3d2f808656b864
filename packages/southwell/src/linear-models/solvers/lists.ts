// Loops over listed features are functions of arrays alone: these compile in a millisecond, a method with all that it
// calls in five.

/** out[t] ← values[list[t]], t < k. */
export function gather(values: Float64Array, list: Int32Array, k: number, out: Float64Array): void {
  for (let t = 0; t < k; t++) out[t] = values[list[t]];
}

/** out[list[t]] ← values[t], t < k. */
export function scatter(values: Float64Array, list: Int32Array, k: number, out: Float64Array): void {
  for (let t = 0; t < k; t++) out[list[t]] = values[t];
}
