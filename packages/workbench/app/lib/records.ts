// What the first page loads after it has been painted.
export { experimentsOf, records } from '@southwell/papers';
