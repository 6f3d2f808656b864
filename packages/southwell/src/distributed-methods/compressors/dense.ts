import type { Compressor } from './compressor.ts';
import { joined, largestMagnitude, nothing, readTag, readValues, tagOf, valueBytes } from './message.ts';

/** All entries as they are, in 64 bits each after a byte that says so: δ = 1, q = 1. O(length). */
export function identity(): Compressor {
  return {
    name: 'identity',
    delta: () => 1,
    secondMoment: () => 1,
    memory: () => 0,
    compress: (v) =>
      largestMagnitude(v) === 0 ? nothing() : joined([tagOf('identity', 0, 'f64')], valueBytes(v, 'f64')),
    restore(message, into) {
      into.fill(0);
      if (message.length === 0) return;
      const { precision } = readTag('identity', message);
      into.set(readValues(message, 1, into.length, precision));
    },
  };
}
