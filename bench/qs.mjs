import { lasso, logisticRegression } from 'southwell';
import { prepare, load } from './dist/linear-models/datasets.js';
import { gridTasks as G } from './dist/linear-models/grid.js'; import { tasks } from './dist/linear-models/tasks.js'; const gridTasks=[...G,...tasks];
const name = process.argv[2] ?? 'grid-5000x2000-sparse-path';
const task = gridTasks.find((t)=>t.name===name);
const data = await prepare(task.set); const arrays = await load(data.dir);
const alphas0 = task.shares;
const y = task.model.loss==='logistic'?arrays.labels:arrays.y; const est = (task.model.loss==='logistic'?logisticRegression:lasso)({fitIntercept:false, tol: Number(process.argv[3]??1e-6)});
const top = est.alphaMax(arrays.X, y);
const alphas = Float64Array.from(alphas0, s=>s*top);
let best=1e9;
for (let r=0;r<3;r++){ const c=process.cpuUsage(); const path=est.path(arrays.X, y,{alphas}); const u=process.cpuUsage(c); best=Math.min(best,(u.user+u.system)/1e3); if(r===2) console.log(best.toFixed(1),  ); }
