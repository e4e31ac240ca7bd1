/* SPDX-License-Identifier: MIT */
#include "store_file.h"

#include <errno.h>
#include <uv.h>

#include "alloc.h"
#include "buf.h"
#include "file.h"
#include "banned.h"

/* The header of a SQLite file: magic at 0, user_version at 60 and
 * application_id at 68, big-endian (SQLite file format, section 1.3). */
enum { HEADER = 100, VERSION_AT = 60, APP_ID_AT = 68 };

static uint32_t load_be(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static enum gu_store_kind
kind_of(const uint8_t *head, size_t n, uint32_t app_id, uint32_t version)
{
	static const char magic[16] = "SQLite format 3";

	if (n == 0) {
		return GU_STORE_ABSENT;
	}
	if (n < HEADER || memcmp(head, magic, sizeof(magic)) != 0 ||
	    load_be(head + APP_ID_AT) != app_id) {
		return GU_STORE_FOREIGN;
	}
	return load_be(head + VERSION_AT) == version ? GU_STORE_OURS
						     : GU_STORE_NEWER;
}

enum gu_rc gu_store_probe(const char *path, uint32_t app_id, uint32_t version,
			  enum gu_store_kind *out, struct gu_err *err)
{
	uint8_t head[HEADER];
	FILE *f = gu_file_open(path, "rb");
	size_t n;
	int failed;

	if (!f && errno == ENOENT) {
		*out = GU_STORE_ABSENT;
		return GU_RC_OK;
	}
	if (!f) {
		return gu_err_set(err, GU_RC_IO, "store %s: %s", path,
				  strerror(errno));
	}
	n = fread(head, 1, sizeof(head), f);
	failed = ferror(f) ? errno : 0;
	fclose(f);
	if (failed) {
		return gu_err_set(err, GU_RC_IO, "store %s: %s", path,
				  strerror(failed));
	}
	*out = kind_of(head, n, app_id, version);
	return GU_RC_OK;
}

static enum gu_rc remove_file(const char *path, struct gu_err *err)
{
	char *name = gu_path_long(path);
	uv_fs_t req;
	int code;

	if (!name) {
		return gu_err_nomem(err);
	}
	code = uv_fs_unlink(NULL, &req, name, NULL);
	uv_fs_req_cleanup(&req);
	gu_free(name);
	if (code && code != UV_ENOENT) {
		return gu_err_set(err, GU_RC_IO, "store %s: %s", path,
				  uv_strerror(code));
	}
	return GU_RC_OK;
}

enum gu_rc gu_store_remove(const char *path, struct gu_err *err)
{
	static const char *const suffixes[] = { "", "-wal", "-shm",
						"-journal" };
	struct gu_buf name = GU_BUF_INIT;
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && i < sizeof(suffixes) / sizeof(*suffixes);
	     i++) {
		gu_buf_reset(&name);
		gu_buf_adds(&name, path);
		gu_buf_adds(&name, suffixes[i]);
		rc = gu_buf_check(&name, err);
		if (!rc) {
			rc = remove_file(name.data, err);
		}
	}
	gu_buf_release(&name);
	return rc;
}
