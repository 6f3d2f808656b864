// Where the races that are not declared yet look for them.
export type { Contest, Stride } from '@southwell/tasks';
