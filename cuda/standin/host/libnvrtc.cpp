/* A stand-in for libnvrtc, for tests only: it compiles for the host, by g++, what libcuda.cpp then runs. Its "PTX" names the shared
 * object. */
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#define API extern "C" __attribute__((visibility("default")))

struct program {
	std::string text, name, log, result;
	std::map<std::string, std::string> headers;
};

API int nvrtcVersion(int *major, int *minor) { *major = 0; *minor = 0; return 0; }
API const char *nvrtcGetErrorString(int) { return "stand-in error"; }
API int nvrtcCreateProgram(program **p, const char *text, const char *name, int n, const char *const *headers, const char *const *names)
{
	*p = new program{text, name, "", "", {}};
	for (int i = 0; i < n; i++)
		(*p)->headers[names[i]] = headers[i];
	return 0;
}
API int nvrtcDestroyProgram(program **p) { delete *p; *p = nullptr; return 0; }

static std::string folder()
{
	Dl_info info;
	dladdr((void *)&nvrtcVersion, &info);
	std::string path = info.dli_fname;
	return path.substr(0, path.rfind('/'));
}

API int nvrtcCompileProgram(program *p, int, const char *const *)
{
	char at[] = "/tmp/nkrun-standin-XXXXXX";
	if (!mkdtemp(at))
		return 1;
	const std::string dir = at, own = folder();
	std::ofstream(dir + "/unit.cpp") << p->text;
	for (auto &h : p->headers)
		if (h.first != "stdint.h" && h.first != "string.h")
			std::ofstream(dir + "/" + h.first) << h.second;
	const std::string cmd = "cd " + dir + " && g++ -std=c++17 -O1 -ffp-contract=off -w -fPIC -shared -include " + own + "/hostcuda.h -o unit.so unit.cpp >log 2>&1";
	const int rc = system(cmd.c_str());
	std::stringstream log;
	log << std::ifstream(dir + "/log").rdbuf();
	p->log = log.str();
	p->result = "// stand-in " + dir + "/unit.so";
	return rc ? 6 : 0;
}
API int nvrtcGetProgramLogSize(program *p, size_t *n) { *n = p->log.size() + 1; return 0; }
API int nvrtcGetProgramLog(program *p, char *to) { p->log.copy(to, p->log.size()); to[p->log.size()] = 0; return 0; }
API int nvrtcGetPTXSize(program *p, size_t *n) { *n = p->result.size() + 1; return 0; }
API int nvrtcGetPTX(program *p, char *to) { p->result.copy(to, p->result.size()); to[p->result.size()] = 0; return 0; }
API int nvrtcGetCUBINSize(program *, size_t *n) { *n = 0; return 1; }
API int nvrtcGetCUBIN(program *, char *) { return 1; }
