import type { Doing, EventRank } from '@southwell/distributed';
import { number } from '@southwell/tasks';

/** What ranks do, in words. */
export const DOING: Readonly<Record<Doing, string>> = {
  work: 'works',
  wait: 'waits',
  send: 'sends',
  idle: 'idle',
  over: 'has ended',
  stopped: 'stopped',
};

/** What is remarkable about a rank. */
export const rankWords = ({ slowness, hostile, stopped }: EventRank): string[] => [
  ...(hostile ? ['hostile'] : []),
  ...(slowness > 1 ? [`${number(slowness, 3)} × slower`] : []),
  ...(stopped !== null ? ['stops'] : []),
];

/** A time of a run, in a unit that suits its length, with as many digits as change. */
export function timeText(time: number, seconds: number): string {
  const [unit, scale] = seconds < 1e-3 ? ['µs', 1e6] : seconds < 2 ? ['ms', 1e3] : ['s', 1];
  const digits = Math.max(0, Math.min(6, 4 - Math.ceil(Math.log10(Math.max(1e-12, seconds * scale)))));
  return `${(time * scale).toFixed(digits)} ${unit}`;
}

/** Bytes in a unit that keeps their width while they grow. */
export const sizeText = (bytes: number): string =>
  bytes < 1e4 ? `${bytes} B` : bytes < 1e7 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
