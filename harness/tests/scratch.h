/* SPDX-License-Identifier: MIT */
#ifndef GU_SCRATCH_H
#define GU_SCRATCH_H

/* Folders and links for tests, on every system. Each answers 0 or a
 * negative libuv code. */
#include <stdio.h>
#include <uv.h>

/* A new, empty folder: its path in `dir`. */
static inline int scratch_make(char *dir, size_t size)
{
	uv_fs_t req;
	int code = uv_fs_mkdtemp(NULL, &req, "/tmp/guise-test-XXXXXX", NULL);

	if (code == 0) {
		(void)snprintf(dir, size, "%s", req.path);
	}
	uv_fs_req_cleanup(&req);
	return code;
}

static inline int scratch_folder(const char *path)
{
	uv_fs_t req;
	int code = uv_fs_mkdir(NULL, &req, path, 0700, NULL);

	uv_fs_req_cleanup(&req);
	return code;
}

/* A file or an empty folder; one that is not there is fine. */
static inline int scratch_remove(const char *path)
{
	uv_fs_t req;
	int code = uv_fs_unlink(NULL, &req, path, NULL);

	uv_fs_req_cleanup(&req);
	if (code && code != UV_ENOENT) {
		code = uv_fs_rmdir(NULL, &req, path, NULL);
		uv_fs_req_cleanup(&req);
	}
	return code == UV_ENOENT ? 0 : code;
}

#endif
