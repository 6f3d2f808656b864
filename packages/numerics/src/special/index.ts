export * as elementary from './elementary.ts';
