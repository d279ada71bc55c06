/* Stands before the toolkit's cuda.h on the include path: gorgonia.org/cu calls five functions by the signatures that they had before
 * CUDA 13. With older toolkits this changes nothing. */
#include_next <cuda.h>

#ifndef NKRUN_CUDA_SHIM
#define NKRUN_CUDA_SHIM
#if CUDA_VERSION >= 13000
static inline CUmemLocation nk_location(CUdevice d)
{
	CUmemLocation l;
	l.type = d == CU_DEVICE_CPU ? CU_MEM_LOCATION_TYPE_HOST : CU_MEM_LOCATION_TYPE_DEVICE;
	l.id = d == CU_DEVICE_CPU ? 0 : d;
	return l;
}
static inline CUresult nk_cuCtxCreate(CUcontext *c, unsigned flags, CUdevice d) { return cuCtxCreate(c, 0, flags, d); }
static inline CUresult nk_cuMemAdvise(CUdeviceptr p, size_t n, CUmem_advise a, CUdevice d) { return cuMemAdvise(p, n, a, nk_location(d)); }
static inline CUresult nk_cuMemPrefetchAsync(CUdeviceptr p, size_t n, CUdevice d, CUstream s) { return cuMemPrefetchAsync(p, n, nk_location(d), 0, s); }
static inline CUresult nk_cuGraphAddDependencies(CUgraph g, const CUgraphNode *from, const CUgraphNode *to, size_t n) { return cuGraphAddDependencies(g, from, to, 0, n); }
static inline CUresult nk_cuGraphGetEdges(CUgraph g, CUgraphNode *from, CUgraphNode *to, size_t *n) { return cuGraphGetEdges(g, from, to, 0, n); }
#undef cuCtxCreate
#define cuCtxCreate nk_cuCtxCreate
#undef cuMemAdvise
#define cuMemAdvise nk_cuMemAdvise
#undef cuMemPrefetchAsync
#define cuMemPrefetchAsync nk_cuMemPrefetchAsync
#undef cuGraphAddDependencies
#define cuGraphAddDependencies nk_cuGraphAddDependencies
#undef cuGraphGetEdges
#define cuGraphGetEdges nk_cuGraphGetEdges
#endif
#endif
