/* The setting in which the models' kernels, the very text that processors run, become a GPU's: one component a thread. Include with
 * NK_BITS 64 or 32. What is named nkd_ is this package's; jobs are laid out by the Go side (layout.go), which names every field in
 * the same order.
 */
#define NK_DEVICE
#define restrict __restrict__
#define NK_INLINE static __device__ __forceinline__
#define NKD static __device__ __forceinline__
#define NKD_KERNEL extern "C" __global__ void
#if NK_BITS == 64
#define NKD_NAME(name) nkd_##name##_f64
#else
#define NKD_NAME(name) nkd_##name##_f32
#endif

#ifdef __CUDACC_RTC__
#define __builtin_fma fma
#define __builtin_fmaf fmaf
#define __builtin_fabs fabs
#define __builtin_fabsf fabsf
#define __builtin_copysign copysign
#define __builtin_copysignf copysignf
#define __builtin_sqrt __dsqrt_rn
#define __builtin_sqrtf __fsqrt_rn
#define __builtin_floor floor
#define __builtin_floorf floorf
#define __builtin_inf() __longlong_as_double(0x7ff0000000000000ll)
#define __builtin_inff() __int_as_float(0x7f800000)
#define __builtin_nan(tag) __longlong_as_double(0x7ff8000000000000ll)
#define __builtin_nanf(tag) __int_as_float(0x7fc00000)
#endif

#include "nkkernel.h"
#include "nkmath.h"

/* This thread's number in the launch, and how many there are. */
NKD int64_t nkd_self(void) { return (int64_t)blockIdx.x * blockDim.x + threadIdx.x; }
NKD int64_t nkd_all(void) { return (int64_t)gridDim.x * blockDim.x; }
