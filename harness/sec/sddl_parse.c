/* SPDX-License-Identifier: MIT */
#include "sddl.h"

#include <string.h>

#include "condition.h"
#include "number.h"
#include "sddl_names.h"
#include "text.h"
#include "banned.h"

/* A part of the text. */
struct span {
	size_t from;
	size_t to;
};

/* A SID but for its last part: "S-1-5-21-1-2-3-". */
struct stem {
	struct span text;
	struct gu_sid sid;
};

/* The text as a whole, and how far it is read. Offsets in errors count from
 * its start. */
struct parser {
	const char *text;
	size_t at;
	size_t end;
	const struct gu_sid *domain;
	struct stem stem;    /* of the last ACE's SID */
	uint32_t last_error; /* what Windows says to a fault found now */
	struct gu_err *err;
};

static void skip_spaces(const struct parser *p, size_t *at, size_t end)
{
	while (*at < end && p->text[*at] == ' ') {
		++*at;
	}
}

static struct span trimmed(const struct parser *p, struct span s)
{
	skip_spaces(p, &s.from, s.to);
	while (s.to > s.from && p->text[s.to - 1] == ' ') {
		s.to--;
	}
	return s;
}

enum gu_rc gu_sddl_parse_sid(struct gu_sid *out, const char *s, size_t n,
			     const struct gu_sid *domain, struct gu_err *err)
{
	if (n > 2) {
		return gu_sid_parse(out, s, n, err);
	}
	if (n < 2 || !gu_sid_from_sddl_code(out, s, domain)) {
		return gu_err_at(err, 0,
				 "expected a SID (S-1-...) or its two-letter "
				 "code, not '%.*s'",
				 (int)n, s);
	}
	return GU_RC_OK;
}

static enum gu_rc
parse_sid(const struct parser *p, struct span s, struct gu_sid *out)
{
	enum gu_rc rc;

	s = trimmed(p, s);
	rc = gu_sddl_parse_sid(out, p->text + s.from, s.to - s.from, p->domain,
			       p->err);
	if (rc && p->err) {
		p->err->offset += s.from;
	}
	return rc;
}

/* The SIDs of one ACL mostly belong to one domain, whose text is the longest
 * part of an ACE: it is read once. Returns the stem's length if it stands at
 * `at` again, else 0. */
static size_t stem_length(const struct parser *p, size_t at)
{
	const struct span *stem = &p->stem.text;
	size_t n = stem->to - stem->from;

	if (p->end - at < n ||
	    memcmp(p->text + at, p->text + stem->from, n) != 0) {
		return 0;
	}
	return n;
}

static bool read_last_part(const struct parser *p, struct span s, uint32_t *out)
{
	const char *at = p->text + s.from;
	const char *end = p->text + s.to;
	uint64_t v;

	if (!gu_number_read(&at, end, 10, &v) || at != end) {
		return false;
	}
	*out = v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
	return true;
}

/* Not where the revision is hex: it makes decimal digits hex ones. */
static void keep_stem(struct parser *p, struct span s, const struct gu_sid *sid)
{
	if (s.to - s.from < 4 || memcmp(p->text + s.from, "S-1-", 4) != 0) {
		return;
	}
	while (p->text[s.to - 1] != '-') {
		s.to--;
	}
	p->stem = (struct stem){ .text = s, .sid = *sid };
	p->stem.sid.count--;
}

static enum gu_rc
parse_ace_sid(struct parser *p, struct span s, struct gu_sid *out)
{
	size_t n = stem_length(p, s.from);
	struct span last = { s.from + n, s.to };
	uint32_t rid;
	enum gu_rc rc;

	if (n && read_last_part(p, last, &rid)) {
		*out = p->stem.sid;
		out->sub[out->count++] = rid;
		return GU_RC_OK;
	}
	rc = parse_sid(p, s, out);
	if (!rc) {
		keep_stem(p, trimmed(p, s), out);
	}
	return rc;
}

/* Is this where the next part begins: a letter and a colon? */
static bool at_part(const struct parser *p)
{
	return p->end - p->at >= 2 && p->text[p->at + 1] == ':' &&
	       memchr("OGDS", p->text[p->at], 4) != NULL;
}

/* An owner goes on to the letter before the next colon: in O:S-1-2-0x2D: the
 * last D is not a digit. */
static enum gu_rc parse_owner(struct parser *p, struct gu_sid *out)
{
	struct span s = { p->at, p->end };
	const char *colon = memchr(p->text + p->at, ':', p->end - p->at);

