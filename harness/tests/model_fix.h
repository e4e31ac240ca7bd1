/* SPDX-License-Identifier: MIT */
#ifndef GU_MODEL_FIX_H
#define GU_MODEL_FIX_H

#include "unit.h"

#include "arena.h"
#include "model.h"

/* A model world for tests: fixtures by name and calls by row.
 *
 *	struct fix f;
 *	struct gu_ref alice, svc, t, h;
 *
 *	fix_open(&f);
 *	alice = fix_account(&f, "alice", "BUILTIN\\Users");
 *	svc = fix_process(&f, "svc", "NT AUTHORITY\\SYSTEM");
 *	t = fix_thread(&f, svc, "server");
 *	h = OPENED(&f, t, FN(OpenProcessToken), UINT("access", 0x8));
 *	FAILS(&f, 5, t, FN(ImpersonateLoggedOnUser), REF("token", h));
 *	OK(&f, t, FN(ImpersonateSelf), UINT("level", 2));
 *	fix_acts_as(&f, t, "NT AUTHORITY\\SYSTEM", GU_LEVEL_IMPERSONATION);
 *	fix_close(&f);
 *
 * Arguments are named as in the call table; those not given are left out.
 * Fixtures are calls of no thread: FIXTURE(&f, FN(account), ...). */
struct fix {
	struct gu_world *w;
	struct gu_arena arena;
	struct gu_err err;
	struct gu_call call; /* the last one */
	struct gu_value args[GU_ARGS_MAX];
};

/* The first entry of an argument list is FN(...), the last has no name. */
struct fix_arg {
	enum gu_fn fn;
	const char *name;
	struct gu_value value;
};

#define FN(row)     ((struct fix_arg){ .fn = GU_FN_##row, .name = "" })
#define REF(n, r)   ((struct fix_arg){ .name = (n), .value = fix_ref(r) })
#define UINT(n, v)  ((struct fix_arg){ .name = (n), .value = fix_uint(v) })
#define BOOL(n, v)  ((struct fix_arg){ .name = (n), .value = fix_bool(v) })
#define STR(n, s)   ((struct fix_arg){ .name = (n), .value = fix_str(s) })
#define VALUE(n, v) ((struct fix_arg){ .name = (n), .value = (v) })
#define SQOS(n, l, dyn, eff) \
	((struct fix_arg){ .name = (n), .value = fix_sqos((l), (dyn), (eff)) })
/* A list of strings: LIST(&f, "groups", "BUILTIN\\Users", "S-1-5-6"). */
#define LIST(f, n, ...)            \
	((struct fix_arg){         \
		.name = (n),       \
		.value = fix_list( \
			(f), (const char *const[]){ __VA_ARGS__, NULL }) })
#define FIX_ARGS(...) \
	((const struct fix_arg[]){ __VA_ARGS__, { .name = NULL } })

/* Calls a row and returns its outcome; any answer will do. */
#define CALL(f, thread, ...) fix_call((f), (thread), FIX_ARGS(__VA_ARGS__))
/* The call must succeed. */
#define OK(f, thread, ...) \
	fix_check_ok((f), CALL((f), (thread), __VA_ARGS__), __LINE__)
/* The call must fail with that code of its convention. */
#define FAILS(f, code, thread, ...) \
	fix_check_fails((f), CALL((f), (thread), __VA_ARGS__), (code), __LINE__)
/* The call must succeed; what it hands out. */
#define OPENED(f, thread, ...) fix_made(OK((f), (thread), __VA_ARGS__))
#define FIXTURE(f, ...)        OPENED((f), fix_no_ref(), __VA_ARGS__)
/* The script's input is refused: not an answer of Windows. */
#define MISUSED(f, thread, ...)                                            \
	assert_int_equal(fix_submit((f), (thread), FIX_ARGS(__VA_ARGS__)), \
			 GU_RC_USAGE)
/* Starts a call in `call`, which has arguments of its own in `args`; the
 * answer is PENDING. */
#define STARTS(f, call, args, thread, ...)                        \
	assert_int_equal(fix_start((f), (call), (args), (thread), \
				   FIX_ARGS(__VA_ARGS__)),        \
			 GU_RC_PENDING)

static inline struct gu_ref fix_no_ref(void)
{
	return (struct gu_ref){ .kind = GU_REF_NONE, .id = 0 };
}

/* A raw handle value, as a script passes a bad one. */
static inline struct gu_ref fix_raw_handle(uint32_t id)
{
	return (struct gu_ref){ .kind = GU_REF_HANDLE, .id = id };
}

static inline struct gu_value fix_ref(struct gu_ref r)
{
	return (struct gu_value){ .type = GU_V_REF, .ref = r };
}

