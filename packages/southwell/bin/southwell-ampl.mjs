#!/usr/bin/env node
// The solver that AMPL, Pyomo and JuMP call.
process.argv.splice(2, 0, 'ampl');
await import('./southwell.mjs');