	if (gu_sid_is_set(out)) {
		p->last_error = GU_SDDL_INVALID_PARAMETER;
		return gu_err_at(p->err, p->at - 2, "'%c:' is given twice",
				 p->text[p->at - 2]);
	}
	if (colon) {
		size_t stop = (size_t)(colon - p->text);

		s.to = stop > s.from ? stop - 1 : s.from;
	}
	p->at = s.to;
	return parse_sid(p, s, out);
}

static const struct gu_sddl_word *match_right(const char *s, size_t n)
{
	static const struct gu_sddl_word *const tables[] = {
		gu_sddl_rights,
		gu_sddl_masks,
		gu_sddl_policies,
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		const struct gu_sddl_word *w = gu_sddl_match(tables[i], s, n);

		if (w) {
			return w;
		}
	}
	return NULL;
}

/* One name, or a number: decimal, octal or hex as in C. Windows saturates a
 * number that does not fit into 32 bits. */
static bool right_read(const char **at, const char *end, uint32_t *mask)
{
	bool number = *at < end && **at >= '0' && **at <= '9';
	const struct gu_sddl_word *w =
		number ? NULL : match_right(*at, (size_t)(end - *at));
	uint64_t v;

	if (w) {
		*at += gu_sddl_word_len(w);
		*mask |= w->value;
		return true;
	}
	if (!number || !gu_number_read(at, end, **at == '0' ? 8 : 10, &v) ||
	    (*at < end && **at >= '0' && **at <= '9')) {
		return false;
	}
	*mask |= v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
	return true;
}

static enum gu_rc
parse_rights(const struct parser *p, struct span s, uint32_t *mask)
{
	const char *end = p->text + s.to;

	skip_spaces(p, &s.from, s.to);
	while (s.from < s.to) {
		const char *at;

		/* Spaces may stand before a right, not behind the last. */
		skip_spaces(p, &s.from, s.to);
		at = p->text + s.from;
		if (!right_read(&at, end, mask)) {
			return gu_err_at(p->err, s.from,
					 "expected rights (GA, FR, KA, RC...) "
					 "or a number");
		}
		s.from = (size_t)(at - p->text);
	}
	return GU_RC_OK;
}

static enum gu_rc
parse_flags(const struct parser *p, struct span s, uint8_t *flags)
{
	s = trimmed(p, s);
	while (s.from < s.to) {
		const struct gu_sddl_word *w = gu_sddl_match(
			gu_sddl_flags, p->text + s.from, s.to - s.from);

		if (!w) {
			return gu_err_at(p->err, s.from,
					 "expected ACE flags (OI, CI, NP, IO, "
					 "ID, SA, FA, CR)");
		}
		*flags |= (uint8_t)w->value;
		s.from += gu_sddl_word_len(w);
	}
	return GU_RC_OK;
}

static enum gu_rc
parse_type(const struct parser *p, struct span s, uint8_t *type)
{
	const struct gu_sddl_word *w;

	s = trimmed(p, s);
	w = gu_sddl_match(gu_sddl_types, p->text + s.from, s.to - s.from);
	if (!w || gu_sddl_word_len(w) != s.to - s.from) {
		return gu_err_at(p->err, s.from,
				 "expected an ACE type (A, D, OA, OD, AU, OU, "
				 "ML...)");
	}
	*type = (uint8_t)w->value;
	return GU_RC_OK;
}