static inline struct gu_value fix_uint(uint64_t v)
{
	return (struct gu_value){ .type = GU_V_UINT, .u = v };
}

static inline struct gu_value fix_bool(bool v)
{
	return (struct gu_value){ .type = GU_V_BOOL, .b = v };
}

static inline struct gu_value fix_str(const char *s)
{
	if (!s) {
		return (struct gu_value){ .type = GU_V_NONE };
	}
	return (struct gu_value){ .type = GU_V_STR,
				  .str = { .p = s, .len = strlen(s) } };
}

static inline struct gu_value
fix_sqos(enum gu_level level, bool dynamic, bool effective_only)
{
	return (struct gu_value){ .type = GU_V_SQOS,
				  .sqos = { .present = true,
					    .level = level,
					    .dynamic = dynamic,
					    .effective_only =
						    effective_only } };
}

static inline struct gu_value fix_list(struct fix *f, const char *const *names)
{
	uint32_t n = 0;
	struct gu_value *list;

	while (names[n]) {
		n++;
	}
	list = gu_arena_alloc(&f->arena, (n + 1) * sizeof(*list));
	assert_non_null(list);
	for (uint32_t i = 0; i < n; i++) {
		list[i] = fix_str(names[i]);
	}
	return (struct gu_value){ .type = GU_V_LIST, .count = n, .list = list };
}

static inline void fix_open(struct fix *f)
{
	const struct gu_world_config config = { .seed = 1 };

	memset(f, 0, sizeof(*f));
	assert_rc_ok(gu_target_model.open(&config, &f->w, &f->err));
}

static inline void fix_close(struct fix *f)
{
	gu_world_close(f->w);
	gu_arena_release(&f->arena);
}

static inline void fix_fill(struct gu_value *values, const struct fix_arg *args)
{
	const enum gu_fn fn = args[0].fn;

	memset(values, 0, GU_ARGS_MAX * sizeof(*values));
	for (const struct fix_arg *a = args + 1; a->name; a++) {
		int i = gu_fn_arg(fn, a->name);

		if (i < 0) {
			fail_msg("%s has no argument \"%s\"",
				 gu_fn_row(fn)->name, a->name);
		}
		values[i] = a->value;
	}
}

static inline enum gu_rc
fix_start(struct fix *f, struct gu_call *call, struct gu_value *values,
	  struct gu_ref thread, const struct fix_arg *args)
{
	fix_fill(values, args);
	memset(call, 0, sizeof(*call));
	call->fn = args[0].fn;
	call->thread = thread;
	call->args = values;
	call->arena = &f->arena;
	/* A sentinel that no answer leaves. */
	call->out.status.code = 0xDEADBEEF;
	return gu_world_submit(f->w, call, &f->err);
}

static inline enum gu_rc
fix_submit(struct fix *f, struct gu_ref thread, const struct fix_arg *args)
{
	return fix_start(f, &f->call, f->args, thread, args);
}

static inline const struct gu_outcome *
fix_call(struct fix *f, struct gu_ref thread, const struct fix_arg *args)
{
	enum gu_rc rc = fix_submit(f, thread, args);

	if (rc) {
		fail_msg("%s: rc %d: %s", gu_fn_row(args[0].fn)->name, (int)rc,
			 f->err.msg);
	}
	return &f->call.out;
}

static inline const struct gu_outcome *
fix_check_ok(struct fix *f, const struct gu_outcome *out, int line)
{
	char text[16];

	if (!out->status.ok) {
		fail_msg("line %d: %s failed: %s", line,
			 gu_fn_row(f->call.fn)->name,
			 gu_status_text(out->status.conv, out->status.code,
					text));
	}
	return out;
}

static inline const struct gu_outcome *
fix_check_fails(struct fix *f, const struct gu_outcome *out, uint32_t code,
		int line)
{
	char text[16];

	if (out->status.ok || out->status.code != code) {
		fail_msg("line %d: %s: %s %s, not failed with %u", line,
			 gu_fn_row(f->call.fn)->name,
			 out->status.ok ? "succeeded with" : "failed with",
			 gu_status_text(out->status.conv, out->status.code,
					text),
			 code);
	}
	return out;
}

static inline struct gu_ref fix_made(const struct gu_outcome *out)
{
	assert_int_equal(out->value.type, GU_V_REF);
	return out->value.ref;
}

/* The pending call that has completed now. */
static inline struct gu_call *fix_wait(struct fix *f)
{
	struct gu_call *done = NULL;

	assert_rc_ok(gu_world_wait(f->w, 0, &done, &f->err));
	return done;
}

