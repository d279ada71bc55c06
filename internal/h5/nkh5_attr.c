#include "nkh5.h"

#include <stdlib.h>
#include <string.h>

/* done keeps the error text when rc tells of a failure, then closes what was opened; each id may be negative. */
static int done(int rc, hid_t attr, hid_t type, hid_t space)
{
	if (rc < 0)
		nkh5_take_error();
	if (type >= 0)
		H5Tclose(type);
	if (space >= 0)
		H5Sclose(space);
	if (attr >= 0)
		H5Aclose(attr);
	return rc;
}

static hid_t open_attr(hid_t f, const char *obj, const char *name)
{
	return H5Aopen_by_name(f, obj, name, H5P_DEFAULT, H5P_DEFAULT);
}

int nkh5_attr_exists(hid_t f, const char *obj, const char *name)
{
	htri_t r = H5Aexists_by_name(f, obj, name, H5P_DEFAULT);
	return r < 0 ? done(-1, -1, -1, -1) : r > 0;
}

int nkh5_attr_count(hid_t f, const char *obj)
{
	H5O_info_t info;
#if H5_VERSION_GE(1, 12, 0)
	herr_t rc = H5Oget_info_by_name3(f, obj, &info, H5O_INFO_NUM_ATTRS, H5P_DEFAULT);
#else
	herr_t rc = H5Oget_info_by_name(f, obj, &info, H5P_DEFAULT);
#endif
	return rc < 0 ? done(-1, -1, -1, -1) : (int)info.num_attrs;
}

int nkh5_attr_name(hid_t f, const char *obj, int i, char *dst, size_t size)
{
	ssize_t n = H5Aget_name_by_idx(f, obj, H5_INDEX_NAME, H5_ITER_INC, (hsize_t)i, dst, size, H5P_DEFAULT);
	return n < 0 ? done(-1, -1, -1, -1) : 0;
}

/* put writes a scalar, in place when the attribute is there already. The object is opened first: the library (1.10.8)
 * cannot write to an attribute that was opened by its object's name. */
static int put(hid_t f, const char *obj, const char *name, hid_t file, hid_t mem, const void *value)
{
	hid_t space = H5Screate(H5S_SCALAR), o = H5Oopen(f, obj, H5P_DEFAULT), attr = -1;
	int   rc = -1;
	if (o >= 0 && space >= 0)
		attr = H5Aexists(o, name) > 0 ? H5Aopen(o, name, H5P_DEFAULT)
		                              : H5Acreate2(o, name, file, space, H5P_DEFAULT, H5P_DEFAULT);
	if (attr >= 0)
		rc = H5Awrite(attr, mem, value) < 0 ? -1 : 0;
	rc = done(rc, attr, -1, space);
	if (o >= 0)
		H5Oclose(o);
	return rc;
}

int nkh5_attr_put(hid_t f, const char *obj, const char *name, int type, const void *value)
{
	if (type == NKH5_F64)
		return put(f, obj, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, value);
	return put(f, obj, name, H5T_STD_I64LE, H5T_NATIVE_INT64, value);
}

int nkh5_attr_put_text(hid_t f, const char *obj, const char *name, const char *text)
{
	hid_t t = H5Tcopy(H5T_C_S1);
	if (t < 0 || H5Tset_size(t, H5T_VARIABLE) < 0 || H5Tset_cset(t, H5T_CSET_UTF8) < 0)
		return done(-1, -1, t, -1);
	int rc = put(f, obj, name, t, t, &text);
	H5Tclose(t);
	return rc;
}

int nkh5_attr_info(hid_t f, const char *obj, const char *name, nkh5_info *out)
{
	hid_t attr = open_attr(f, obj, name), space = -1, type = -1;
	if (attr < 0)
		return done(-1, -1, -1, -1);
	space = H5Aget_space(attr);
	type = H5Aget_type(attr);
	return done(nkh5_describe(space, type, out), attr, type, space);
}

int nkh5_attr_get(hid_t f, const char *obj, const char *name, int type, void *dst)
{
	hid_t attr = open_attr(f, obj, name), file = -1, mem = -1;
	int   rc = -1;
	if (attr >= 0 && (file = H5Aget_type(attr)) >= 0 && (mem = nkh5_memory_type(type, file)) >= 0)
		rc = H5Aread(attr, mem, dst) < 0 ? -1 : 0;
	rc = done(rc, attr, mem, -1);
	if (file >= 0)
		H5Tclose(file);
	return rc;
}
