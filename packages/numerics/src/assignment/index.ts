export { type Assignment, type AssignOptions, assign } from './assign.ts';
export { InfeasibleAssignment } from './infeasible.ts';
