/* SPDX-License-Identifier: MIT */
#include "sid.h"

#include <string.h>

#include "sddl_names.h"
#include "text.h"
#include "banned.h"

struct known {
	uint32_t type;
	bool relative; /* sid holds the RID only */
	struct gu_sid sid;
	const char *code;
	const char *name;
};

#define AUTHORITY(n)                            \
	false,                                  \
	{                                       \
		.revision = 1, .authority = (n) \
	}
#define SID(n, ...)                                            \
	false,                                                 \
	{                                                      \
		.revision = 1, .authority = (n),               \
		.count = sizeof((uint32_t[]){ __VA_ARGS__ }) / \
			 sizeof(uint32_t),                     \
		.sub = { __VA_ARGS__ }                         \
	}
#define RID(n)                                                           \
	true,                                                            \
	{                                                                \
		.revision = 1, .authority = 5, .count = 1, .sub = {(n) } \
	}

#define GU_WK(id, value, sid, code, name) { (value), sid, code, name },
static const struct known table[] = {
#include "wellknown.def"
};
#undef GU_WK

enum { TABLE_LEN = sizeof(table) / sizeof(table[0]) };

static const struct gu_sid null_domain = {
	.revision = 1, .authority = 5, .count = 4, .sub = { 21 }
};

static const struct known *find_type(uint32_t type)
{
	for (size_t i = 0; i < TABLE_LEN; i++) {
		if (table[i].type == type) {
			return &table[i];
		}
	}
	return NULL;
}

static const struct known *find_sid(const struct gu_sid *sid)
{
	for (size_t i = 0; i < TABLE_LEN; i++) {
		if (!table[i].relative && gu_sid_equal(&table[i].sid, sid)) {
			return &table[i];
		}
	}
	return NULL;
}

static bool
complete(const struct known *k, const struct gu_sid *domain, struct gu_sid *out)
{
	if (k->relative) {
		return gu_sid_append(out, domain, k->sid.sub[0]);
	}
	*out = k->sid;
	return true;
}

const struct gu_sid *gu_sid_well_known(enum gu_wk wk)
{
	const struct known *k = find_type((uint32_t)wk);

	return k && !k->relative ? &k->sid : NULL;
}

enum gu_rc gu_sid_create_well_known(struct gu_sid *out, uint32_t type,
				    const struct gu_sid *domain,
				    struct gu_err *err)
{
	const struct known *k = find_type(type);

	if (!k) {
		return gu_err_set(err, GU_RC_USAGE,
				  "no well-known SID of type %u", type);
	}
	if (k->relative && !domain) {
		return gu_err_set(err, GU_RC_USAGE,
				  "well-known SID type %u needs a domain",
				  type);
	}
	if (!complete(k, domain, out)) {
		return gu_err_set(err, GU_RC_USAGE,
				  "the domain SID has no room for a RID");
	}
	return GU_RC_OK;
}

bool gu_sid_from_sddl_code(struct gu_sid *out, const char code[2],
			   const struct gu_sid *domain)
{
	for (size_t i = 0; i < TABLE_LEN; i++) {
		const char *known = table[i].code;

		if (known[0] && gu_sddl_is_letter(code[0], known[0]) &&
		    gu_sddl_is_letter(code[1], known[1])) {
			return complete(&table[i],
					domain ? domain : &null_domain, out);
		}
	}
	return false;
}

const char *
gu_sid_sddl_code(const struct gu_sid *sid, const struct gu_sid *domain)
{
	bool local = gu_sid_in_domain(sid, domain ? domain : &null_domain);

	for (size_t i = 0; i < TABLE_LEN; i++) {
		const struct known *k = &table[i];

		if (!k->code[0]) {
			continue;
		}
		if (k->relative
			    ? local && sid->sub[sid->count - 1] == k->sid.sub[0]
			    : gu_sid_equal(&k->sid, sid)) {
			return k->code;
		}
	}
	return NULL;
}

const char *gu_sid_name(const struct gu_sid *sid)
{
	const struct known *k = find_sid(sid);

	return k && k->name[0] ? k->name : NULL;
}

bool gu_sid_from_name(struct gu_sid *out, const char *name)
{
	const struct known *found = NULL;

	for (size_t i = 0; i < TABLE_LEN; i++) {
		const char *tail = strrchr(table[i].name, '\\');

		if (!table[i].name[0]) {
			continue;
		}
		if (gu_strcasecmp(table[i].name, name) == 0) {
			*out = table[i].sid;
			return true;
		}
		if (tail && gu_strcasecmp(tail + 1, name) == 0) {
			if (found) {
				return false;
			}
			found = &table[i];
		}
	}
	if (found) {
		*out = found->sid;
	}
	return found != NULL;
}

static const struct {
	uint32_t il;
	const char *name;
} levels[] = {
	{ GU_IL_UNTRUSTED, "Untrusted" }, { GU_IL_LOW, "Low" },
	{ GU_IL_MEDIUM, "Medium" },       { GU_IL_MEDIUM_PLUS, "MediumPlus" },
	{ GU_IL_HIGH, "High" },           { GU_IL_SYSTEM, "System" },
	{ GU_IL_PROTECTED, "Protected" },
};

enum { LEVELS_LEN = sizeof(levels) / sizeof(levels[0]) };

void gu_sid_from_il(struct gu_sid *out, uint32_t il)
{
	*out = (struct gu_sid){
		.revision = 1, .authority = 16, .count = 1, .sub = { il }
	};
}

const char *gu_il_name(uint32_t il)
{
	for (size_t i = 0; i < LEVELS_LEN; i++) {
		if (levels[i].il == il) {
			return levels[i].name;
		}
	}
	return NULL;
}

bool gu_il_from_name(uint32_t *out, const char *name)
{
	for (size_t i = 0; i < LEVELS_LEN; i++) {
		if (gu_strcasecmp(levels[i].name, name) == 0) {
			*out = levels[i].il;
			return true;
		}
	}
	return false;
}
