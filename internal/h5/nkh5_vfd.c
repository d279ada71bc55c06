/* A file driver that keeps a growing file whole when its process dies. The library writes the structure of a file
 * (headers, indices) in any order, so that a process killed in a flush leaves a file that nothing can read. Here data
 * go to disk at once, to places that the structure on disk does not yet know; structure is held back until a flush,
 * which writes it in an order that leaves the old content readable after every single write:
 *
 *   new blocks, which nothing refers to yet; the superblock with the new end of file; index nodes from the root down (a
 *   node that was split keeps its old entries until the nodes above lead past them); at last the headers with the new
 *   number of rows. Where the file gets shorter the superblock comes last: else the structure would lead beyond its end, where
 *   whoever goes on after a kill puts new blocks.
 *
 * Disk space for all of it is asked for before, and after a failure nothing more is written. */
#define _GNU_SOURCE
#include "nkh5.h"
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct block {
	haddr_t        addr;
	size_t         size;
	int            rank; /* place in the order of a commit */
	unsigned char *bytes;
};

typedef struct {
	H5FD_t        pub; /* must be first */
	int           fd;
	int           dead; /* a write failed or the file was abandoned */
	dev_t         dev;
	ino_t         ino;
	haddr_t       eoa, eof;
	haddr_t       old; /* what lies below was part of the file when it was opened */
	haddr_t       told; /* the end of file that the superblock on disk tells */
	struct block *held;
	size_t        nheld, capheld;
	haddr_t      *known; /* addresses of blocks on disk, ascending */
	size_t        nknown, capknown;
} vfd;

static herr_t broken(const char *what, int err)
{
	H5Epush2(H5E_DEFAULT, __FILE__, __func__, __LINE__, H5E_ERR_CLS, H5E_IO, H5E_WRITEERROR,
	         "%s: error message = '%s'", what, strerror(err));
	return -1;
}

static void *grow(void *p, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return p;
	size_t c = *cap ? 2 * *cap : 64;
	void  *q = realloc(p, c * size);
	if (q != NULL)
		*cap = c;
	return q;
}

