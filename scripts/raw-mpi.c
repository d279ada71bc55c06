/*
 * The exchange of a step, written directly against MPI, to compare `nkrun bench exchange` with: two ranks send each other N
 * values of 8 bytes in every step. Values are gathered from an array by index, sent without blocking, waited for, and
 * scattered by index, as between two LPUs.
 *
 *   mpicc -O2 -o raw-mpi scripts/raw-mpi.c && mpirun -n 2 ./raw-mpi 20000 1 128 2048 16384 131072
 *
 * Prints, for each N, the bytes that a step moves in both directions and µs for an exchange.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	int rank, size;
	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	if (size != 2 || argc < 3) {
		if (rank == 0)
			fprintf(stderr, "usage: mpirun -n 2 raw-mpi STEPS N...\n");
		MPI_Finalize();
		return 2;
	}
	int steps = atoi(argv[1]);
	for (int a = 2; a < argc; a++) {
		int n = atoi(argv[a]);
		double *out = calloc(n, 8), *in = calloc(n, 8), *send = calloc(n, 8), *recv = calloc(n, 8);
		int *gather = malloc(n * sizeof(int)), *scatter = malloc(n * sizeof(int));
		for (int i = 0; i < n; i++) {
			out[i] = 1;
			gather[i] = scatter[i] = i;
		}
		double start = 0;
		for (int step = 0; step < steps; step++) {
			if (step == 1)
				start = MPI_Wtime();
			MPI_Request req[2];
			for (int i = 0; i < n; i++)
				send[i] = out[gather[i]];
			MPI_Irecv(recv, 8 * n, MPI_BYTE, 1 - rank, 7, MPI_COMM_WORLD, &req[0]);
			MPI_Isend(send, 8 * n, MPI_BYTE, 1 - rank, 7, MPI_COMM_WORLD, &req[1]);
			MPI_Waitall(2, req, MPI_STATUSES_IGNORE);
			for (int i = 0; i < n; i++)
				in[scatter[i]] = recv[i];
		}
		double us = 1e6 * (MPI_Wtime() - start) / (steps - 1);
		if (in[n - 1] != 1)
			fprintf(stderr, "rank %d received %g\n", rank, in[n - 1]);
		if (rank == 0)
			printf("%d %d %.3f\n", n, 16 * n, us);
		free(out), free(in), free(send), free(recv), free(gather), free(scatter);
	}
	MPI_Finalize();
	return 0;
}
