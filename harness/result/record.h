/* SPDX-License-Identifier: MIT */
#ifndef GU_RECORD_H
#define GU_RECORD_H

#include "trace.h"

/* Records: what a run leaves behind, one per call, attempt, identity read,
 * expectation without a row of its own, and finding. The recorder is an
 * observer of a traced world; rows are kept as plain data until the scenario
 * ends and are turned into text only when a store asks for it. Conductor
 * thread only. */
enum gu_verdict {
	GU_VERDICT_NONE, /* not judged */
	GU_VERDICT_PASS,
	GU_VERDICT_FAIL,
	GU_VERDICT_SKIP,
	GU_VERDICT_KNOWN,
	GU_VERDICT_ERROR,
};
const char *gu_verdict_name(enum gu_verdict v); /* "" for NONE */

/* The worse of two: error, fail, known, skip, pass, none. */
enum gu_verdict gu_verdict_worse(enum gu_verdict a, enum gu_verdict b);

enum gu_record_kind {
	GU_RECORD_CALL,
	GU_RECORD_ATTEMPT,
	GU_RECORD_IDENTITY,
	GU_RECORD_EXPECT,
	GU_RECORD_FINDING,
};
const char *gu_record_kind_name(enum gu_record_kind k);

/* The columns, in the order of every format. */
/* clang-format off */
#define GU_COLUMNS(X)                                                          \
	X(run) X(seq) X(time_utc) X(scenario) X(file) X(line) X(step) X(kind)  \
	X(process) X(thread) X(identity) X(identity_sid) X(level) X(via)       \
	X(operation) X(object_type) X(object) X(asked) X(granted)              \
	X(status_code) X(status_name) X(expected) X(verdict) X(rule) X(cwe)    \
	X(reason) X(duration_ns)

enum gu_column {
#define X(name) GU_COL_##name,
	GU_COLUMNS(X)
#undef X
	GU_COL_COUNT,
};
/* clang-format on */
extern const char *const gu_column_names[GU_COL_COUNT];

/* Strings are borrowed: they live until the scenario's records are dropped
 * (recorder arena) or the world closes. NULL prints as empty. */
struct gu_record {
	enum gu_record_kind kind;
	enum gu_verdict verdict;
	int line;        /* of the call */
	int judged_line; /* of the expectation; 0: not judged */
	uint32_t step;
	int64_t time_us; /* since the epoch, UTC; see gu_recorder_begin */
	uint64_t duration_ns;
	const char *process;
	const char *thread;
	struct gu_identity who; /* in effect during the call */
	bool has_who;
	enum gu_fn via; /* GU_FN_NONE: empty */
	enum gu_fn fn;  /* GU_FN_NONE: empty operation */
	bool has_status;
	struct gu_status status;
	bool hollow; /* a success without its effect: the reason says more */
	struct gu_decision decision; /* .made false: only `type` counts */
	/* What the decision rests on, NULL where that is not known. Kept by the
	 * recorder until the scenario's records are dropped; equal ones are the
	 * same pointer. */
	const struct gu_basis *basis;
	const char *object; /* where there is no decision: what was handled */
	const char *expected;
	const char *rule;
	const char *cwe;
	const char *reason; /* overrides the decision's */
};

/* What a scenario set up, as it was at the end: accounts, processes and tokens
 * are principals with a token, the rest are objects with a descriptor. */
struct gu_thing {
	enum gu_ref_kind kind;        /* ACCOUNT, PROCESS, TOKEN; or OBJECT */
	enum gu_objtype type;         /* of an object */
	const char *name;             /* borrowed until the next begin */
	const struct gu_basis *basis; /* borrowed likewise */
};

/* Where a scenario stands, given by the runner. */
struct gu_scenario_info {
	const char *name;
	const char *file;
	int line;
};

struct gu_recorder; /* is also a gu_observer */

GU_MUST_CHECK enum gu_rc
gu_recorder_new(struct gu_recorder **out, struct gu_err *err);
void gu_recorder_free(struct gu_recorder *r);
struct gu_observer *gu_recorder_observer(struct gu_recorder *r); /* Borrowed */

/* Starts a scenario: drops all rows of the one before. `info` is borrowed
 * until the next begin.
 *
 * A clock read costs more than a row, so rows are timed by the durations of
 * their calls on top of the time of begin; the clock is read again every few
 * rows and after a call that took long. Times never step back. */
