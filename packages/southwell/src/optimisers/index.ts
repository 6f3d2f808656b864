export { armijoSearch } from './armijo.ts';
