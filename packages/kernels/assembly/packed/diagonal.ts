// Block-diagonal matrices: the blocks one after the other, each column after column.

/** y ← the product of `count` blocks of b × b numbers with x, of which there are n: those that are missing are 0. */
export function blocksTimes(b: i32, count: i32, blocks: usize, n: i32, x: usize, y: usize): void {
  const wide = b & ~15, bytes = <usize>b << 2;
  for (let k = 0; k < count; k++) {
    const columns = min(b, max(0, n - k * b));
    let i = 0;
    for (; i < wide; i += 16) {
      let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, at = blocks + (<usize>i << 2);
      for (let j = 0; j < columns; j++) {
        const v = v128.load32_splat(x + (<usize>j << 2));
        s0 = f32x4.add(s0, f32x4.mul(v128.load(at), v));
        s1 = f32x4.add(s1, f32x4.mul(v128.load(at, 16), v));
        s2 = f32x4.add(s2, f32x4.mul(v128.load(at, 32), v));
        s3 = f32x4.add(s3, f32x4.mul(v128.load(at, 48), v));
        at += bytes;
      }
      const to = y + (<usize>i << 2);
      v128.store(to, s0);
      v128.store(to, s1, 16);
      v128.store(to, s2, 32);
      v128.store(to, s3, 48);
    }
    for (; i < b; i++) {
      let sum: f32 = 0, at = blocks + (<usize>i << 2);
      for (let j = 0; j < columns; j++) {
        sum += load<f32>(at) * load<f32>(x + (<usize>j << 2));
        at += bytes;
      }
      store<f32>(y + (<usize>i << 2), sum);
    }
    blocks += <usize>b * bytes;
    x += bytes;
    y += bytes;
  }
}