static H5FD_t *vfd_open(const char *name, unsigned flags, hid_t fapl, haddr_t maxaddr)
{
	(void)fapl, (void)maxaddr;
	int         mode = (flags & H5F_ACC_RDWR) ? O_RDWR : O_RDONLY;
	struct stat st;
	if (flags & H5F_ACC_TRUNC)
		mode |= O_TRUNC;
	if (flags & H5F_ACC_CREAT)
		mode |= O_CREAT;
	if (flags & H5F_ACC_EXCL)
		mode |= O_EXCL;
	int fd = open(name, mode | O_CLOEXEC, 0666);
	if (fd < 0 || fstat(fd, &st) < 0) {
		broken("cannot open", errno);
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	vfd *v = calloc(1, sizeof *v);
	if (v == NULL) {
		close(fd);
		return NULL;
	}
	v->fd = fd;
	v->dev = st.st_dev;
	v->ino = st.st_ino;
	v->eof = v->old = (haddr_t)st.st_size;
	return &v->pub;
}

static herr_t write_all(int fd, haddr_t addr, size_t size, const void *buf)
{
	const char *p = buf;
	while (size > 0) {
		ssize_t n = pwrite(fd, p, size, (off_t)addr);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		addr += (haddr_t)n;
		size -= (size_t)n;
	}
	return 0;
}

/* reserve makes the file as long as the library thinks it is, with disk space behind all of it. */
static herr_t reserve(vfd *v)
{
	if (v->dead || v->eof >= v->eoa)
		return 0;
	int rc;
	do
		rc = fallocate(v->fd, 0, (off_t)v->eof, (off_t)(v->eoa - v->eof));
	while (rc < 0 && errno == EINTR);
	if (rc < 0 && (errno == EOPNOTSUPP || errno == ENOSYS))
		rc = ftruncate(v->fd, (off_t)v->eoa);
	if (rc < 0) {
		v->dead = 1;
		return broken("cannot extend the file", errno);
	}
	v->eof = v->eoa;
	return 0;
}

static int is_known(const vfd *v, haddr_t addr, size_t *at)
{
	size_t lo = 0, hi = v->nknown;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (v->known[mid] < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	*at = lo;
	return addr < v->old || (lo < v->nknown && v->known[lo] == addr);
}

enum { RANK_NEW, RANK_SUPERBLOCK, RANK_TREE, RANK_REST = RANK_TREE + 256, RANK_LAST };

static int rank_of(const vfd *v, const struct block *b)
{
	size_t at;
	if (!is_known(v, b->addr, &at))
		return RANK_NEW;
	if (b->addr == 0)
		return v->eoa < v->told ? RANK_LAST : RANK_SUPERBLOCK;
	if (b->size > 6 && memcmp(b->bytes, "TREE", 4) == 0) /* byte 5 is the level above the leaves */
		return RANK_TREE + 255 - b->bytes[5];
	return RANK_REST;
}

static int by_rank(const void *a, const void *b)
{
	const struct block *x = a, *y = b;
	if (x->rank != y->rank)
		return x->rank - y->rank;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static void drop_held(vfd *v)
{
	for (size_t i = 0; i < v->nheld; i++)
		free(v->held[i].bytes);
	v->nheld = 0;
}

static herr_t remember(vfd *v, haddr_t addr)
{
	size_t   at;
	haddr_t *p;
	if (is_known(v, addr, &at))
		return 0;
	if ((p = grow(v->known, v->nknown, &v->capknown, sizeof *p)) == NULL)
		return broken("cannot keep an address", ENOMEM);
	v->known = p;
	memmove(p + at + 1, p + at, (v->nknown - at) * sizeof *p);
	p[at] = addr;
	v->nknown++;
	return 0;
}

/* commit writes what is held back, in the order that keeps the file readable. */
static herr_t commit(vfd *v)
{
	if (reserve(v) < 0)
		return -1;
	for (size_t i = 0; i < v->nheld; i++)
		v->held[i].rank = rank_of(v, &v->held[i]);
	if (v->nheld > 0)
		qsort(v->held, v->nheld, sizeof *v->held, by_rank);
	herr_t rc = 0;
	for (size_t i = 0; i < v->nheld && !v->dead && rc == 0; i++) {
		const struct block *b = &v->held[i];
		if (write_all(v->fd, b->addr, b->size, b->bytes) < 0) {
			v->dead = 1;
			rc = broken("cannot write", errno);
		} else {
			rc = remember(v, b->addr);
			if (b->addr == 0)
				v->told = v->eoa;
		}
	}
	drop_held(v);
	return rc;
}

static herr_t vfd_write(H5FD_t *file, H5FD_mem_t type, hid_t dxpl, haddr_t addr, size_t size, const void *buf)
{
	(void)dxpl;
	vfd *v = (vfd *)file;
	if (v->dead)
		return 0; /* so that a file given up can be closed */
	if (type == H5FD_MEM_DRAW) {
		if (write_all(v->fd, addr, size, buf) < 0) {
			v->dead = 1;
			return broken("cannot write", errno);
		}
		if (addr + size > v->eof)
			v->eof = addr + size;
		return 0;
	}
	unsigned char *bytes = malloc(size);
	struct block  *held = grow(v->held, v->nheld, &v->capheld, sizeof *held);
	if (held != NULL)
		v->held = held;
	if (bytes == NULL || held == NULL) {
		free(bytes);
		return broken("cannot hold a block", ENOMEM);
	}
	memcpy(bytes, buf, size);
	/* A block that is written again takes the place of its older self. */
	for (size_t i = 0; i < v->nheld; i++)
		if (held[i].addr == addr && held[i].size == size) {
			free(held[i].bytes);
			held[i].bytes = bytes;
			return 0;
		}
	held[v->nheld++] = (struct block){addr, size, 0, bytes};
	return 0;
}

static herr_t vfd_read(H5FD_t *file, H5FD_mem_t type, hid_t dxpl, haddr_t addr, size_t size, void *buf)
{
	(void)type, (void)dxpl;
	vfd   *v = (vfd *)file;
	char  *p = buf;
	size_t left = size;
	off_t  at = (off_t)addr;
	while (left > 0) {
		ssize_t n = pread(v->fd, p, left, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return broken("cannot read", errno);
		if (n == 0) { /* beyond the end: zeros, unless held back */
			memset(p, 0, left);
			break;
		}
		p += n;
		at += n;
		left -= (size_t)n;
	}
	for (size_t i = 0; i < v->nheld; i++) {
		const struct block *b = &v->held[i];
		haddr_t lo = b->addr > addr ? b->addr : addr;
		haddr_t hi = b->addr + b->size < addr + size ? b->addr + b->size : addr + size;
		if (lo < hi)
			memcpy((char *)buf + (lo - addr), b->bytes + (lo - b->addr), hi - lo);
	}
	return 0;
}

static herr_t vfd_truncate(H5FD_t *file, hid_t dxpl, hbool_t closing)
{
	(void)dxpl, (void)closing;
	return reserve((vfd *)file);
}

static herr_t vfd_flush(H5FD_t *file, hid_t dxpl, hbool_t closing)
{
	(void)dxpl, (void)closing;
	vfd *v = (vfd *)file;
	if (commit(v) < 0)
		return -1;
	if (v->dead || v->eof <= v->eoa)
		return 0;
	/* Only now does no structure on disk speak of the longer file. */
	if (ftruncate(v->fd, (off_t)v->eoa) < 0)
		return broken("cannot shorten the file", errno);
	v->eof = v->eoa;
	return 0;
}

static herr_t vfd_close(H5FD_t *file)
{
	vfd   *v = (vfd *)file;
	herr_t rc = v->dead ? 0 : commit(v);
	if (close(v->fd) < 0 && !v->dead)
		rc = broken("cannot close", errno);
	drop_held(v);
	free(v->held);
	free(v->known);
	free(v);
	return rc;
}

static int vfd_cmp(const H5FD_t *a, const H5FD_t *b)
{
	const vfd *x = (const vfd *)a, *y = (const vfd *)b;
	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->ino == y->ino ? 0 : x->ino < y->ino ? -1 : 1;
}

static herr_t vfd_query(const H5FD_t *file, unsigned long *flags)
{
	(void)file;
	*flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
	return 0;
}

static haddr_t vfd_get_eoa(const H5FD_t *file, H5FD_mem_t type)
{
	(void)type;
	return ((const vfd *)file)->eoa;
}

static herr_t vfd_set_eoa(H5FD_t *file, H5FD_mem_t type, haddr_t addr)
{
	(void)type;
	((vfd *)file)->eoa = addr;
	return 0;
}

/* vfd_free takes space back at the end of the file, but not that of data: until the next flush the structure on disk may
 * still lead there. */
static herr_t vfd_free(H5FD_t *file, H5FD_mem_t type, hid_t dxpl, haddr_t addr, hsize_t size)
{
	(void)dxpl;
	vfd *v = (vfd *)file;
	if (type != H5FD_MEM_DRAW && addr + size == v->eoa)
		v->eoa = addr;
	return 0;
}

static haddr_t vfd_get_eof(const H5FD_t *file, H5FD_mem_t type)
{
	(void)type;
	return ((const vfd *)file)->eof;
}

static herr_t vfd_handle(H5FD_t *file, hid_t fapl, void **handle)
{
	(void)fapl;
	*handle = file;
	return 0;
}

static const H5FD_class_t driver = {
#if H5_VERSION_GE(1, 13, 0)
	.version = H5FD_CLASS_VERSION,
	.value = 600, /* any number above those reserved for registered drivers' authors */
#endif
	.name = "nkh5",
	.maxaddr = ((haddr_t)1 << 62) - 1,
	.fc_degree = H5F_CLOSE_WEAK,
	.open = vfd_open,
	.close = vfd_close,
	.cmp = vfd_cmp,
	.query = vfd_query,
	.free = vfd_free,
	.get_eoa = vfd_get_eoa,
	.set_eoa = vfd_set_eoa,
	.get_eof = vfd_get_eof,
	.get_handle = vfd_handle,
	.read = vfd_read,
	.write = vfd_write,
	.flush = vfd_flush,
	.truncate = vfd_truncate,
	.fl_map = H5FD_FLMAP_DICHOTOMY,
};

static hid_t driver_id = -1;

static int keep_error(void)
{
	nkh5_take_error();
	return -1;
}

hid_t nkh5_create_durable(const char *path, int keep_freed)
{
	if (driver_id < 0 && (driver_id = H5FDregister(&driver)) < 0)
		return keep_error();
	hid_t fapl = H5Pcreate(H5P_FILE_ACCESS), fcpl = H5Pcreate(H5P_FILE_CREATE), f = -1;
	if (fapl >= 0 && fcpl >= 0 && H5Pset_driver(fapl, driver_id, NULL) >= 0 &&
	    (!keep_freed || H5Pset_file_space_strategy(fcpl, H5F_FSPACE_STRATEGY_NONE, 0, 1) >= 0))
		f = H5Fcreate(path, H5F_ACC_TRUNC, fcpl, fapl);
	if (f < 0)
		keep_error();
	if (fapl >= 0)
		H5Pclose(fapl);
	if (fcpl >= 0)
		H5Pclose(fcpl);
	return f;
}

/* driver_of returns the driver of an open file, or NULL. */
static vfd *driver_of(hid_t f)
{
	void *v = NULL;
	return H5Fget_vfd_handle(f, H5P_DEFAULT, &v) < 0 ? NULL : v;
}

hid_t nkh5_open_durable(const char *path)
{
	if (driver_id < 0 && (driver_id = H5FDregister(&driver)) < 0)
		return keep_error();
	hid_t fapl = H5Pcreate(H5P_FILE_ACCESS), f = -1;
	if (fapl >= 0 && H5Pset_driver(fapl, driver_id, NULL) >= 0)
		f = H5Fopen(path, H5F_ACC_RDWR, fapl);
	if (f < 0)
		keep_error();
	/* What a killed process has left behind the end that the superblock tells is no part of the file: blocks there are new. */
	vfd *v = f < 0 ? NULL : driver_of(f);
	if (v != NULL)
		v->old = v->told = v->eoa;
	if (fapl >= 0)
		H5Pclose(fapl);
	return f;
}

int nkh5_flush_durable(hid_t f)
{
	return H5Fflush(f, H5F_SCOPE_GLOBAL) < 0 ? keep_error() : 0;
}

void nkh5_abandon(hid_t f)
{
	vfd *v = driver_of(f);
	if (v != NULL) {
		v->dead = 1;
		drop_held(v);
	}
}
