/* SPDX-License-Identifier: MIT */
#include "exec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <winternl.h>

#include "banned.h"

/* A success leaves what it likes as the last error; only these say
 * something. */
static bool says_something(uint32_t code)
{
	return code == ERROR_ALREADY_EXISTS || code == ERROR_NOT_ALL_ASSIGNED;
}

static void set_status(struct w_run *x, bool ok, uint32_t code)
{
	if (ok && !says_something(code)) {
		code = 0;
	}
	x->out->end = W_END_DONE;
	x->out->status = (struct gu_status){ .conv = x->row->conv,
					     .ok = ok,
					     .code = code };
}

void w_answer_bool(struct w_run *x, BOOL ok)
{
	DWORD last = GetLastError();

	set_status(x, ok != FALSE, last);
}

void w_answer_code(struct w_run *x, uint32_t code)
{
	x->out->end = W_END_DONE;
	x->out->status = gu_status_from_code(x->row->conv, code);
}

/* The rights that a handle was opened with. */
uint32_t w_granted(HANDLE h)
{
	typedef NTSTATUS(WINAPI * query_fn)(HANDLE, ULONG, void *, ULONG,
					    ULONG *);
	static query_fn query;
	struct {
		ULONG attributes;
		ACCESS_MASK granted;
		ULONG rest[12];
	} basic = { 0 };

	if (!query) {
		query = (query_fn)(void *)w_resolve("ntdll.dll",
						    "NtQueryObject");
	}
	if (!query || query(h, 0, &basic, sizeof(basic), NULL) < 0) {
		return 0;
	}
	return basic.granted;
}

void w_answer_handle(struct w_run *x, HANDLE h, enum gu_objtype type)
{
	DWORD last = GetLastError();
	bool ok = h && h != INVALID_HANDLE_VALUE;

	set_status(x, ok, last);
	x->out->type = type;
	if (ok) {
		x->out->granted = w_granted(h);
		x->out->value = (struct gu_value){
			.type = GU_V_REF,
			.ref = { .kind = GU_REF_HANDLE,
				 .id = (uint32_t)(UINT_PTR)h },
		};
	}
}

void w_answer_thing(struct w_run *x, enum gu_ref_kind kind, uint32_t id,
		    const char *label)
{
	set_status(x, true, 0);
	x->out->value = (struct gu_value){ .type = GU_V_REF,
					   .ref = { .kind = kind, .id = id } };
	x->out->label = label ? gu_arena_strdup(x->arena, label) : NULL;
	if (!id || (label && !x->out->label)) {
		w_answer_nomem(x);
	}
}

void w_answer_unsupported(struct w_run *x, const char *what)
{
	x->out->end = W_END_UNSUPPORTED;
	x->out->text = what;
}

void w_answer_usage(struct w_run *x, const char *fmt, ...)
{
	char text[GU_ERR_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	x->out->end = W_END_USAGE;
	x->out->text = gu_arena_strdup(x->arena, text);
}

void w_answer_nomem(struct w_run *x)
{
	x->out->end = W_END_FAILED;
	x->out->text = "out of memory";
	x->out->value.type = GU_V_NONE;
}

void w_answer_cancelled(struct w_run *x)
{
	x->out->end = W_END_FAILED;
	x->out->text = "cancelled: the scenario is over";
}

void w_set_uint(struct w_run *x, uint64_t v)
{
	x->out->value = (struct gu_value){ .type = GU_V_UINT, .u = v };
}

void w_set_bool(struct w_run *x, bool v)
{
	x->out->value = (struct gu_value){ .type = GU_V_BOOL, .b = v };
}

void w_set_bytes(struct w_run *x, const void *p, size_t n)
{
	const char *copy = gu_arena_strndup(x->arena, p, n);

	x->out->value = (struct gu_value){ .type = GU_V_NONE };
	if (copy) {
		x->out->value =
			(struct gu_value){ .type = GU_V_STR,
					   .str = { .p = copy, .len = n } };
	}
}

void w_set_str(struct w_run *x, const char *s)
{
	w_set_bytes(x, s, strlen(s));
}

void w_set_table(struct w_run *x, const struct gu_field *fields, size_t count)
{
	x->out->value = (struct gu_value){ .type = GU_V_TABLE,
					   .count = (uint32_t)count,
					   .fields = fields };
}
