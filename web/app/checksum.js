/**
 * CRC-32 (ISO 3309, as in PNG and gzip): finds every flipped bit and every burst of up to 32 bits. It is not a
 * signature: somebody who changes stored data on purpose can change the checksum as well.
 */

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** @param {...Uint8Array} parts */
export function crc32(...parts) {
  let crc = 0xffffffff;
  for (const part of parts) {
    for (const byte of part) crc = (crc >>> 8) ^ /** @type {number} */ (TABLE[(crc ^ byte) & 0xff]);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
