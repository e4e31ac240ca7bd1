/* SPDX-License-Identifier: MIT */
#include "store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "alloc.h"
#include "banned.h"

const char *const gu_store_vfs = NULL;

void gu_store_lock(struct gu_store_lock *lock, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? gu_strndup(path, (size_t)(slash - path) + 1)
			  : gu_strdup(".");

	lock->handle = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	gu_free(dir);
	if (lock->handle < 0) {
		return;
	}
	while (flock((int)lock->handle, LOCK_EX) != 0 && errno == EINTR) {
	}
}

void gu_store_unlock(struct gu_store_lock *lock)
{
	if (lock->handle >= 0) {
		close((int)lock->handle);
	}
	lock->handle = -1;
}