/* An account with these groups (up to one; NULL: none). More: FIXTURE. */
static inline struct gu_ref
fix_account(struct fix *f, const char *name, const char *group)
{
	if (!group) {
		return FIXTURE(f, FN(account), STR("name", name));
	}
	return FIXTURE(f, FN(account), STR("name", name),
		       LIST(f, "groups", group));
}

/* A process of the account of that name. */
static inline struct gu_ref
fix_process(struct fix *f, const char *name, const char *account)
{
	return FIXTURE(f, FN(process), STR("name", name),
		       STR("account", account));
}

static inline struct gu_ref
fix_thread(struct fix *f, struct gu_ref process, const char *name)
{
	return FIXTURE(f, FN(thread), REF("process", process),
		       STR("name", name));
}

/* Process and thread at once. */
static inline struct gu_ref fix_run_as(struct fix *f, const char *account)
{
	return fix_thread(f, fix_process(f, account, account), "main");
}

static inline struct gu_ref fix_object(struct fix *f, enum gu_objtype type,
				       const char *name, const char *sddl)
{
	return FIXTURE(f, FN(object), UINT("type", type), STR("name", name),
		       STR("sddl", sddl));
}

/* A token fixture of an account: primary, or impersonation at `level`. */
static inline struct gu_ref fix_primary(struct fix *f, struct gu_ref account)
{
	return FIXTURE(f, FN(token), REF("account", account), UINT("type", 1));
}

static inline struct gu_ref
fix_imp(struct fix *f, struct gu_ref account, enum gu_level level)
{
	return FIXTURE(f, FN(token), REF("account", account), UINT("type", 2),
		       UINT("level", level));
}

/* `open` and what came of it. */
static inline bool fix_can_open(struct fix *f, struct gu_ref thread,
				struct gu_ref object, uint32_t access)
{
	return CALL(f, thread, FN(open), REF("object", object),
		    UINT("access", access))
		->status.ok;
}

static inline struct gu_identity
fix_identity(struct fix *f, struct gu_ref thread)
{
	struct gu_identity id;

	assert_rc_ok(gu_world_identity(f->w, thread, &id, &f->err));
	return id;
}

static inline void fix_acts_as(struct fix *f, struct gu_ref thread,
			       const char *who, enum gu_level level)
{
	struct gu_identity id = fix_identity(f, thread);

	assert_true(id.impersonating);
	assert_string_equal(id.name, who);
	assert_string_equal(gu_level_name(id.level), gu_level_name(level));
}

static inline void fix_reverted(struct fix *f, struct gu_ref thread)
{
	assert_false(fix_identity(f, thread).impersonating);
}

/* A handle of `thread` to its process's token with all rights. */
static inline struct gu_ref fix_own_token(struct fix *f, struct gu_ref thread)
{
	return OPENED(f, thread, FN(OpenProcessToken),
		      UINT("access", GU_MAXIMUM_ALLOWED));
}

/* GetTokenInformation of a class whose value is a number. */
static inline uint64_t fix_token_number(struct fix *f, struct gu_ref thread,
					struct gu_ref token, uint32_t class)
{
	return OK(f, thread, FN(GetTokenInformation), REF("token", token),
		  UINT("class", class))
		->value.u;
}

/* The attributes that a list of {sid= or name=, attributes=} gives an entry;
 * UINT32_MAX: it is not there. */
static inline uint32_t fix_entry(const struct gu_value *list, const char *key)
{
	assert_int_equal(list->type, GU_V_LIST);
	for (uint32_t i = 0; i < list->count; i++) {
		const struct gu_field *f = list->list[i].fields;

		if (!strcmp(f[0].value.str.p, key)) {
			return (uint32_t)f[1].value.u;
		}
	}
	return UINT32_MAX;
}

/* Group attributes, TokenGroups (2) or TokenRestrictedSids (11). */
static inline uint32_t fix_group(struct fix *f, struct gu_ref thread,
				 struct gu_ref token, uint32_t class,
				 const char *sid)
{
	const struct gu_outcome *out =
		OK(f, thread, FN(GetTokenInformation), REF("token", token),
		   UINT("class", class));

	return fix_entry(&out->value, sid);
}

/* Privilege attributes: 1 enabled by default, 2 enabled. */
static inline uint32_t fix_privilege(struct fix *f, struct gu_ref thread,
				     struct gu_ref token, const char *name)
{
	const struct gu_outcome *out =
		OK(f, thread, FN(GetTokenInformation), REF("token", token),
		   UINT("class", 3));

	return fix_entry(&out->value, name);
}

#define FIX_ABSENT UINT32_MAX

#endif
