import {readNl} from '@southwell/data';import {functionsOf} from '@southwell/numerics/expressions';import fs from 'fs';
const {model}=readNl(fs.readFileSync('/work/shared/data/nl_models/'+process.argv[2]));
console.log(model.rows.linear.toDense?[...model.rows.linear.values]:'',[...model.rows.linear.colPointers],[...model.rows.linear.rowIndices]);
const f=functionsOf(model);const c=new Float64Array(model.rows.names.length);const x=model.variables.start;f.constraintValues(x,c);console.log(x,f.objective(x),c,model.rows.lower,model.rows.upper,model.objective);
