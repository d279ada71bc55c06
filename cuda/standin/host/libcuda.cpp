/* A stand-in for libcuda.so.1, for tests only: its GPUs are this process. What is put on a stream is done when somebody waits for it,
 * not before, so that whoever forgets to wait reads old numbers; or at once, so that numbers go that are still needed. Memory is filled with 0xCD, ends at a page that nobody may touch, and
 * goes when it is freed. What is not here answers CUDA_ERROR_NOT_SUPPORTED (scripts/cuda-standin).
 *
 *   NKRUN_STANDIN_DEVICES    how many GPUs there are (2)
 *   NKRUN_STANDIN_MEMORY     bytes of memory that each has (1 GB)
 *   NKRUN_STANDIN_BACKWARDS  1: threads run from the last to the first
 *   NKRUN_STANDIN_EARLY      1: work is done at once
 *   NKRUN_STANDIN_LOST       launches after which the device is lost
 *   NKRUN_STANDIN_PEERS      0: no GPU reaches the memory of another
 *   NKRUN_STANDIN_APART      1: a kernel that touches the memory of another GPU ends the program
 */
#include <cuda.h>
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))

static long setting(const char *name, long otherwise)
{
	const char *v = getenv(name);
	return v ? atol(v) : otherwise;
}

static std::recursive_mutex mu;
typedef std::lock_guard<std::recursive_mutex> guard;

struct stream;
struct CUevent_st {
	stream *on = nullptr;
	stream *capture = nullptr;  /* it was recorded in a capture */
	uint64_t number = 0; /* of the stream's work, which is done when this much is */
	double ms = 0;
	unsigned flags;
	int device;
};
typedef std::function<CUresult()> work;
struct stream {
	std::deque<work> queue;
	uint64_t put = 0, done = 0;
	stream *capture = nullptr; /* the stream whose capture this one is part of */
	bool joined = true;        /* and that it has come back to */
	int device;
	std::vector<work> captured;
};
struct CUgraph_st {
	std::vector<work> nodes;
};
struct CUmod_st {
	void *lib;
	std::string text;
	std::map<std::string, struct CUfunc_st *> functions;
};
struct CUfunc_st {
	CUmod_st *mod;
	void (*kernel)(uint64_t);
	void (*launch)(void (*)(uint64_t), uint64_t, unsigned, unsigned, int);
};
struct block {
	size_t bytes, mapped;
	char *map;
	int device;
};

static std::map<uintptr_t, block> blocks;
static std::vector<stream *> streams;
static std::map<uintptr_t, size_t> host;
static std::set<std::pair<CUcontext, CUcontext>> peers;
static size_t used[16];
static CUresult broken = CUDA_SUCCESS;
static long launches;
static thread_local CUcontext current;

static int device_of(CUcontext c) { return (int)(uintptr_t)c - 1; }

static CUresult run(stream *s, uint64_t until)
{
	while (s->done < until && !s->queue.empty()) {
		work w = std::move(s->queue.front());
		s->queue.pop_front();
		s->done++;
		CUresult r = w();
		if (r && !broken)
			broken = r;
	}
	return broken;
}

static CUresult put(CUstream h, work w)
{
	stream *s = (stream *)h;
	if (broken)
		return broken;
	if (!s)
		return CUDA_ERROR_NOT_SUPPORTED;
	if (s->capture) {
		s->joined = false;
		s->capture->captured.push_back(std::move(w));
		return CUDA_SUCCESS;
	}
	s->queue.push_back(std::move(w));
	s->put++;
	if (s->queue.size() > 100000 || setting("NKRUN_STANDIN_EARLY", 0))
		return run(s, s->put);
	return CUDA_SUCCESS;
}

static bool in_capture()
{
	return std::any_of(streams.begin(), streams.end(), [](stream *s) { return s->capture != nullptr; });
}

/* Whether n bytes from p on lie in memory of a device, or of any (-1). */
static bool inside(CUdeviceptr p, size_t n, int device = -1)
{
	auto it = blocks.upper_bound(p);
	if (it == blocks.begin())
		return false;
	--it;
	return p + n <= it->first + it->second.bytes && (device < 0 || device == it->second.device);
}

