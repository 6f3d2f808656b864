export * from './level1';
