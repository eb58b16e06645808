/**
 * The SIMD peak probe: twelve independent f32x4 accumulators, each multiplied and added to once an iteration. Twelve, because
 * eight leave the units waiting for each other's results (a multiply-add chain is about six cycles long).
 */

import wabt from "wabt";

const ACCUMULATORS = 12;

/** @returns {Promise<Uint8Array>} a module exporting `burst(iterations) -> f32` and `flops_per_iteration` */
export async function assemble() {
  const locals = Array.from({ length: ACCUMULATORS }, (_, i) => `$a${i}`);
  const each = (f) => locals.map(f).join("\n");
  const text = `
(module
  (global (export "flops_per_iteration") i32 (i32.const ${ACCUMULATORS * 4 * 2}))
  (func (export "burst") (param $n i32) (result f32)
    ${each((a) => `(local ${a} v128)`)} (local $x v128) (local $y v128)
    (local.set $x (f32x4.splat (f32.const 0.999)))
    (local.set $y (f32x4.splat (f32.const 0.001)))
    ${each((a, i) => `(local.set ${a} (f32x4.splat (f32.const ${1 + i / 16})))`)}
    (loop $again
      ${each((a) => `(local.set ${a} (f32x4.add (f32x4.mul (local.get ${a}) (local.get $x)) (local.get $y)))`)}
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (f32x4.extract_lane 0
      ${locals.reduce((sum, a) => (sum ? `(f32x4.add ${sum} (local.get ${a}))` : `(local.get ${a})`), "")})))`;
  const module = (await wabt()).parseWat("probe.wat", text, { simd: true });
  return module.toBinary({}).buffer;
}