/* Lets nobody touch the memory of other devices, or everybody. */
static void part(int device, bool apart)
{
	for (auto &b : blocks)
		if (b.second.device != device)
			mprotect(b.second.map, b.second.mapped - 4096, apart ? PROT_NONE : PROT_READ | PROT_WRITE);
}

static bool pinned(const void *p, size_t n)
{
	auto it = host.upper_bound((uintptr_t)p);
	if (it == host.begin())
		return false;
	--it;
	return (uintptr_t)p + n <= it->first + it->second;
}

API CUresult cuInit(unsigned) { return setting("NKRUN_STANDIN_DEVICES", 2) > 0 ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE; }
API CUresult cuDriverGetVersion(int *v) { *v = 13000; return CUDA_SUCCESS; }
API CUresult cuDeviceGetCount(int *n) { *n = (int)setting("NKRUN_STANDIN_DEVICES", 2); return CUDA_SUCCESS; }
API CUresult cuDeviceGet(CUdevice *d, int k)
{
	if (k < 0 || k >= setting("NKRUN_STANDIN_DEVICES", 2))
		return CUDA_ERROR_INVALID_DEVICE;
	*d = k;
	return CUDA_SUCCESS;
}
API CUresult cuDeviceGetName(char *to, int n, CUdevice) { snprintf(to, n, "stand-in"); return CUDA_SUCCESS; }
API CUresult cuDeviceTotalMem_v2(size_t *n, CUdevice) { *n = setting("NKRUN_STANDIN_MEMORY", 1000000000); return CUDA_SUCCESS; }
API CUresult cuDeviceGetAttribute(int *v, CUdevice_attribute a, CUdevice)
{
	if (a != CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)
		return CUDA_ERROR_NOT_SUPPORTED;
	*v = 1;
	return CUDA_SUCCESS;
}
API CUresult cuDeviceCanAccessPeer(int *can, CUdevice a, CUdevice b)
{
	*can = a != b && setting("NKRUN_STANDIN_PEERS", 1);
	return CUDA_SUCCESS;
}
API CUresult cuCtxEnablePeerAccess(CUcontext peer, unsigned)
{
	guard g(mu);
	if (!setting("NKRUN_STANDIN_PEERS", 1))
		return CUDA_ERROR_PEER_ACCESS_UNSUPPORTED;
	return peers.insert({current, peer}).second ? CUDA_SUCCESS : CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED;
}
API CUresult cuDevicePrimaryCtxRetain(CUcontext *c, CUdevice d) { *c = (CUcontext)(uintptr_t)(d + 1); return CUDA_SUCCESS; }
API CUresult cuCtxSetCurrent(CUcontext c) { current = c; return CUDA_SUCCESS; }
API CUresult cuCtxSynchronize()
{
	guard g(mu);
	for (stream *s : streams)
		run(s, s->put);
	return broken;
}

