//! A vector of single-precision numbers, as each processor has it.
#![allow(unsafe_code, reason = "the vector instructions of a processor are unsafe: they read and write through pointers")]

/// So many numbers that one instruction works on.
///
/// # Safety
/// Everything here may only run on a processor that has the instructions; pointers have to be valid for `LANES` numbers, in `broadcast`
/// for one.
pub(super) trait Lanes: Copy {
    /// How many numbers.
    const LANES: usize;

    /// All zero.
    unsafe fn zero() -> Self;
    /// One number in every lane.
    unsafe fn broadcast(from: *const f32) -> Self;
    /// Numbers side by side.
    unsafe fn load(from: *const f32) -> Self;
    /// Writes the numbers side by side.
    unsafe fn store(self, to: *mut f32);
    /// `self + other`.
    unsafe fn plus(self, other: Self) -> Self;
    /// `self + a b`, the product rounded before it is added.
    unsafe fn plus_product(self, a: Self, b: Self) -> Self;
}

/// Without instructions for vectors, and for comparison.
#[derive(Clone, Copy)]
pub(super) struct Plain([f32; 4]);

impl Lanes for Plain {
    const LANES: usize = 4;

    #[inline(always)]
    unsafe fn zero() -> Self {
        Plain([0.0; 4])
    }

    #[inline(always)]
    unsafe fn broadcast(from: *const f32) -> Self {
        // SAFETY: the caller's pointer is valid for a number.
        Plain([unsafe { *from }; 4])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's pointer is valid for four numbers.
        Plain(unsafe { from.cast::<[f32; 4]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's pointer is valid for four numbers.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(self.0) }
    }

    #[inline(always)]
    unsafe fn plus(self, other: Self) -> Self {
        Plain(std::array::from_fn(|lane| self.0[lane] + other.0[lane]))
    }

    #[inline(always)]
    unsafe fn plus_product(self, a: Self, b: Self) -> Self {
        Plain(std::array::from_fn(|lane| self.0[lane] + a.0[lane] * b.0[lane]))
    }
}

/// The methods of a vector as the names of a processor's intrinsics.
macro_rules! lanes {
    ($vector:ty, $count:literal, $zero:expr, $broadcast:expr, $load:expr, $store:expr, $add:expr, $multiply:expr) => {
        impl Lanes for $vector {
            const LANES: usize = $count;

            #[inline(always)]
            unsafe fn zero() -> Self {
                #[allow(unused_unsafe, reason = "safe on some processors")]
                // SAFETY: the processor has the instruction, as the trait demands; so below.
                unsafe {
                    $zero
                }
            }

            #[inline(always)]
            unsafe fn broadcast(from: *const f32) -> Self {
                // SAFETY: the caller's pointer is valid for a number.
                unsafe { $broadcast(from) }
            }

            #[inline(always)]
            unsafe fn load(from: *const f32) -> Self {
                // SAFETY: the caller's pointer is valid for so many numbers.
                unsafe { $load(from) }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut f32) {
                // SAFETY: the caller's pointer is valid for so many numbers.
                unsafe { $store(to, self) }
            }

            #[inline(always)]
            unsafe fn plus(self, other: Self) -> Self {
                #[allow(unused_unsafe, reason = "safe on some processors")]
                // SAFETY: numbers only.
                unsafe {
                    $add(self, other)
                }
            }

            #[inline(always)]
            unsafe fn plus_product(self, a: Self, b: Self) -> Self {
                #[allow(unused_unsafe, reason = "safe on some processors")]
                // SAFETY: numbers only.
                unsafe {
                    $add(self, $multiply(a, b))
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use core::arch::x86_64::*;

    use super::Lanes;

    lanes!(__m128, 4, _mm_setzero_ps(), |x: *const f32| _mm_set1_ps(*x), _mm_loadu_ps, _mm_storeu_ps, _mm_add_ps, _mm_mul_ps);
    lanes!(
        __m256,
        8,
        _mm256_setzero_ps(),
        |x: *const f32| _mm256_set1_ps(*x),
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_add_ps,
        _mm256_mul_ps
    );
    lanes!(
        __m512,
        16,
        _mm512_setzero_ps(),
        |x: *const f32| _mm512_set1_ps(*x),
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_add_ps,
        _mm512_mul_ps
    );
}

#[cfg(target_arch = "aarch64")]
lanes!(
    core::arch::aarch64::float32x4_t,
    4,
    core::arch::aarch64::vdupq_n_f32(0.0),
    core::arch::aarch64::vld1q_dup_f32,
    core::arch::aarch64::vld1q_f32,
    core::arch::aarch64::vst1q_f32,
    core::arch::aarch64::vaddq_f32,
    core::arch::aarch64::vmulq_f32
);

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
lanes!(
    core::arch::wasm32::v128,
    4,
    core::arch::wasm32::f32x4_splat(0.0),
    |from: *const f32| core::arch::wasm32::v128_load32_splat(from.cast()),
    |from: *const f32| core::arch::wasm32::v128_load(from.cast()),
    |to: *mut f32, values| core::arch::wasm32::v128_store(to.cast(), values),
    core::arch::wasm32::f32x4_add,
    core::arch::wasm32::f32x4_mul
);
