/* SPDX-License-Identifier: MIT */
#ifndef GU_STORE_FILE_H
#define GU_STORE_FILE_H

#include "err.h"

/* The store's files as the file system sees them. SQLite finds a database's
 * log by name, so between removing one store and creating the next nobody
 * else may do the same: lock the folder meanwhile. */
struct gu_store_lock {
	intptr_t handle; /* -1: none, which is not an error */
};
void gu_store_lock(struct gu_store_lock *lock, const char *path);
void gu_store_unlock(struct gu_store_lock *lock);

/* What a path holds, judged without SQLite, which might write beside it. */
enum gu_store_kind {
	GU_STORE_ABSENT, /* no file, or an empty one */
	GU_STORE_OURS,
	GU_STORE_NEWER, /* of a guise with another schema */
	GU_STORE_FOREIGN,
};
GU_MUST_CHECK enum gu_rc
gu_store_probe(const char *path, uint32_t app_id, uint32_t version,
	       enum gu_store_kind *out, struct gu_err *err);

/* SQLite's file layer for paths of any length; NULL is its usual one. */
extern const char *const gu_store_vfs;

/* Removes a database and the files SQLite keeps beside it. */
GU_MUST_CHECK enum gu_rc gu_store_remove(const char *path, struct gu_err *err);

#endif