API CUresult cuMemGetInfo_v2(size_t *free, size_t *total)
{
	guard g(mu);
	if (!current)
		return CUDA_ERROR_INVALID_CONTEXT;
	*total = setting("NKRUN_STANDIN_MEMORY", 1000000000);
	*free = *total - used[device_of(current)];
	return CUDA_SUCCESS;
}
API CUresult cuMemAlloc_v2(CUdeviceptr *p, size_t n)
{
	guard g(mu);
	if (!current || !n)
		return current ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_INVALID_CONTEXT;
	if (used[device_of(current)] + n > (size_t)setting("NKRUN_STANDIN_MEMORY", 1000000000))
		return CUDA_ERROR_OUT_OF_MEMORY;
	const size_t page = 4096, room = (n + page - 1) / page * page, mapped = room + page;
	char *map = (char *)mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return CUDA_ERROR_OUT_OF_MEMORY;
	memset(map, 0xCD, room);
	mprotect(map + room, page, PROT_NONE);
	*p = (CUdeviceptr)(map + room - (n + 15) / 16 * 16);
	blocks[*p] = {n, mapped, map, device_of(current)};
	used[device_of(current)] += n;
	return CUDA_SUCCESS;
}
API CUresult cuMemFree_v2(CUdeviceptr p)
{
	guard g(mu);
	auto it = blocks.find(p);
	if (!current || it == blocks.end())
		return CUDA_ERROR_INVALID_VALUE;
	for (stream *s : streams)
		run(s, s->put);
	used[it->second.device] -= it->second.bytes;
	munmap(it->second.map, it->second.mapped);
	blocks.erase(it);
	return broken;
}
API CUresult cuMemHostAlloc(void **p, size_t n, unsigned)
{
	guard g(mu);
	if (!current)
		return CUDA_ERROR_INVALID_CONTEXT;
	*p = malloc(n);
	memset(*p, 0xCD, n);
	host[(uintptr_t)*p] = n;
	return CUDA_SUCCESS;
}
API CUresult cuMemFreeHost(void *p)
{
	guard g(mu);
	if (!host.erase((uintptr_t)p))
		return CUDA_ERROR_INVALID_VALUE;
	free(p);
	return CUDA_SUCCESS;
}

/* Copies that the host waits for do not wait for streams: those that do not block leave the default stream alone. */
static CUresult at_once() { return in_capture() ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED : !current ? CUDA_ERROR_INVALID_CONTEXT : broken; }
API CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void *from, size_t n)
{
	guard g(mu);
	if (!inside(to, n))
		return CUDA_ERROR_INVALID_VALUE;
	CUresult r = at_once();
	if (!r)
		memcpy((void *)to, from, n);
	return r;
}
API CUresult cuMemcpyDtoH_v2(void *to, CUdeviceptr from, size_t n)
{
	guard g(mu);
	if (!inside(from, n))
		return CUDA_ERROR_INVALID_VALUE;
	CUresult r = at_once();
	if (!r)
		memcpy(to, (void *)from, n);
	return r;
}
API CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t n)
{
	guard g(mu);
	if (!inside(to, n) || !inside(from, n))
		return CUDA_ERROR_INVALID_VALUE;
	CUresult r = at_once();
	if (!r)
		memmove((void *)to, (void *)from, n);
	return r;
}
API CUresult cuMemsetD8_v2(CUdeviceptr p, unsigned char v, size_t n)
{
	guard g(mu);
	if (!inside(p, n))
		return CUDA_ERROR_INVALID_VALUE;
	CUresult r = at_once();
	if (!r)
		memset((void *)p, v, n);
	return r;
}
API CUresult cuMemsetD32Async(CUdeviceptr p, unsigned v, size_t n, CUstream s)
{
	guard g(mu);
	if (!inside(p, 4 * n))
		return CUDA_ERROR_INVALID_VALUE;
	return put(s, [=] { std::fill_n((unsigned *)p, n, v); return CUDA_SUCCESS; });
}
API CUresult cuMemcpyPeerAsync(CUdeviceptr to, CUcontext there, CUdeviceptr from, CUcontext here, size_t n, CUstream s)
{
	guard g(mu);
	if (!inside(to, n, device_of(there)) || !inside(from, n, device_of(here)))
		return CUDA_ERROR_INVALID_VALUE;
	return put(s, [=] { memcpy((void *)to, (void *)from, n); return CUDA_SUCCESS; });
}
API CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t n, CUstream s)
{
	guard g(mu);
	if (!inside(to, n) || !pinned(from, n))
		return CUDA_ERROR_INVALID_VALUE;
	return put(s, [=] { memcpy((void *)to, from, n); return CUDA_SUCCESS; });
}
API CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t n, CUstream s)
{
	guard g(mu);
	if (!inside(from, n) || !pinned(to, n))
		return CUDA_ERROR_INVALID_VALUE;
	return put(s, [=] { memcpy(to, (void *)from, n); return CUDA_SUCCESS; });
}

