import { expect, test } from 'vitest';
import { Filter } from './filter.ts';

const from = { theta: 1, phi: 10, slope: 1 };

/** A step that the filter shortens once, by a pair of long ago, before it accepts one. */
function shortened(filter: Filter): void {
  expect(filter.accepts(from, 1, 0.9, 9)).toBe(false);
  expect(filter.accepts(from, 0.5, 0.1, 9)).toBe(true);
  filter.record(from, 0.5, 9);
}

test('a filter that shortened five steps in a row is emptied, and that at most five times', () => {
  const filter = new Filter(1);
  for (let reset = 0; reset < 6; reset++) {
    filter.add({ theta: 0.5, phi: 5, slope: 0 });
    for (let k = 0; k < 5; k++) shortened(filter);
    expect(filter.accepts(from, 1, 0.9, 9), `after ${reset} resets`).toBe(reset < 5);
  }
});

test('steps that other conditions shorten do not count', () => {
  const filter = new Filter(1);
  filter.add({ theta: 0.5, phi: 5, slope: 0 });
  for (let k = 0; k < 10; k++) {
    expect(filter.accepts(from, 1, 0.9, 9)).toBe(false);
    // No progress from the point itself.
    expect(filter.accepts(from, 0.5, 1, 11)).toBe(false);
    expect(filter.accepts(from, 0.25, 0.1, 9)).toBe(true);
    filter.record(from, 0.25, 9);
  }
  expect(filter.accepts(from, 1, 0.9, 9)).toBe(false);
});
