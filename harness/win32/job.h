/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_JOB_H
#define GU_WIN32_JOB_H

#include "target.h"

/* Jobs and answers: what the conductor and the thread that does the work say
 * to each other. Plain data with one serial form; pure, any thread.
 *
 * Arguments are gu_values, lowered by the type that the row gives them:
 *
 *   UINT, LEVEL, IL, ACCESS, CONST, CONST_STR, PRIVS   UINT
 *   BOOL, SQOS                                         as they are
 *   STR                       STR; names of things made are mapped (names.h)
 *   SDDL                      STR: the self-relative descriptor's bytes
 *   SID                       STR: the SID's bytes
 *   SIDS                      LIST of TABLE {sid = STR bytes, attributes}
 *   PATH, TARGET              STR: the real name; its type in `type`
 *   REF_HANDLE, REF_TOKEN, REF_THREAD, REF_PROCESS
 *                             REF {HANDLE, value}: a HANDLE of the process
 *                             that runs the job, with all rights for fixtures.
 *                             Left out: NONE. Closed and foreign ones: a value
 *                             that is no handle
 *   any other reference       REF {kind, id}: a thing of that process
 *                             (w_thing_*), or STR: the label of a thing of
 *                             another one, or UINT: a raw number
 *
 * Results come back in the same way. */
struct w_job {
	uint64_t seq; /* chosen by the conductor, returned in the answer */
	enum gu_fn fn;
	uint32_t thread; /* id of its ref */
	/* Of the object named by a PATH or TARGET; GU_OBJ_NONE. */
	enum gu_objtype type;
	uint32_t arg_count;
	struct gu_value args[GU_ARGS_MAX]; /* borrowed */
};

/* Who a thread is, as the system says. */
struct w_identity {
	bool impersonating;
	bool known; /* false: the token could not be opened (`error`) */
	uint32_t error;
	enum gu_level level;
	uint32_t integrity;
	uint64_t token_id;
	uint64_t modified_id;
	uint64_t auth_id;
	struct gu_sid user;
};

enum w_end {
	W_END_DONE,        /* `status` holds what the function answered */
	W_END_UNSUPPORTED, /* no such function here; `text` names it */
	W_END_RAISED,      /* the system raised `status.code` */
	W_END_CRASHED,     /* guise itself raised it */
	W_END_USAGE,       /* `text` says what is wrong with the input */
	W_END_FAILED,      /* the harness failed; `text` */
};

struct w_answer {
	uint64_t seq;
	enum w_end end;
	const char *text; /* of UNSUPPORTED, USAGE, FAILED; or "" */
	struct gu_status status;
	struct gu_value value;
	const char *label; /* of a thing handed out, for other processes */
	/* What was opened: GU_OBJ_NONE when nothing was. */
	enum gu_objtype type;
	uint32_t asked;
	uint32_t granted;
	bool checked;               /* the system took an access decision */
	struct w_identity identity; /* of the calling thread, afterwards */
	/* The OS thread that stands for the calling thread from now on: a
	 * HANDLE of its process. 0: as before. */
	uint32_t stands;
};

/* Appends the serial form. */
void w_job_encode(const struct w_job *job, struct gu_buf *out);
void w_answer_encode(const struct w_answer *answer, struct gu_buf *out);

/* Reads it back from any bytes: whole and valid, or USAGE with the offset.
 * Strings and lists live in the arena. */
GU_MUST_CHECK enum gu_rc w_job_decode(struct w_job *out, const void *p,
				      size_t n, struct gu_arena *arena,
				      struct gu_err *err);
GU_MUST_CHECK enum gu_rc w_answer_decode(struct w_answer *out, const void *p,
					 size_t n, struct gu_arena *arena,
					 struct gu_err *err);

#endif
