export * from './arrays/index.ts';
export * from './core/index.ts';
export * from './linear-models/index.ts';
