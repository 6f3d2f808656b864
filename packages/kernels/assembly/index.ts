export * from './level1';
export * from './descent';
