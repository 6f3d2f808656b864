export * from './arrays/index.ts';
export * from './core/index.ts';
