export { multiply, multiplyTransposed } from './products.ts';
