const tables: Uint32Array[] = [];
for (let t = 0; t < 4; t++) {
  const table = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    if (t === 0) {
      let c = n;
      for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
      table[n] = c;
    } else {
      const c = tables[t - 1][n];
      table[n] = tables[0][c & 255] ^ (c >>> 8);
    }
  }
  tables.push(table);
}

/**
 * CRC-32 as in gzip and ZIP (RFC 1952, section 8), four bytes per step; `previous` continues the checksum of a
 * preceding part. O(bytes).
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  const [t0, t1, t2, t3] = tables;
  let c = ~previous;
  let k = 0;
  for (const end = bytes.length - 3; k < end; k += 4) {
    c ^= bytes[k] | (bytes[k + 1] << 8) | (bytes[k + 2] << 16) | (bytes[k + 3] << 24);
    c = t3[c & 255] ^ t2[(c >>> 8) & 255] ^ t1[(c >>> 16) & 255] ^ t0[c >>> 24];
  }
  for (; k < bytes.length; k++) c = t0[(c ^ bytes[k]) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}
