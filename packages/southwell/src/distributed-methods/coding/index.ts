export { type GradientCode, type GradientCodeOptions, gradientCode } from './gradientCode.ts';
