//go:build !nompi

package mpi

/*
#include <mpi.h>
#if __has_include(<mpi-ext.h>)
#include <mpi-ext.h> // Open MPI may be built without
#endif

// The headers tell whether MPI has the question, and its answer depends on how the library that is found at run time was built and
// is set up.
static int nk_cuda_aware(void)
{
#if defined(OMPI_HAVE_MPI_EXT_CUDA) && defined(MPIX_CUDA_AWARE_SUPPORT)
	return MPIX_Query_cuda_support();
#else
	return 0;
#endif
}
*/
import "C"

import "os"

// standInAware is an environment variable for tests: set to 1, it has any MPI taken for a CUDA-aware one. On the stand-in for the CUDA
// driver, whose devices are memory of the process, all of them are.
const standInAware = "NKRUN_STANDIN_CUDA_AWARE"

// CUDAAware tells whether MPI says of itself that it reads and writes the memory of GPUs.
func (w *World) CUDAAware() bool {
	return C.nk_cuda_aware() != 0 || os.Getenv(standInAware) == "1"
}
