/* SPDX-License-Identifier: MIT */
#include "behaviour.h"

#include "world.h"

#include "banned.h"

struct gu_ref bh_alice(struct fix *f)
{
	return FIXTURE(f, FN(account), STR("name", "alice"),
		       STR("sid", ALICE_SID));
}

struct gu_ref bh_plain_thread(struct fix *f)
{
	(void)bh_alice(f);
	return fix_run_as(f, "alice");
}

struct gu_ref
bh_privileged_thread(struct fix *f, gu_privset privs, bool enabled)
{
	MAKE(f, FN(account), STR("name", "alice"), STR("sid", ALICE_SID),
	     LIST(f, "groups", "BUILTIN\\Users"), UINT("privileges", privs),
	     UINT("enabled", enabled ? privs : 0));
	return fix_run_as(f, "alice");
}

struct gu_ref bh_own_token(struct fix *f, struct gu_ref t, uint32_t access)
{
	return OPENED(f, t, FN(OpenProcessToken), UINT("access", access));
}

struct gu_ref bh_impersonation(struct fix *f, struct gu_ref t,
			       struct gu_ref token, enum gu_level level,
			       uint32_t access)
{
	return OPENED(f, t, FN(DuplicateTokenEx), REF("token", token),
		      UINT("access", access), UINT("level", level),
		      UINT("type", GU_TOKEN_IMPERSONATION));
}

struct gu_value
bh_info(struct fix *f, struct gu_ref t, struct gu_ref token, unsigned class)
{
	return OK(f, t, FN(GetTokenInformation), REF("token", token),
		  UINT("class", class))
		->value;
}

uint64_t
bh_number(struct fix *f, struct gu_ref t, struct gu_ref token, unsigned class)
{
	struct gu_value v = bh_info(f, t, token, class);

	if (v.type == GU_V_BOOL) {
		return v.b;
	}
	assert_int_equal(v.type, GU_V_UINT);
	return v.u;
}

struct gu_value bh_field(struct gu_value table, const char *name)
{
	assert_int_equal(table.type, GU_V_TABLE);
	for (uint32_t i = 0; i < table.count; i++) {
		if (!strcmp(table.fields[i].name, name)) {
			return table.fields[i].value;
		}
	}
	fail_msg("no field \"%s\"", name);
	return (struct gu_value){ .type = GU_V_NONE };
}

struct bh_privs bh_privs(struct fix *f, struct gu_ref t, struct gu_ref token)
{
	struct gu_value list = bh_info(f, t, token, TokenPrivileges);
	struct bh_privs n = { .present = list.count };

	for (uint32_t i = 0; i < list.count; i++) {
		n.enabled += (bh_field(list.list[i], "attributes").u & 2) != 0;
	}
	return n;
}

uint32_t
bh_priv(struct fix *f, struct gu_ref t, struct gu_ref token, enum gu_priv priv)
{
	struct gu_value list = bh_info(f, t, token, TokenPrivileges);

	for (uint32_t i = 0; i < list.count; i++) {
		if (!strcmp(bh_field(list.list[i], "name").str.p,
			    gu_priv_name(priv))) {
			return (uint32_t)bh_field(list.list[i], "attributes").u;
		}
	}
	return UINT32_MAX;
}

bool bh_sid_at(struct gu_value list, size_t i, struct bh_sid *out)
{
	if (i >= list.count) {
		return false;
	}
	out->sid = bh_field(list.list[i], "sid").str.p;
	out->attributes = (uint32_t)bh_field(list.list[i], "attributes").u;
	return true;
}

uint32_t bh_sid_attributes(struct gu_value list, const char *sid)
{
	struct bh_sid entry;

	for (size_t i = 0; bh_sid_at(list, i, &entry); i++) {
		if (!strcmp(entry.sid, sid)) {
			return entry.attributes;
		}
	}
	return UINT32_MAX;
}

bool bh_is_member(struct fix *f, struct gu_ref t, struct gu_ref token,
		  const char *sid)
{
	const struct gu_outcome *out = OK(f, t, FN(CheckTokenMembership),
					  REF("token", token), STR("sid", sid));

	assert_int_equal(out->value.type, GU_V_BOOL);
	return out->value.b;
}

const struct gu_sd *bh_descriptor(struct fix *f, struct gu_ref handle)
{
	const struct m_handle *h = m_item((struct m_world *)f->w, handle);

	assert_int_equal(handle.kind, GU_REF_HANDLE);
	assert_non_null(h);
	return &h->object->sd;
}