API CUresult cuStreamCreate(CUstream *h, unsigned)
{
	guard g(mu);
	if (!current)
		return CUDA_ERROR_INVALID_CONTEXT;
	streams.push_back(new stream);
	streams.back()->device = device_of(current);
	*h = (CUstream)streams.back();
	return CUDA_SUCCESS;
}
API CUresult cuStreamSynchronize(CUstream h)
{
	guard g(mu);
	return run((stream *)h, ((stream *)h)->put);
}
API CUresult cuStreamDestroy_v2(CUstream h)
{
	guard g(mu);
	stream *s = (stream *)h;
	run(s, s->put);
	streams.erase(std::find(streams.begin(), streams.end(), s)); /* the memory stays: work of other streams may look back at it */
	return broken;
}
API CUresult cuEventCreate(CUevent *e, unsigned flags)
{
	*e = new CUevent_st;
	(*e)->flags = flags;
	(*e)->device = device_of(current);
	return CUDA_SUCCESS;
}
API CUresult cuEventDestroy_v2(CUevent e) { delete e; return CUDA_SUCCESS; }
API CUresult cuEventRecord(CUevent e, CUstream h)
{
	guard g(mu);
	stream *s = (stream *)h;
	if (e->device != s->device)
		return CUDA_ERROR_INVALID_HANDLE;
	e->on = s;
	if ((e->capture = s->capture))
		return CUDA_SUCCESS;
	CUresult r = put(h, [=] {
		timespec t;
		clock_gettime(CLOCK_MONOTONIC, &t);
		e->ms = t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
		return CUDA_SUCCESS;
	});
	e->number = s->put;
	return r;
}
/* In a capture, a stream that waits for another one becomes part of it, and must be waited for in the end. Else what the event stood for
 * when this was called is waited for, whatever it is recorded for later. */
API CUresult cuStreamWaitEvent(CUstream h, CUevent e, unsigned)
{
	guard g(mu);
	stream *s = (stream *)h;
	if (!e->capture) {
		if (s->capture)
			return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
		stream *on = e->on;
		const uint64_t number = e->number;
		return on ? put(h, [=] { return run(on, number); }) : CUDA_SUCCESS;
	}
	if (s->capture && s->capture != e->capture)
		return CUDA_ERROR_STREAM_CAPTURE_MERGE;
	s->capture = e->capture;
	e->on->joined = true;
	if (s != s->capture)
		s->joined = false;
	return CUDA_SUCCESS;
}
API CUresult cuEventSynchronize(CUevent e)
{
	guard g(mu);
	return e->on ? run(e->on, e->number) : CUDA_SUCCESS;
}
API CUresult cuEventElapsedTime(float *ms, CUevent a, CUevent b)
{
	guard g(mu);
	if (!a->on || !b->on || (a->flags | b->flags) & CU_EVENT_DISABLE_TIMING)
		return CUDA_ERROR_INVALID_HANDLE;
	if (a->on->done < a->number || b->on->done < b->number)
		return CUDA_ERROR_NOT_READY;
	*ms = (float)(b->ms - a->ms);
	return CUDA_SUCCESS;
}

API CUresult cuStreamBeginCapture_v2(CUstream h, CUstreamCaptureMode)
{
	guard g(mu);
	((stream *)h)->capture = (stream *)h;
	return CUDA_SUCCESS;
}
API CUresult cuStreamEndCapture(CUstream h, CUgraph *out)
{
	guard g(mu);
	stream *s = (stream *)h;
	if (s->capture != s)
		return CUDA_ERROR_ILLEGAL_STATE;
	bool all = true;
	for (stream *other : streams)
		if (other->capture == s) {
			all = all && (other == s || other->joined);
			other->capture = nullptr;
		}
	if (!all)
		return CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
	*out = new CUgraph_st{std::move(s->captured)};
	s->captured.clear();
	return CUDA_SUCCESS;
}
API CUresult cuGraphInstantiateWithFlags(CUgraphExec *e, CUgraph graph, unsigned long long) { *e = (CUgraphExec) new CUgraph_st(*graph); return CUDA_SUCCESS; }
API CUresult cuGraphDestroy(CUgraph graph) { delete graph; return CUDA_SUCCESS; }
API CUresult cuGraphExecDestroy(CUgraphExec e) { delete (CUgraph_st *)e; return CUDA_SUCCESS; }
API CUresult cuGraphLaunch(CUgraphExec e, CUstream h)
{
	guard g(mu);
	for (const work &w : ((CUgraph_st *)e)->nodes)
		if (CUresult r = put(h, w))
			return r;
	return CUDA_SUCCESS;
}

