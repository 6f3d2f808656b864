// The interpreters of the peers, and their environment.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** One thread each, without environment variables that make a BLAS assume another processor. */
export const environment: NodeJS.ProcessEnv = {
  ...process.env,
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  NUMBA_NUM_THREADS: '1',
  PYTHONWARNINGS: 'ignore',
};
for (const name of ['OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE', 'NVPL_BLAS_DEBUG_CPU_TYPE']) delete environment[name];

/** SOUTHWELL_PYTHON, or the system's python3 (with Debian's packages), or the first on the PATH. */
export const python = {
  command: process.env.SOUTHWELL_PYTHON ?? (existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'),
};

/** The peers' installed modules and packages, with their versions. */
export function findVersions(): Record<string, string> {
  const versions: Record<string, string> = {};
  const script = `
import importlib
for name in ['sklearn', 'pandas', 'adelie', 'celer', 'skglm', 'blitzl1', 'numpy', 'numba']:
    try: print('@', name, getattr(importlib.import_module(name), '__version__', '?'))
    except Exception: pass
import sys; print('@ python', sys.version.split()[0])`;
  const out = spawnSync(python.command, ['-c', script], { env: environment, encoding: 'utf8' }).stdout ?? '';
  const r = `for (p in c("glmnet", "Matrix")) if (requireNamespace(p, quietly = TRUE)) cat("@", p, as.character(packageVersion(p)), "\\n")`;
  const rOut = spawnSync('Rscript', ['-e', r], { env: environment, encoding: 'utf8' }).stdout ?? '';
  for (const line of `${out}\n${rOut}`.split('\n')) {
    const [mark, name, version] = line.trim().split(/\s+/);
    if (mark === '@') versions[name] = version;
  }
  return versions;
}
