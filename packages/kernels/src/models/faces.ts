import type { FacesKernels } from '../generated/models/kernels.ts';
import type { Heap } from '../heap.ts';
import type { Kernels } from '../kernels.ts';

const DEPENDENT = 1e-10;
const SINGLY = 4;
const MOST_UPDATES = 500;

export function faces(
  heap: Heap,
  {
    addColumns,
    cholAppend,
    cholDelete,
    cholSolve,
  }: Pick<Kernels, 'addColumns' | 'cholAppend' | 'cholDelete' | 'cholSolve'>,
): FacesKernels {
  // Long because it mirrors a module of the assembly: one record of its kernels, over one memory.
  /** The arrays of a penalty block and of b, each a view. */
  const parts = (ldg: number, penalty: number) => {
    const array = (i: number) => heap.f64.subarray((penalty >>> 3) + i * ldg, (penalty >>> 3) + (i + 1) * ldg);
    return { a1: array(0), ridge: array(1), lower: array(3), upper: array(4) };
  };
  return {
    faceRows(m, G, ldg, b, penalty, index) {
      const { a1, lower, upper } = parts(ldg, penalty);
      const a = heap.f64;
      let k = 0;
      for (let j = 0; j < m; j++) {
        const x = a[(b >>> 3) + j];
        const smooth = x !== 0 || !(a1[j] > 0);
        if (smooth && x > lower[j] && x < upper[j] && a[(G >>> 3) + j * ldg + j] > 0) heap.i32[(index >>> 2) + k++] = j;
      }
      return k;
    },

    faceStep(m, k, index, L, ldl, G, ldg, q, b, penalty, work) {
      const { a1, ridge, lower, upper } = parts(ldg, penalty);
      const a = heap.f64;
      const face = Array.from(heap.i32.subarray(index >>> 2, (index >>> 2) + k));
      const [x, gradient] = [a.subarray(b >>> 3, (b >>> 3) + m), a.subarray(q >>> 3, (q >>> 3) + m)];
      const d = a.subarray(work >>> 3, (work >>> 3) + k);
      const [deltaAt, productAt] = [work + 8 * ldg, work + 16 * ldg];
      const delta = a.subarray(deltaAt >>> 3, (deltaAt >>> 3) + k);
      const product = a.subarray(productAt >>> 3, (productAt >>> 3) + m);
      const trial = (t: number, atKink = -1) => {
        let clipped = false;
        let change = 0;
        face.forEach((j, c) => {
          let next = x[j] + t * d[c];
          if (a1[j] > 0 && (next * x[j] < 0 || (c === atKink && x[j] * d[c] < 0))) {
            next = 0;
            clipped = true;
          }
          if (next < lower[j] || next > upper[j]) {
            next = next < lower[j] ? lower[j] : upper[j];
            clipped = true;
          }
          delta[c] = next - x[j];
          change += a1[j] * (Math.abs(next) - Math.abs(x[j])) + 0.5 * ridge[j] * (next * next - x[j] * x[j]);
          change -= gradient[j] * delta[c];
        });
        product.fill(0);
        addColumns(m, k, index, G, ldg, 1, deltaAt, productAt);
        face.forEach((j, c) => {
          change += 0.5 * delta[c] * product[j];
        });
        return { change, clipped };
      };
      const take = () => {
        face.forEach((j, c) => {
          x[j] += delta[c];
        });
        for (let j = 0; j < m; j++) gradient[j] -= product[j];
      };
      face.forEach((j, c) => {
        d[c] = gradient[j] - a1[j] * Math.sign(x[j]) - ridge[j] * x[j];
      });
      cholSolve(k, L, ldl, work);
      if (!d.every(Number.isFinite)) return 3;
      let t = 1;
      for (let tries = 0; tries < 8; tries++, t /= 2) {
        const { change, clipped } = trial(t);
        const whole = t === 1 && !clipped;
        if (!(change < 0 || whole)) continue;
        take();
        return whole ? 0 : 1;
      }
      const breaks = face.map((j, c) => {
        const kink = a1[j] > 0 && x[j] * d[c] < 0;
        return ((kink ? 0 : d[c] < 0 ? lower[j] : upper[j]) - x[j]) / d[c];
      });
      const length = Math.min(...breaks.filter((far) => !Number.isNaN(far)));
      if (length > t || !(trial(length, breaks.indexOf(length)).change < 0)) return 3;
      take();
      return 2;
    },

    followFactor(k, index, G, ldg, ridge, L, ldl, lists, ridges, marks) {
      const [a, words] = [heap.f64, heap.i32];
      const counts = words.subarray(lists >>> 2, (lists >>> 2) + 4);
      const rows = words.subarray((lists >>> 2) + 4, (lists >>> 2) + 4 + ldl);
      const known = a.subarray(ridges >>> 3, (ridges >>> 3) + ldl);
      let size = counts[0];
      if (size === 0) return 0;
      counts[0] = 0;
      const call = ++counts[1];
      const mark = words.subarray(marks >>> 2, (marks >>> 2) + ldg);
      const asked = words.subarray(index >>> 2, (index >>> 2) + k);
      for (const j of asked) mark[j] = call;
      let kept = 0;
      for (let r = 0; r < size; r++) {
        if (mark[rows[r]] !== call) continue;
        if (known[r] !== a[(ridge >>> 3) + rows[r]]) return 0;
        mark[rows[r]] = -call;
        kept++;
      }
      const wanted = Array.from(asked).filter((j) => mark[j] === call);
      const few = k / 40 + 1;
      if (size - kept > few || wanted.length > Math.max(few, k / 3) || k > ldl) return 0;
      counts[2] += size - kept + 1;
      if (counts[2] > MOST_UPDATES) return 0;
      for (let r = size - 1; r >= 0; r--) {
        if (mark[rows[r]] === -call) continue;
        cholDelete(size, L, ldl, r);
        rows.copyWithin(r, r + 1, size);
        known.copyWithin(r, r + 1, size);
        size--;
      }
      if (wanted.length > SINGLY) {
        words.set(wanted, (lists >>> 2) + 4 + ldl);
        counts[0] = size;
        counts[3] = wanted.length;
        return 2;
      }
      const column = ridges + 8 * ldl;
      for (const j of wanted) {
        const g = (G >>> 3) + j * ldg;
        for (let r = 0; r < size; r++) a[(column >>> 3) + r] = a[g + rows[r]];
        const more = a[(ridge >>> 3) + j];
        const diagonal = a[g + j] + more;
        a[(column >>> 3) + size] = diagonal;
        if (!(cholAppend(size, L, ldl, column) > DEPENDENT * diagonal)) return 0;
        rows[size] = j;
        known[size++] = more;
      }
      counts[0] = size;
      asked.set(rows.subarray(0, size));
      return 1;
    },
  };
}
