export { fromTriangle } from './triangle.ts';