void gu_recorder_begin(struct gu_recorder *r,
		       const struct gu_scenario_info *info);

/* Names that rows show for refs; called when a fixture is made. `process` is
 * the owner of a thread. Strings are copied. */
void gu_recorder_name(struct gu_recorder *r, struct gu_ref ref,
		      const char *name, struct gu_ref process);

/* The name given to a ref, or NULL. Borrowed until the next begin. */
const char *gu_recorder_name_of(const struct gu_recorder *r, struct gu_ref ref);

/* The step of the row that the last completed call made; 0 when it makes
 * none (fixtures). */
uint32_t gu_recorder_step(const struct gu_recorder *r);

/* Judges the row of `step`, or with step 0 appends an `expect` row. A row
 * that is judged twice keeps the worse verdict and both texts. `expected` and
 * `reason` (may be NULL) are copied. */
void gu_recorder_judge(struct gu_recorder *r, uint32_t step, int line,
		       enum gu_verdict verdict, const char *expected,
		       const char *reason);

/* Appends an identity row (whoami, acts_as, reverted); returns its step. */
uint32_t gu_recorder_identity(struct gu_recorder *r, struct gu_ref thread,
			      const struct gu_identity *who, enum gu_fn via,
			      int line);

/* Appends a finding. */
uint32_t gu_recorder_finding(struct gu_recorder *r, struct gu_ref thread,
			     const struct gu_identity *who, enum gu_fn via,
			     int line, const char *rule, const char *cwe,
			     const char *reason, enum gu_verdict verdict);

/* A failed row that differs for a reason that is known: `known` now. */
void gu_recorder_known(struct gu_recorder *r, uint32_t step, const char *why);

/* Appends a row of its own for the whole scenario: an error or a skip, with
 * its reason. Copied. */
void gu_recorder_note(struct gu_recorder *r, int line, enum gu_verdict verdict,
		      const char *reason);

/* The rows of the scenario so far. Borrowed until the next call. A failed
 * allocation inside the recorder is remembered: check says so. */
const struct gu_record *
gu_recorder_rows(const struct gu_recorder *r, size_t *count);
struct gu_record *gu_recorder_row(struct gu_recorder *r, uint32_t step);
GU_MUST_CHECK enum gu_rc
gu_recorder_check(const struct gu_recorder *r, struct gu_err *err);

/* Reads what the fixtures of the scenario are made of now. `w` is the traced
 * world; things that have no name, or of which the target cannot tell, are
 * left out. */
GU_MUST_CHECK enum gu_rc
gu_recorder_look(struct gu_recorder *r, struct gu_world *w, struct gu_err *err);

/* What was found, in the order of its making. Borrowed until the next begin or
 * look. */
const struct gu_thing *
gu_recorder_things(const struct gu_recorder *r, size_t *count);

/* For observers that write here: one of their rows was lost to memory. */
void gu_recorder_lose(struct gu_recorder *r);

/* "ERROR_ACCESS_DENIED (5)", or the number alone where it has no name. */
void gu_record_status(const struct gu_status *status, struct gu_buf *out);

/* What was seen, in words: "granted FILE_READ_DATA", "denied with
 * ERROR_ACCESS_DENIED (5)", "MACHINE\\alice at Impersonation". */
void gu_record_observed(const struct gu_record *row, struct gu_buf *out);

/* The whole diagnostic of a row that is not a pass: "FILE:LINE: fail:
 * expected ..., observed ..., because ...". One line, no newline. */
void gu_record_diagnostic(const struct gu_record *row, const char *file,
			  struct gu_buf *out);

/* What `out` holds from there on becomes one line without any terminal's
 * commands: names may hold anything. */
void gu_record_one_line(struct gu_buf *out, size_t from);

/* More lines for that row, indented and each ended, when it is a decision that
 * was not as expected: the steps of the access check and what would turn it
 * round. Nothing for other rows. */
GU_MUST_CHECK enum gu_rc gu_record_explain(const struct gu_record *row,
					   struct gu_buf *out,
					   struct gu_err *err);

/* Now, and a time as "2026-01-31T09:00:00.000000Z". */
int64_t gu_utc_now(void); /* microseconds since the epoch */
void gu_utc_format(int64_t time_us, struct gu_buf *out);

/* The text of one column of a row as it goes to a store: appended to `out`.
 * run, seq, scenario and file are the store's. */
void gu_record_format(const struct gu_record *row, enum gu_column col,
		      struct gu_buf *out);

#endif
