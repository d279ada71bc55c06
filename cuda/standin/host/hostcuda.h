/* Lets g++ compile kernels as functions of the host, one thread after the other: for tests on machines without a GPU. There are no
 * warp operations, no shared memory and no __syncthreads. */
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

struct nkhost_dim {
	unsigned x, y, z;
};
inline thread_local nkhost_dim threadIdx, blockIdx, blockDim, gridDim;

#define __global__ __attribute__((visibility("default")))
#define __device__
#define __forceinline__ inline

static inline int atomicAdd(int32_t *p, int32_t v) { int32_t was = *p; *p += v; return was; }
static inline unsigned long long atomicAdd(unsigned long long *p, unsigned long long v) { auto was = *p; *p += v; return was; }
static inline uint32_t atomicOr(uint32_t *p, uint32_t v) { auto was = *p; *p |= v; return was; }
static inline int atomicMin(int32_t *p, int32_t v) { int32_t was = *p; *p = v < was ? v : was; return was; }

/* Runs a kernel; backwards from the last thread to the first, which must make no difference. */
extern "C" __attribute__((visibility("default"))) inline void nkhost_launch(void (*kernel)(uint64_t), uint64_t job, unsigned grid, unsigned block, int backwards);
extern "C" __attribute__((visibility("default"), used)) inline void nkhost_launch(void (*kernel)(uint64_t), uint64_t job, unsigned grid, unsigned block, int backwards)
{
	gridDim = {grid, 1, 1};
	blockDim = {block, 1, 1};
	const uint64_t all = (uint64_t)grid * block;
	for (uint64_t k = 0; k < all; k++) {
		const uint64_t i = backwards ? all - 1 - k : k;
		blockIdx = {(unsigned)(i / block), 0, 0};
		threadIdx = {(unsigned)(i % block), 0, 0};
		kernel(job);
	}
}
