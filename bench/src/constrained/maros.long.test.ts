import { fileURLToPath } from 'node:url';
import { programOf, quadraticProgram } from 'southwell/constrained';
import { expect, test } from 'vitest';
import { nameOf, qpsFiles, readQps } from './maros.ts';

const files = qpsFiles(fileURLToPath(new URL('../../../../shared/data/maros_qps', import.meta.url)));

/** Optimal values that Maros and Mészáros (1999) give. */
const published: Record<string, number> = {
  ...{ AUG3D: 5.54067726e2, AUG3DCQP: 9.93362148e2, 'CONT-050': -4.5638509, CVXQP1_S: 1.15907181e4 },
  ...{ CVXQP2_S: 8.12094048e3, CVXQP3_S: 1.19434322e4, DUAL1: 3.50129662e-2, DUAL3: 1.35755839e-1 },
  ...{ DUALC1: 6.15525083e3, DUALC5: 4.27232327e2, GENHS28: 9.27173694e-1, GOULDQP3: 2.06278397, HS21: -9.996e1 },
  ...{ HS35: 1.11111111e-1, HS51: 8.8817842e-16, HS53: 4.09302326, KSIP: 5.75797941e-1, LOTSCHD: 2.3984159e3 },
  ...{ MOSARQP2: -1.59748211e3, PRIMAL2: -3.37336761e-2, PRIMAL4: -7.46090842e-1, PRIMALC2: -3.55130769e3 },
  ...{ PRIMALC8: -1.83094298e4, QAFIRO: -1.59078179, QBEACONF: 1.64712062e5, QBRANDY: 2.83751149e4 },
  ...{ QE226: 2.12653433e2, QFFFFF80: 8.73147472e5, QGFRDXPN: 1.00790585e11, QGROW22: -1.49628953e8 },
  ...{ QISRAEL: 2.53478378e7, QPCBOEI1: 1.1503914e7, QPCSTAIR: 6.20438748e6, QPTEST: 4.371875, QSC205: -5.81395349e-3 },
  ...{ QSCAGR7: 2.68659486e7, QSCFXM2: 2.77761616e7, QSCORPIO: 1.88050955e3, QSCSD1: 8.66666667 },
  ...{ QSCSD8: 9.40763574e2, QSCTAP2: 1.7350265e3, QSEBA: 8.14818004e7, QSHARE2B: 1.17036917e4 },
  ...{ QSHIP04S: 2.42499367e6, QSIERRA: 2.37504582e7, QSTANDAT: 6.41183839e3, STADAT1: -2.8526864e7 },
  ...{ VALUES: -1.39662114, ZECEVIC2: -4.125 },
};

test.skipIf(files.length === 0)(
  'published optima of quadratic programs (needs ../shared/data/maros_qps)',
  () => {
    let precise = 0;
    for (const file of files) {
      const { status, objective, certificate } = quadraticProgram(programOf(readQps(file)).program);
      const name = nameOf(file);
      expect({ name, status }).toEqual({ name, status: 'converged' });
      const value = published[name];
      if (value !== undefined) {
        const far = Math.abs(objective - value) / Math.max(1, Math.abs(value));
        expect({ name, near: far < 1e-6 }).toEqual({ name, near: true });
      }
      if (certificate!.value <= 1e-9) precise++;
    }
    expect(precise / files.length).toBeGreaterThan(0.67);
  },
  300_000,
);
