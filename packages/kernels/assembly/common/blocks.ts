// Lengths of blocks.

// @ts-ignore: decorator
@inline
export function roundUp(n: i32, step: i32): i32 { return (n + step - 1) / step * step; }

/** The length of blocks that cut n into parts as even as the step allows, none above `most`, its multiple: short ones are slow. */
export function evenly(n: i32, most: i32, step: i32): i32 {
  const count = max(1, (n + most - 1) / most);
  return max(step, roundUp((n + count - 1) / count, step));
}
