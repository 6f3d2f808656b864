import { readFileSync } from 'node:fs';
const c0=process.cpuUsage(); const u=(c=process.cpuUsage(c0))=>((c.user+c.system)/1000).toFixed(0);
const { lasso } = await import('southwell');
const rows = readFileSync('/tmp/small.csv','utf8').trim().split('\n').slice(1).map(l=>l.split(',').map(Number));
const X = rows.map(r=>r.slice(0,10)), y = rows.map(r=>r[10]);
const a=u(); const cv = await lasso().crossValidate(X, y, { folds: 10, threads: 1 });
const b=u(); for (let k=0;k<20;k++) await lasso().crossValidate(X, y, { folds: 10, threads: 1 }); console.error(a,b,(u()-b)/20);
