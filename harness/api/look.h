/* SPDX-License-Identifier: MIT */
#ifndef GU_LOOK_H
#define GU_LOOK_H

#include "objtype.h"

/* Looking at a machine: what is there, one thing after another, with its
 * descriptor or token. Nothing is changed by it. */
enum gu_look_kind {
	GU_LOOK_FILES,     /* `root` and what is below */
	GU_LOOK_KEYS,      /* the same: "HKLM\\Software" */
	GU_LOOK_SERVICES,  /* all */
	GU_LOOK_PIPES,     /* all */
	GU_LOOK_KERNEL,    /* events, mutexes, semaphores and sections of the
			      object directory `root`, and below */
	GU_LOOK_PROCESSES, /* that of the id or the program's name `root`; NULL:
			      all. Each is an object and a principal */
};

struct gu_look {
	enum gu_look_kind kind;
	const char *root;
};

/* All is borrowed for the call. */
struct gu_found {
	const char *name;
	enum gu_objtype type; /* of an object; NONE: a principal */
	const struct gu_token *token;
	const struct gu_sd *sd;
	uint32_t error; /* Win32: why there is neither; 0 otherwise */
};

/* An error ends the look. */
typedef enum gu_rc (*gu_found_fn)(void *arg, const struct gu_found *found,
				  struct gu_err *err);

#endif
