/** Whether the engine can run in this browser at all, found out without loading it. */

import { problem } from "./protocol.js";

/**
 * The smallest module with an instruction of SIMD: a function that splats a number over a vector and throws it away.
 * One type, one function, its code.
 */
const SIMD = [
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 4, 1, 96, 0, 0],
  ...[3, 2, 1, 0],
  ...[10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11],
];

/**
 * What is missing, as a problem; `null` where nothing is.
 *
 * @param {Pick<typeof WebAssembly, "validate">|undefined} [assembly]
 */
export function lacking(assembly = globalThis.WebAssembly) {
  if (!assembly)
    return problem(
      "no-simd",
      "This browser runs no WebAssembly here, which the engine is made of.",
      "Some browsers turn it off in a lockdown or high-security mode. Nothing can be trained without it.",
    );
  if (!assembly.validate(new Uint8Array(SIMD)))
    return problem(
      "no-simd",
      "This browser's WebAssembly has no SIMD instructions, which the engine needs.",
      "Chrome 91, Firefox 89, Safari 16.4 and later have them. Nothing can be trained without them.",
    );
  return null;
}
