// Blocks of a matrix as products read them. Their sizes are known to gemmWorkBytes in src/work.ts.

export const KC: i32 = 256;
export const MC: i32 = 128;
export const NC: i32 = 1024;

/** Packs rows × depth of a matrix with strides (rs, cs) into panels of `width` rows, depth-major, padded with zeros. */
export function pack<T>(rows: i32, depth: i32, a: usize, rs: usize, cs: usize, width: i32, out: usize): void {
  // Long because each of its loops is one order of memory, written out so that it runs in registers.
  const bytes = <usize>sizeof<T>();
  for (let i = 0; i < rows; i += width) {
    const w = min(width, rows - i);
    const panel = a + <usize>i * rs;
    const step = <usize>width * bytes;
    if (w == width && rs == bytes) {
      // Contiguous rows: whole vectors. A panel is one, two or eight vectors wide.
      let from = panel, to = out;
      if (step > 32) {
        for (let p = 0; p < depth; p++) {
          for (let at: usize = 0; at != step; at += 16) v128.store(to + at, v128.load(from + at));
          from += cs;
          to += step;
        }
      } else if (step == 32) {
        for (let p = 0; p < depth; p++) {
          v128.store(to, v128.load(from));
          v128.store(to, v128.load(from, 16), 16);
          from += cs;
          to += 32;
        }
      } else {
        for (let p = 0; p < depth; p++) {
          v128.store(to, v128.load(from));
          from += cs;
          to += 16;
        }
      }
    } else if (sizeof<T>() == 8 && w == 4 && width == 4 && cs == bytes) {
      // Four rows that are contiguous in depth, two steps at a time.
      let r0 = panel, r1 = r0 + rs, r2 = r1 + rs, r3 = r2 + rs, to = out;
      const even = out + (<usize>(depth & ~1) << 5);
      while (to != even) {
        const v0 = v128.load(r0), v1 = v128.load(r1), v2 = v128.load(r2), v3 = v128.load(r3);
        v128.store(to, v128.shuffle<f64>(v0, v1, 0, 2));
        v128.store(to, v128.shuffle<f64>(v2, v3, 0, 2), 16);
        v128.store(to, v128.shuffle<f64>(v0, v1, 1, 3), 32);
        v128.store(to, v128.shuffle<f64>(v2, v3, 1, 3), 48);
        r0 += 16;
        r1 += 16;
        r2 += 16;
        r3 += 16;
        to += 64;
      }
      if (depth & 1) {
        store<f64>(to, load<f64>(r0));
        store<f64>(to, load<f64>(r1), 8);
        store<f64>(to, load<f64>(r2), 16);
        store<f64>(to, load<f64>(r3), 24);
      }
    } else if (sizeof<T>() == 4 && w == width && cs == bytes) {
      // The same of f32, four rows by four steps, each a square that is transposed.
      for (let r = 0; r < width; r += 4) {
        let r0 = panel + <usize>r * rs, r1 = r0 + rs, r2 = r1 + rs, r3 = r2 + rs, to = out + (<usize>r << 2);
        for (let p = depth >> 2; p > 0; p--) {
          const v0 = v128.load(r0), v1 = v128.load(r1), v2 = v128.load(r2), v3 = v128.load(r3);
          const low0 = v128.shuffle<f32>(v0, v1, 0, 4, 1, 5), low2 = v128.shuffle<f32>(v2, v3, 0, 4, 1, 5);
          const high0 = v128.shuffle<f32>(v0, v1, 2, 6, 3, 7), high2 = v128.shuffle<f32>(v2, v3, 2, 6, 3, 7);
          v128.store(to, v128.shuffle<f64>(low0, low2, 0, 2));
          to += step;
          v128.store(to, v128.shuffle<f64>(low0, low2, 1, 3));
          to += step;
          v128.store(to, v128.shuffle<f64>(high0, high2, 0, 2));
          to += step;
          v128.store(to, v128.shuffle<f64>(high0, high2, 1, 3));
          to += step;
          r0 += 16;
          r1 += 16;
          r2 += 16;
          r3 += 16;
        }
        for (let p = depth & 3; p > 0; p--) {
          store<f32>(to, load<f32>(r0));
          store<f32>(to, load<f32>(r1), 4);
          store<f32>(to, load<f32>(r2), 8);
          store<f32>(to, load<f32>(r3), 12);
          to += step;
          r0 += 4;
          r1 += 4;
          r2 += 4;
          r3 += 4;
        }
      }
    } else {
      // One row at a time: contiguous in depth where the matrix is transposed.
      for (let r = 0; r < w; r++) {
        let from = panel + <usize>r * rs, to = out + <usize>r * bytes;
        for (let p = 0; p < depth; p++) {
          store<T>(to, load<T>(from));
          from += cs;
          to += step;
        }
      }
      for (let r = w; r < width; r++) {
        let to = out + <usize>r * bytes;
        for (let p = 0; p < depth; p++) {
          store<T>(to, 0);
          to += step;
        }
      }
    }
    out += <usize>depth * step;
  }
}