static bool guid_decode(const char *s, struct gu_guid *out)
{
	for (size_t i = 0; i < sizeof(out->bytes); i++, s += 2) {
		unsigned high, low;

		if (gu_sddl_guid_dash(i) && *s++ != '-') {
			return false;
		}
		high = gu_digit_value(s[0]);
		low = gu_digit_value(s[1]);
		if (high > 15 || low > 15) {
			return false;
		}
		out->bytes[gu_sddl_guid_order[i]] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static enum gu_rc parse_guid(const struct parser *p, struct span s,
			     struct gu_guid *out, bool *present)
{
	struct span words = trimmed(p, s);

	*present = words.from < words.to;
	if (*present && (s.to - s.from != GU_SDDL_GUID_LEN ||
			 !guid_decode(p->text + s.from, out))) {
		return gu_err_at(p->err, s.from,
				 "expected a GUID (8-4-4-4-12 hex digits) or "
				 "nothing");
	}
	return GU_RC_OK;
}

/* Windows checks a GUID in any ACE and keeps it in object ACEs only. */
static enum gu_rc parse_guids(const struct parser *p, const struct span *fields,
			      struct gu_ace *ace)
{
	bool type, inherited;
	enum gu_rc rc = parse_guid(p, fields[3], &ace->object_type, &type);

	if (!rc) {
		rc = parse_guid(p, fields[4], &ace->inherited_type, &inherited);
	}
	if (rc || !gu_ace_is_object(ace->type)) {
		return rc;
	}
	ace->object_flags =
		(type ? GU_ACE_OBJECT_TYPE_PRESENT : 0u) |
		(inherited ? GU_ACE_INHERITED_OBJECT_TYPE_PRESENT : 0u);
	return GU_RC_OK;
}

enum { SID = 5, FIELDS };

/* The bytes that end a field, the text's own end among them. */
static const bool ends_field[256] = {
	[0] = true, [';'] = true, ['('] = true, [')'] = true
};

/* Cuts an ACE, `p->at` behind its '(', into fields; `p->at` is then at what
 * ended the last one. */
static enum gu_rc cut_fields(struct parser *p, struct span fields[FIELDS])
{
	for (size_t i = 0; i < FIELDS; i++) {
		size_t at = p->at;

		fields[i].from = at;
		at += i == SID ? stem_length(p, at) : 0;
		while (!ends_field[(uint8_t)p->text[at]]) {
			at++;
		}
		p->at = fields[i].to = at;
		if (i + 1 < FIELDS && p->text[p->at++] != ';') {
			return gu_err_at(p->err, p->at - 1,
					 "expected ';': an ACE is (type;flags;"
					 "rights;GUID;GUID;SID)");
		}
	}
	return GU_RC_OK;
}

/* The condition or attribute behind the SID, appended to `data`. */
static enum gu_rc
parse_data(struct parser *p, uint8_t type, struct gu_buf *data)
{
	size_t used = 0;
	enum gu_rc rc;

	if (p->text[p->at] != ';') {
		return gu_err_at(p->err, p->at,
				 type == GU_ACE_RESOURCE_ATTRIBUTE
					 ? "expected ';' and an attribute"
					 : "expected ';' and a condition");
	}
	p->at++;
	rc = (type == GU_ACE_RESOURCE_ATTRIBUTE ? gu_attribute_parse
						: gu_condition_parse)(
		data, p->text + p->at, p->end - p->at, p->domain, &used,
		p->err);
	if (rc && p->err && p->err->offset != GU_ERR_NO_OFFSET) {
		p->err->offset += p->at;
	}
	p->at += used;
	return rc;
}

static enum gu_rc parse_end(struct parser *p)
{
	skip_spaces(p, &p->at, p->end);
	if (p->text[p->at] != ')') {
		return gu_err_at(p->err, p->at, "expected ')'");
	}
	p->at++;
	return GU_RC_OK;
}

static bool in_dacl(uint8_t type)
{
	switch (type) {
	case GU_ACE_ALLOW:
	case GU_ACE_DENY:
	case GU_ACE_ALLOW_OBJECT:
	case GU_ACE_DENY_OBJECT:
	case GU_ACE_ALLOW_CALLBACK:
	case GU_ACE_DENY_CALLBACK:
	case GU_ACE_ALLOW_CALLBACK_OBJECT:
		return true;
	}
	return false;
}

static enum gu_rc
parse_fields(struct parser *p, const struct span *fields, struct gu_ace *ace)
{
	enum gu_rc rc = parse_type(p, fields[0], &ace->type);

	if (!rc) {
		rc = parse_flags(p, fields[1], &ace->flags);
	}
	if (!rc) {
		rc = parse_rights(p, fields[2], &ace->mask);
	}
	if (!rc) {
		rc = parse_guids(p, fields, ace);
	}
	if (!rc) {
		rc = parse_ace_sid(p, fields[SID], &ace->sid);
	}
	return rc;
}

static enum gu_rc
append_ace(struct parser *p, struct gu_acl *acl, struct gu_ace *ace)
{
	struct gu_buf data = GU_BUF_INIT;
	enum gu_rc rc = GU_RC_OK;

	if (gu_sddl_takes_data(ace->type)) {
		rc = parse_data(p, ace->type, &data);
		ace->data = (uint8_t *)data.data;
		ace->data_len = data.len;
	}
	if (!rc) {
		rc = parse_end(p);
	}
	if (!rc) {
		rc = gu_acl_append(acl, ace, p->err);
	}
	gu_buf_release(&data);
	return rc;
}

static enum gu_rc parse_ace(struct parser *p, struct gu_acl *acl, bool dacl)
{
	struct gu_ace ace = { .type = 0 };
	struct span fields[FIELDS];
	size_t start = p->at++;
	enum gu_rc rc = cut_fields(p, fields);

	p->last_error = GU_SDDL_INVALID_ACL;
	if (!rc) {
		rc = parse_fields(p, fields, &ace);
	}
	if (rc) {
		return rc;
	}
	if (in_dacl(ace.type) != dacl) {
		return gu_err_at(p->err, start,
				 "this ACE type belongs in the %s",
				 dacl ? "SACL" : "DACL");
	}
	rc = append_ace(p, acl, &ace);
	if (rc && p->err && p->err->offset == GU_ERR_NO_OFFSET) {
		p->err->offset = start;
	}
	return rc;
}

/* An ACL being read: the DACL or the SACL of the descriptor. */
struct target {
	struct gu_acl *acl;
	uint16_t *control;
	bool *null;
	unsigned shift; /* the SACL's control bits are one to the left */
};

static enum gu_rc parse_controls(struct parser *p, const struct target *t)
{
	static const char none[] = "NO_ACCESS_CONTROL";
	const size_t none_len = sizeof(none) - 1;

	for (;;) {
		const struct gu_sddl_word *w;
		const char *s;
		size_t n;

		skip_spaces(p, &p->at, p->end);
		s = p->text + p->at;
		n = p->end - p->at;
		if (n == 0 || *s == '(' || at_part(p)) {
			return GU_RC_OK;
		}
		w = gu_sddl_match(gu_sddl_controls, s, n);
		if (w) {
			*t->control |= (uint16_t)(w->value << t->shift);
			p->at += gu_sddl_word_len(w);
		} else if (n >= none_len &&
			   gu_strncasecmp(s, none, none_len) == 0) {
			*t->null = true;
			p->at += none_len;
		} else {
			return gu_err_at(p->err, p->at,
					 "expected P, AR, AI, "
					 "NO_ACCESS_CONTROL, an ACE or the "
					 "next part");
		}
	}
}

static enum gu_rc parse_acl(struct parser *p, const struct target *t)
{
	uint16_t present = (uint16_t)(GU_SE_DACL_PRESENT << (t->shift * 2));
	enum gu_rc rc;

	p->last_error = GU_SDDL_INVALID_PARAMETER;
	if (*t->control & present) {
		return gu_err_at(p->err, p->at - 2, "'%c:' is given twice",
				 p->text[p->at - 2]);
	}
	*t->control |= present;
	rc = parse_controls(p, t);
	while (!rc) {
		skip_spaces(p, &p->at, p->end);
		if (p->at == p->end || p->text[p->at] != '(') {
			break;
		}
		if (*t->null) {
			return gu_err_at(p->err, p->at,
					 "NO_ACCESS_CONTROL takes no ACEs");
		}
		rc = parse_ace(p, t->acl, t->shift == 0);
	}
	return rc;
}

static enum gu_rc parse_part(struct parser *p, struct gu_sd *sd)
{
	const struct target dacl = { &sd->dacl, &sd->control, &sd->null_dacl,
				     0 };
	const struct target sacl = { &sd->sacl, &sd->control, &sd->null_sacl,
				     1 };
	char letter = p->text[p->at];

	p->last_error = GU_SDDL_INVALID_PARAMETER;
	if (!at_part(p)) {
		return gu_err_at(p->err, p->at, "expected O:, G:, D: or S:");
	}
	p->at += 2;
	p->last_error = GU_SDDL_INVALID_SID;
	switch (letter) {
	case 'O':
		return parse_owner(p, &sd->owner);
	case 'G':
		return parse_owner(p, &sd->group);
	case 'D':
		return parse_acl(p, &dacl);
	default:
		return parse_acl(p, &sacl);
	}
}

enum gu_rc gu_sddl_read(struct gu_sd *out, const char *text,
			struct gu_sddl_reading *reading, struct gu_err *err)
{
	struct parser p = { .text = text,
			    .end = strlen(text),
			    .domain = reading->domain,
			    .err = err };
	struct gu_sd sd = GU_SD_INIT;

	if (reading->revision != GU_SDDL_REVISION) {
		reading->last_error = GU_SDDL_UNKNOWN_REVISION;
		return gu_err_set(err, GU_RC_USAGE,
				  "the SDDL revision is 1, not %u",
				  (unsigned)reading->revision);
	}
	for (;;) {
		enum gu_rc rc;

		skip_spaces(&p, &p.at, p.end);
		if (p.at == p.end) {
			break;
		}
		rc = parse_part(&p, &sd);
		if (rc) {
			reading->last_error = p.last_error;
			gu_sd_release(&sd);
			return rc;
		}
	}
	*out = sd;
	return GU_RC_OK;
}

enum gu_rc gu_sddl_parse(struct gu_sd *out, const char *text,
			 const struct gu_sid *domain, struct gu_err *err)
{
	struct gu_sddl_reading reading = { .domain = domain,
					   .revision = GU_SDDL_REVISION };

	return gu_sddl_read(out, text, &reading, err);
}