static std::string own_folder()
{
	Dl_info info;
	dladdr((void *)&own_folder, &info);
	std::string path = info.dli_fname;
	return path.substr(0, path.rfind('/'));
}

/* Real PTX stands for the library of all kernels as compiled for the host; "// stand-in PATH" is what libnvrtc.cpp makes. */
API CUresult cuModuleLoadData(CUmodule *m, const void *image)
{
	guard g(mu);
	if (!current)
		return CUDA_ERROR_INVALID_CONTEXT;
	std::string text = (const char *)image, path = own_folder() + "/libnkhost.so";
	if (text.rfind("// stand-in ", 0) == 0)
		path = text.substr(12);
	else if (text.find(".version") == std::string::npos)
		return CUDA_ERROR_INVALID_PTX;
	void *lib = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
	if (!lib) {
		fprintf(stderr, "stand-in: %s\n", dlerror());
		return CUDA_ERROR_INVALID_IMAGE;
	}
	*m = new CUmod_st{lib, text, {}};
	return CUDA_SUCCESS;
}
API CUresult cuModuleUnload(CUmodule m)
{
	for (auto &f : m->functions)
		delete f.second;
	delete m;
	return CUDA_SUCCESS;
}
API CUresult cuModuleGetFunction(CUfunction *f, CUmodule m, const char *name)
{
	guard g(mu);
	if (m->text.rfind("// stand-in ", 0) != 0 && m->text.find(std::string(".entry ") + name + "(") == std::string::npos)
		return CUDA_ERROR_NOT_FOUND;
	auto &at = m->functions[name];
	if (!at) {
		auto kernel = (void (*)(uint64_t))dlsym(m->lib, name);
		auto launch = (void (*)(void (*)(uint64_t), uint64_t, unsigned, unsigned, int))dlsym(m->lib, "nkhost_launch");
		if (!kernel || !launch)
			return CUDA_ERROR_NOT_FOUND;
		at = new CUfunc_st{m, kernel, launch};
	}
	*f = at;
	return CUDA_SUCCESS;
}
API CUresult cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, CUstream s, void **params, void **)
{
	guard g(mu);
	if (!gx || !bx || gy != 1 || gz != 1 || by != 1 || bz != 1 || shared || bx > 1024)
		return CUDA_ERROR_INVALID_VALUE;
	const uint64_t job = *(uint64_t *)params[0]; /* all kernels have this one parameter */
	const int device = ((stream *)s)->device;
	if (current != (CUcontext)(uintptr_t)(device + 1))
		return CUDA_ERROR_INVALID_HANDLE;
	if (!inside(job, 8, device))
		return CUDA_ERROR_ILLEGAL_ADDRESS;
	return put(s, [=] {
		long lost = setting("NKRUN_STANDIN_LOST", 0);
		if (lost > 0 && ++launches > lost)
			return CUDA_ERROR_ILLEGAL_ADDRESS;
		const bool apart = setting("NKRUN_STANDIN_APART", 0) != 0;
		if (apart)
			part(device, true);
		f->launch(f->kernel, job, gx, bx, setting("NKRUN_STANDIN_BACKWARDS", 0) != 0);
		if (apart)
			part(device, false);
		return CUDA_SUCCESS;
	});
}

API CUresult cuGetErrorString(CUresult r, const char **text)
{
	static thread_local std::string s;
	s = "stand-in error " + std::to_string((int)r);
	*text = s.c_str();
	return CUDA_SUCCESS;
}
