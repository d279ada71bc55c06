#include "nkh5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The library keeps error stacks per thread, so the text is kept per thread too; the Go side holds the thread
 * while it reads it. */
static __thread char errtext[1024];

struct walk {
	const char *inner, *outer;
};

static herr_t visit(unsigned n, const H5E_error2_t *e, void *data)
{
	struct walk *w = data;
	if (n == 0)
		w->inner = e->desc;
	w->outer = e->desc;
	return 0;
}

void nkh5_take_error(void)
{
	struct walk w = {NULL, NULL};
	H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, visit, &w);
	errtext[0] = 0;
	if (w.outer == NULL)
		return;
	strncat(errtext, w.outer, sizeof errtext / 2 - 4);
	if (w.inner != w.outer) {
		strcat(errtext, ": ");
		strncat(errtext, w.inner, sizeof errtext / 2 - 4);
	}
}

const char *nkh5_error(void) { return errtext; }

void nkh5_quiet(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

/* fail keeps the text of the library's error, before the clean-up calls that follow clear it. */
static int fail(void)
{
	nkh5_take_error();
	return -1;
}

static int fail_with(const char *text)
{
	errtext[0] = 0;
	strncat(errtext, text, sizeof errtext - 1);
	return -1;
}

/* Files are not locked: a recording is read while it grows. The environment is the only way to say so that holds for
 * gonum's openings of a file as well, and the library reads it when it is initialised, before any Go code runs.
 * A value that the user has set stays. */
__attribute__((constructor)) static void no_file_locking(void)
{
	setenv("HDF5_USE_FILE_LOCKING", "FALSE", 0);
}

int nkh5_group_create(hid_t f, const char *path)
{
	hid_t g = H5Gcreate2(f, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
	return g < 0 ? fail() : H5Gclose(g);
}

int nkh5_close_file(hid_t f)
{
	return H5Fclose(f) < 0 ? fail() : 0;
}

int nkh5_kind(hid_t f, const char *path)
{
	hid_t o = H5Oopen(f, path, H5P_DEFAULT);
	if (o < 0)
		return fail();
	H5I_type_t t = H5Iget_type(o);
	H5Oclose(o);
	return t == H5I_GROUP ? 1 : t == H5I_DATASET ? 2 : 3;
}

static void type_text(hid_t t, char *dst, size_t size)
{
	H5T_class_t cls = H5Tget_class(t);
	size_t      bits = 8 * H5Tget_size(t);
	const char *order = bits > 8 && H5Tget_order(t) == H5T_ORDER_BE ? " big-endian" : "";
	switch (cls) {
	case H5T_INTEGER:
		snprintf(dst, size, "%s%zu%s", H5Tget_sign(t) == H5T_SGN_NONE ? "uint" : "int", bits, order);
		break;
	case H5T_FLOAT:
		snprintf(dst, size, "float%zu%s", bits, order);
		break;
	case H5T_STRING: {
		const char *cset = H5Tget_cset(t) == H5T_CSET_UTF8 ? "UTF-8" : "ASCII";
		if (H5Tis_variable_str(t) > 0) {
			snprintf(dst, size, "%s string of variable length", cset);
		} else {
			static const char *pads[] = {"NUL-terminated", "NUL-padded", "space-padded"};
			int                p = H5Tget_strpad(t);
			snprintf(dst, size, "%s string of %zu bytes, %s", cset, bits / 8, p >= 0 && p < 3 ? pads[p] : "padded");
		}
		break;
	}
	default: {
		static const char *names[] = {"integer", "float", "time", "string", "bit field", "opaque", "compound",
		                              "reference", "enumeration", "variable-length sequence", "array"};
		const char *name = cls >= 0 && cls < (int)(sizeof names / sizeof names[0]) ? names[cls] : "unknown type";
		snprintf(dst, size, "%s of %zu bytes", name, bits / 8);
	}
	}
}

int nkh5_describe(hid_t space, hid_t type, nkh5_info *out)
{
	memset(out, 0, sizeof *out);
	if (space < 0 || type < 0)
		return fail();
	switch (H5Sget_simple_extent_type(space)) {
	case H5S_NULL:
		out->rank = -1;
		break;
	case H5S_SCALAR:
		break;
	default:
		out->rank = H5Sget_simple_extent_dims(space, out->dims, NULL);
		if (out->rank < 0)
			return fail();
	}
	out->cls = H5Tget_class(type);
	out->size = H5Tget_size(type);
	if (out->cls == H5T_STRING) {
		out->vlen = H5Tis_variable_str(type) > 0;
		out->pad = H5Tget_strpad(type);
	}
	out->pointers = out->vlen || H5Tdetect_class(type, H5T_VLEN) > 0;
	type_text(type, out->type, sizeof out->type);
	return 0;
}

int nkh5_dataset_info(hid_t d, nkh5_info *out)
{
	hid_t space = H5Dget_space(d), type = H5Dget_type(d);
	int   rc = nkh5_describe(space, type, out);
	if (space >= 0)
		H5Sclose(space);
	if (type >= 0)
		H5Tclose(type);
	return rc;
}

/* file_type returns a new type as stored in files: little-endian, or a NUL-padded string as h5py writes it. */
static hid_t file_type(int type, size_t strsize, int utf8)
{
	if (strsize == 0)
		switch (type) {
		case NKH5_F64:
			return H5Tcopy(H5T_IEEE_F64LE);
		case NKH5_F32:
			return H5Tcopy(H5T_IEEE_F32LE);
		case NKH5_I64:
			return H5Tcopy(H5T_STD_I64LE);
		case NKH5_U8:
			return H5Tcopy(H5T_STD_U8LE);
		default:
			return H5Tcopy(H5T_STD_I32LE);
		}
	hid_t t = H5Tcopy(H5T_C_S1);
	if (t >= 0) {
		H5Tset_size(t, strsize);
		H5Tset_strpad(t, H5T_STR_NULLPAD);
		if (utf8)
			H5Tset_cset(t, H5T_CSET_UTF8);
	}
	return t;
}

/* memory_type returns a new type of the values in memory; NKH5_RAW is the file's own, for a copy without conversion. */
hid_t nkh5_memory_type(int type, hid_t file)
{
	switch (type) {
	case NKH5_F64:
		return H5Tcopy(H5T_NATIVE_DOUBLE);
	case NKH5_I32:
		return H5Tcopy(H5T_NATIVE_INT32);
	case NKH5_I64:
		return H5Tcopy(H5T_NATIVE_INT64);
	default:
		return H5Tcopy(file);
	}
}

hid_t nkh5_dataset_create(hid_t f, const char *path, int type, size_t strsize, int utf8, int rank, hsize_t rows,
                          hsize_t cols, int grows, hsize_t chunk_rows, int gzip)
{
	hsize_t dims[2] = {rows, cols}, max[2] = {grows ? H5S_UNLIMITED : rows, cols};
	hsize_t chunk[2] = {chunk_rows, cols > 0 ? cols : 1};
	hid_t   t = file_type(type, strsize, utf8);
	hid_t   space = rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, dims, max);
	hid_t   dcpl = H5Pcreate(H5P_DATASET_CREATE), dapl = H5Pcreate(H5P_DATASET_ACCESS), d = -1;
	int     ok = t >= 0 && space >= 0 && dcpl >= 0 && dapl >= 0;
	/* Without modification times, files of equal content differ nowhere but in what they are told to hold. */
	ok = ok && H5Pset_obj_track_times(dcpl, 0) >= 0;
	if (ok && grows) {
		ok = H5Pset_chunk(dcpl, rank, chunk) >= 0;
		if (ok && gzip)
			ok = H5Pset_shuffle(dcpl) >= 0 && H5Pset_deflate(dcpl, 1) >= 0;
		/* No chunk cache: the caller writes whole chunks, and a full disk must show in the write of the rows, not
		 * later in a flush, when the file already tells of them. */
		ok = ok && H5Pset_chunk_cache(dapl, 1, 0, 1.0) >= 0;
	}
	if (ok)
		d = H5Dcreate2(f, path, t, space, H5P_DEFAULT, dcpl, dapl);
	if (d < 0)
		fail();
	if (t >= 0)
		H5Tclose(t);
	if (space >= 0)
		H5Sclose(space);
	if (dcpl >= 0)
		H5Pclose(dcpl);
	if (dapl >= 0)
		H5Pclose(dapl);
	return d;
}

/* band_bytes returns the size of all chunks that one row passes through, or 0 when the data is not chunked: reading row
 * after row unpacks each chunk once only if so much fits into the cache. */
static size_t band_bytes(hid_t d, size_t *nchunks)
{
	hid_t   dcpl = H5Dget_create_plist(d), space = H5Dget_space(d), type = H5Dget_type(d);
	hsize_t chunk[NKH5_MAXRANK], dims[NKH5_MAXRANK];
	size_t  bytes = 0;
	*nchunks = 1;
	if (dcpl >= 0 && space >= 0 && type >= 0 && H5Pget_layout(dcpl) == H5D_CHUNKED) {
		int rank = H5Pget_chunk(dcpl, NKH5_MAXRANK, chunk);
		if (rank > 0 && H5Sget_simple_extent_dims(space, dims, NULL) == rank) {
			double b = (double)H5Tget_size(type) * (double)chunk[0], n = 1;
			for (int i = 1; i < rank; i++) {
				double k = (double)((dims[i] + chunk[i] - 1) / chunk[i]);
				n *= k;
				b *= k * (double)chunk[i];
			}
			if (b < 1e12) {
				bytes = (size_t)b;
				*nchunks = (size_t)n;
			}
		}
	}
	if (dcpl >= 0)
		H5Pclose(dcpl);
	if (space >= 0)
		H5Sclose(space);
	if (type >= 0)
		H5Tclose(type);
	return bytes;
}

hid_t nkh5_dataset_open(hid_t f, const char *path, size_t max_cache)
{
	hid_t d = H5Dopen2(f, path, H5P_DEFAULT);
	if (d < 0)
		return fail();
	size_t n, bytes = band_bytes(d, &n);
	if (bytes <= (1 << 20) || bytes > max_cache)
		return d;
	hid_t dapl = H5Pcreate(H5P_DATASET_ACCESS);
	if (dapl >= 0 && H5Pset_chunk_cache(dapl, 16 * n + 1, bytes, 1.0) >= 0) {
		H5Dclose(d);
		if ((d = H5Dopen2(f, path, dapl)) < 0)
			fail();
	}
	if (dapl >= 0)
		H5Pclose(dapl);
	return d;
}

hid_t nkh5_dataset_reopen(hid_t f, const char *path)
{
	hid_t dapl = H5Pcreate(H5P_DATASET_ACCESS), d = -1;
	/* No chunk cache, for the reason given above. */
	if (dapl >= 0 && H5Pset_chunk_cache(dapl, 1, 0, 1.0) >= 0)
		d = H5Dopen2(f, path, dapl);
	if (d < 0)
		fail();
	if (dapl >= 0)
		H5Pclose(dapl);
	return d;
}

int nkh5_truncate(hid_t d, hsize_t rows, hsize_t cols)
{
	hsize_t dims[2] = {rows, cols};
	return H5Dset_extent(d, dims) < 0 ? fail() : 0;
}

/* select_rows selects rows × columns in the file and returns the matching space in memory. */
static hid_t select_rows(hid_t space, hsize_t row, hsize_t rows, hsize_t col, hsize_t cols, int all_cols)
{
	int rank = H5Sget_simple_extent_ndims(space);
	if (rank < 0)
		return fail();
	if (rank == 0)
		return H5Screate(H5S_SCALAR);
	hsize_t start[NKH5_MAXRANK] = {0}, count[NKH5_MAXRANK];
	if (H5Sget_simple_extent_dims(space, count, NULL) < 0)
		return fail();
	if (row > count[0] || rows > count[0] - row)
		return fail_with("rows beyond the end of the dataset");
	start[0] = row;
	count[0] = rows;
	if (!all_cols && rank > 1) {
		start[1] = col;
		count[1] = cols;
	}
	if (H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0)
		return fail();
	hid_t mem = H5Screate_simple(rank, count, NULL);
	return mem < 0 ? fail() : mem;
}

int nkh5_read(hid_t d, hsize_t row, hsize_t rows, hsize_t col, hsize_t cols, int all_cols, int type, void *dst)
{
	hid_t space = H5Dget_space(d), ft = H5Dget_type(d), mt = nkh5_memory_type(type, ft), mem = -1;
	int   rc = -1;
	if (space < 0 || ft < 0 || mt < 0)
		fail();
	else if ((mem = select_rows(space, row, rows, col, cols, all_cols)) >= 0)
		rc = H5Dread(d, mt, mem, space, H5P_DEFAULT, dst) < 0 ? fail() : 0;
	if (mem >= 0)
		H5Sclose(mem);
	if (space >= 0)
		H5Sclose(space);
	if (ft >= 0)
		H5Tclose(ft);
	if (mt >= 0)
		H5Tclose(mt);
	return rc;
}

int nkh5_write(hid_t d, hsize_t row, hsize_t rows, hsize_t cols, int type, const void *src)
{
	hid_t space = H5Dget_space(d), ft = H5Dget_type(d), mt = nkh5_memory_type(type, ft), mem = -1;
	int   rc = -1;
	if (space < 0 || ft < 0 || mt < 0)
		fail();
	else if ((mem = select_rows(space, row, rows, 0, cols, 0)) >= 0)
		rc = H5Dwrite(d, mt, mem, space, H5P_DEFAULT, src) < 0 ? fail() : 0;
	if (mem >= 0)
		H5Sclose(mem);
	if (space >= 0)
		H5Sclose(space);
	if (ft >= 0)
		H5Tclose(ft);
	if (mt >= 0)
		H5Tclose(mt);
	return rc;
}

int nkh5_append(hid_t d, hsize_t row, hsize_t rows, hsize_t cols, int type, const void *src)
{
	hsize_t dims[2] = {row + rows, cols};
	if (H5Dset_extent(d, dims) < 0)
		return fail();
	return cols == 0 ? 0 : nkh5_write(d, row, rows, cols, type, src);
}

void nkh5_free_vlen(char **p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != NULL)
			H5free_memory(p[i]);
}
