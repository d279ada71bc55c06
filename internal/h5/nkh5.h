/* C side of package h5: whole operations on HDF5 objects in one call each, so that the text of an error is taken
 * from the library's error stack before a later call clears it. Every function returns a negative value on failure
 * and leaves the text for nkh5_error on the calling thread. */
#ifndef NKH5_H
#define NKH5_H

#include <hdf5.h>

enum { NKH5_F64 = 0, NKH5_I32 = 1, NKH5_I64 = 2, NKH5_RAW = 3, NKH5_F32 = 4, NKH5_U8 = 5 };
enum { NKH5_MAXRANK = 32 };

typedef struct {
	int     rank; /* -1: null dataspace */
	hsize_t dims[NKH5_MAXRANK];
	int     cls;  /* H5T_class_t */
	size_t  size; /* bytes of an element in the file */
	int     vlen; /* variable-length string */
	int     pointers; /* values in memory hold pointers: raw bytes mean nothing */
	int     pad;  /* string padding */
	char    type[96];
} nkh5_info;

const char *nkh5_error(void);
void        nkh5_quiet(void);
void        nkh5_take_error(void);
int         nkh5_describe(hid_t space, hid_t type, nkh5_info *out);
hid_t       nkh5_memory_type(int type, hid_t file);

hid_t nkh5_create_durable(const char *path, int keep_freed);
hid_t nkh5_open_durable(const char *path);
int   nkh5_flush_durable(hid_t f);
void  nkh5_abandon(hid_t f); /* of a durable file: nothing more goes to disk */
int   nkh5_close_file(hid_t f);
int   nkh5_group_create(hid_t f, const char *path);
int   nkh5_kind(hid_t f, const char *path); /* 1 group, 2 dataset, 3 other */

hid_t nkh5_dataset_create(hid_t f, const char *path, int type, size_t strsize, int utf8, int rank,
                          hsize_t rows, hsize_t cols, int grows, hsize_t chunk_rows, int gzip);
hid_t nkh5_dataset_open(hid_t f, const char *path, size_t max_cache);
hid_t nkh5_dataset_reopen(hid_t f, const char *path); /* to append to */
int   nkh5_truncate(hid_t d, hsize_t rows, hsize_t cols);
int   nkh5_dataset_info(hid_t d, nkh5_info *out);
int   nkh5_read(hid_t d, hsize_t row, hsize_t rows, hsize_t col, hsize_t cols, int all_cols, int type, void *dst);
int   nkh5_append(hid_t d, hsize_t row, hsize_t rows, hsize_t cols, int type, const void *src);
int   nkh5_write(hid_t d, hsize_t row, hsize_t rows, hsize_t cols, int type, const void *src);
void  nkh5_free_vlen(char **p, size_t n);

int nkh5_attr_exists(hid_t f, const char *obj, const char *name);
int nkh5_attr_count(hid_t f, const char *obj);
int nkh5_attr_name(hid_t f, const char *obj, int i, char *dst, size_t size);
int nkh5_attr_put(hid_t f, const char *obj, const char *name, int type, const void *value);
int nkh5_attr_put_text(hid_t f, const char *obj, const char *name, const char *text);
int nkh5_attr_info(hid_t f, const char *obj, const char *name, nkh5_info *out);
int nkh5_attr_get(hid_t f, const char *obj, const char *name, int type, void *dst);

#endif
