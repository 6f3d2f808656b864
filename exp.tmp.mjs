import { experimentsOf } from '@southwell/papers';
const [,, n, size, seed, id]=process.argv;
for (const e of await experimentsOf(Number(n))) { if (id && e.id!==id) continue; const t0=process.cpuUsage(); const w=performance.now();
 for await (const ev of e.run({size, seed:Number(seed)})) { if (ev.kind==='verdict') console.log(e.id, ev.verdict.claim, ev.verdict.outcome, ev.verdict.measured.map(m=>`${m.quantity}=${m.value.toPrecision(4)} (${m.bar})`).join('; ')); if (ev.kind==='table' && process.env.T) {console.log(ev.title); console.table(ev.rows.slice(0,40).map(r=>Object.fromEntries(r.map((c,i)=>[ev.columns[i],c]))));} }
 const c=process.cpuUsage(t0); console.log(e.id,'cpu s',((c.user+c.system)/1e6).toFixed(1),'wall',((performance.now()-w)/1000).toFixed(1)); }
