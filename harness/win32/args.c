/* SPDX-License-Identifier: MIT */
#include "exec.h"

#include "banned.h"

bool w_has(const struct w_run *x, size_t i)
{
	return x->job->args[i].type != GU_V_NONE;
}

uint32_t w_uint(const struct w_run *x, size_t i, uint32_t absent)
{
	const struct gu_value *v = &x->job->args[i];

	return v->type == GU_V_UINT ? (uint32_t)v->u : absent;
}

bool w_bool(const struct w_run *x, size_t i, bool absent)
{
	const struct gu_value *v = &x->job->args[i];

	return v->type == GU_V_BOOL ? v->b : absent;
}

const char *w_str(const struct w_run *x, size_t i)
{
	const struct gu_value *v = &x->job->args[i];

	return v->type == GU_V_STR ? v->str.p : NULL;
}

const wchar_t *w_wide(const struct w_run *x, size_t i)
{
	const char *s = w_str(x, i);

	return s ? w_widen(x->arena, s) : NULL;
}

/* HANDLEs have 32 significant bits; the pseudo handles are negative. */
HANDLE w_handle(const struct w_run *x, size_t i)
{
	const struct gu_value *v = &x->job->args[i];

	if (v->type != GU_V_REF) {
		return NULL;
	}
	return (HANDLE)(INT_PTR)(int32_t)v->ref.id;
}

struct gu_sqos w_sqos(const struct w_run *x, size_t i)
{
	const struct gu_value *v = &x->job->args[i];

	return v->type == GU_V_SQOS ? v->sqos
				    : (struct gu_sqos){ .present = false };
}

SECURITY_QUALITY_OF_SERVICE *w_native_sqos(const struct w_run *x, size_t i)
{
	struct gu_sqos asked = w_sqos(x, i);
	SECURITY_QUALITY_OF_SERVICE *sqos =
		asked.present ? gu_arena_alloc(x->arena, sizeof(*sqos)) : NULL;

	if (sqos) {
		sqos->Length = sizeof(*sqos);
		sqos->ImpersonationLevel =
			(SECURITY_IMPERSONATION_LEVEL)asked.level;
		sqos->ContextTrackingMode = asked.dynamic;
		sqos->EffectiveOnly = asked.effective_only;
	}
	return sqos;
}

PSECURITY_DESCRIPTOR w_sd(const struct w_run *x, size_t i)
{
	return (PSECURITY_DESCRIPTOR)w_str(x, i);
}

SECURITY_ATTRIBUTES *w_attributes(const struct w_run *x, size_t i)
{
	PSECURITY_DESCRIPTOR sd = w_sd(x, i);
	SECURITY_ATTRIBUTES *a =
		sd ? gu_arena_alloc(x->arena, sizeof(*a)) : NULL;

	if (a) {
		a->nLength = sizeof(*a);
		a->lpSecurityDescriptor = sd;
	}
	return a;
}

PSID w_sid(const struct w_run *x, size_t i)
{
	return (PSID)w_str(x, i);
}

static SID_AND_ATTRIBUTES sid_entry(const struct gu_value *v)
{
	SID_AND_ATTRIBUTES out = { .Sid = NULL };

	for (uint32_t i = 0; v->type == GU_V_TABLE && i < v->count; i++) {
		const struct gu_value *field = &v->fields[i].value;

		if (field->type == GU_V_STR) {
			out.Sid = (PSID)field->str.p;
		} else if (field->type == GU_V_UINT) {
			out.Attributes = (DWORD)field->u;
		}
	}
	return out;
}

SID_AND_ATTRIBUTES *w_sids(const struct w_run *x, size_t i, DWORD *count)
{
	const struct gu_value *v = &x->job->args[i];
	SID_AND_ATTRIBUTES *list;

	*count = 0;
	if (v->type != GU_V_LIST || !v->count) {
		return NULL;
	}
	list = gu_arena_alloc(x->arena, v->count * sizeof(*list));
	if (list) {
		*count = v->count;
		for (uint32_t k = 0; k < v->count; k++) {
			list[k] = sid_entry(&v->list[k]);
		}
	}
	return list;
}

gu_privset w_privs(const struct w_run *x, size_t i)
{
	const struct gu_value *v = &x->job->args[i];

	return v->type == GU_V_UINT ? v->u : 0;
}

const char *w_label(const struct w_run *x, size_t i)
{
	return w_str(x, i);
}

bool w_is_raw(const struct w_run *x, size_t i)
{
	return x->job->args[i].type == GU_V_UINT;
}

uint32_t w_raw(const struct w_run *x, size_t i)
{
	return w_uint(x, i, 0);
}

wchar_t *w_widen(struct gu_arena *arena, const char *utf8)
{
	int n = MultiByteToWideChar(CP_UTF8, 0, utf8, -1, NULL, 0);
	wchar_t *wide = gu_arena_alloc(arena, (size_t)(n + 1) * sizeof(*wide));

	if (wide) {
		(void)MultiByteToWideChar(CP_UTF8, 0, utf8, -1, wide, n);
	}
	return wide;
}

char *w_narrow(struct gu_arena *arena, const wchar_t *wide)
{
	int n = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
	char *utf8 = gu_arena_alloc(arena, (size_t)n + 1);

	if (utf8) {
		(void)WideCharToMultiByte(CP_UTF8, 0, wide, -1, utf8, n, NULL,
					  NULL);
	}
	return utf8;
}
