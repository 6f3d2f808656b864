import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { readNl } from '@southwell/data';
import { functionsOf } from '@southwell/numerics/expressions';
import { nonlinearProgram, interiorPointIterates } from 'southwell/constrained';
const dir=process.env.DIR??'/work/shared/data/nl_models/';
const only=process.argv[2];
const fmt=x=>x===undefined?'-':x.toExponential(8);
for(const f of readdirSync(dir).filter(f=>f.endsWith('.nl'))){ if(only&&!f.includes(only))continue;
 let line=f.padEnd(44);
 try{
  const {model}=readNl(readFileSync(dir+f));
  const n=model.variables.names.length,m=model.rows.names.length,ints=model.variables.integer.reduce((a,b)=>a+b,0);
  line+=`${n}x${m}${ints?' int'+ints:''} `.padEnd(16);
  const functions=functionsOf(model);const sgn=model.objective.sense==='maximize'?-1:1;
  const p={functions,lower:model.variables.lower,upper:model.variables.upper,rowLower:model.rows.lower,rowUpper:model.rows.upper,start:model.variables.start};
  if(only)for(const it of interiorPointIterates(p)){console.log(it.iteration,it.objective.toExponential(8),it.primalError.toExponential(2),it.dualError.toExponential(2),Math.log10(it.mu).toFixed(1),it.stepSize.toExponential(2),it.regularisation.toExponential(1),it.dualLength.toExponential(2),it.primalLength.toExponential(2)+it.mark,it.trials);if(it.done||it.iteration>200){console.log(it.done);break;}}
  const t=performance.now();
  const s=nonlinearProgram(p,{maxIter:500,timeLimit:20,...JSON.parse(process.env.OPT??'{}')});
  line+=`${s.status} ${s.iterations} r${s.work.restorations} ${fmt(sgn*s.objective)} ${s.point.residuals.primal.toExponential(0)}/${s.point.residuals.dual.toExponential(0)}/${s.point.residuals.complementarity.toExponential(0)} ${(performance.now()-t).toFixed(0)}ms`.padEnd(80);
 }catch(e){line+=(e.code??e.stack)+' '+e.message.slice(0,90)+' ';}
 try{const o=execFileSync('ipopt',[dir+f,'-AMPL','wantsol=8','max_iter=500','print_user_options=no'],{encoding:'utf8',stdio:['ignore','pipe','pipe'],cwd:'/tmp',timeout:60000});
 const it=/Number of Iterations\.*: (\d+)/.exec(o)?.[1],ob=/Objective\.*: *(\S+) +(\S+)/.exec(o)?.[2],st=/EXIT: (.*)/.exec(o)?.[1];line+=` | ${it} ${ob} ${st}`;}catch(e){line+=' | '+(e.stdout??'').toString().trim().split('\n').pop().slice(0,60)+(e.stderr??'').toString().trim().slice(0,60);}
 console.log(line);
}
