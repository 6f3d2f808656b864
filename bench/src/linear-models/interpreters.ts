// The interpreters of the peers, and the environment they run in.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** One thread each, and none of the settings by which a BLAS can be told to mistake the processor. */
export const environment: NodeJS.ProcessEnv = {
  ...process.env,
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  NUMBA_NUM_THREADS: '1',
  PYTHONWARNINGS: 'ignore',
};
for (const name of ['OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE', 'NVPL_BLAS_DEBUG_CPU_TYPE']) delete environment[name];

/** SOUTHWELL_PYTHON, or the system's python3 (where Debian's packages are), or the first on the PATH. */
export const python = {
  command: process.env.SOUTHWELL_PYTHON ?? (existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'),
};

/** The peers' modules and packages that can be loaded, with their versions. */
export function findVersions(): Record<string, string> {
  const versions: Record<string, string> = {};
  const script = `
import importlib
for name in ['sklearn', 'adelie', 'celer', 'skglm', 'blitzl1', 'numpy', 'numba']:
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
