/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "access_api.h"
#include "alloc.h"
#include "condition.h"
#include "explain.h"
#include "inherit.h"
#include "lint.h"
#include "matrix.h"
#include "quick.h"

#include "banned.h"

/* Every allocation of each job fails once: the job then says that it is out of
 * memory, or does without; it works afterwards. Leaks are the sanitizer's to
 * find. */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TEAM                                                           \
	"(@User.clearance >= 3 && @Resource.team Any_of {\"red\"} && " \
	"@Device.safe == 1 && Member_of {SID(BU)} && "                 \
	"Device_Member_of {SID(AU)})"

#define NO_POLICY                                                             \
	"O:BAG:SYD:PAI(D;;0x2;;;BG)"                                          \
	"(OA;;0x8;bf967a7f-0de6-11d0-a285-00aa003049e2;;AU)"                  \
	"(XA;;0x15;;;AU;" TEAM ")"                                            \
	"(A;OICI;FR;;;S-1-5-21-1-2-3-1001)(A;OICIIO;GA;;;CO)(A;OI;FW;;;CG)"   \
	"S:(AU;OISAFA;FA;;;WD)(ML;;NW;;;ME)"                                  \
	"(RA;;;;;WD;(\"team\",TS,0,\"red\",\"blue\"))"                        \
	"(RA;;;;;WD;(\"level\",TI,0,1,-2))(RA;;;;;WD;(\"who\",TD,0,SID(BA)))" \
	"(RA;;;;;WD;(\"key\",TX,0,00ff))"

static const char everything[] = NO_POLICY "(SP;;;;;S-1-17-1)";

static const struct gu_generic_mapping file_map = { 0x120089, 0x120116,
						    0x1200A0, 0x1F01FF };

/* What the jobs work on, made while there is memory. */
struct setting {
	struct gu_sd sd;
	struct gu_buf bytes; /* of it */
	struct gu_sd no_policy, parent, child;
	struct gu_token *token;
	struct gu_sd rule_sd;
	struct gu_buf rule_text;
	struct gu_central_rule rule;
	struct gu_central_policy policy;
	struct gu_quick *quick; /* made anew for each try */
	uint64_t answer;
};

static void note(struct setting *s, const void *p, size_t n)
{
	const uint8_t *bytes = p;

	for (size_t i = 0; i < n; i++) {
		s->answer = (s->answer ^ bytes[i]) * UINT64_C(0x100000001B3);
	}
}

static void note_number(struct setting *s, uint64_t n)
{
	note(s, &n, sizeof(n));
}

static enum gu_rc note_buf(struct setting *s, struct gu_buf *b)
{
	enum gu_rc rc = gu_buf_check(b, NULL);

	if (!rc) {
		note(s, b->data, b->len);
	}
	gu_buf_release(b);
	return rc;
}

static struct gu_sid sid_of(const char *text)
{
	struct gu_sid sid = GU_SID_NONE;

	assert_rc_ok(gu_sddl_parse_sid(&sid, text, strlen(text), NULL, NULL));
	return sid;
}

static enum gu_rc token_fill(struct gu_token *t)
{
	const struct gu_sid users = *gu_sid_well_known(GU_WK_BUILTIN_USERS);
	const struct gu_sid all = *gu_sid_well_known(GU_WK_AUTHENTICATED_USER);
	enum gu_rc rc = gu_token_add_group(t, &users, GU_GROUP_ENABLED, NULL);

	t->user = *gu_sid_well_known(GU_WK_LOCAL_SERVICE);
	t->owner = t->primary_group = t->user;
	if (!rc) {
		rc = gu_token_add_group(t, &all, GU_GROUP_ENABLED, NULL);
	}
	if (!rc) {
		rc = gu_token_add_device_group(t, &all, GU_GROUP_ENABLED, NULL);
	}
	if (!rc) {
		rc = gu_acl_add(&t->default_dacl, GU_ACE_ALLOW, GU_GENERIC_ALL,
				&t->user, NULL);
		t->has_default_dacl = true;
	}
	return rc;
}

static enum gu_rc claims_fill(struct gu_token *t)
{
	enum gu_rc rc = gu_claims_add(&t->user_claims, "clearance",
				      GU_CLAIM_INT64, 0, NULL);

	if (!rc) {
		rc = gu_claims_add_number(&t->user_claims, 5, NULL);
	}
	if (!rc) {
		rc = gu_claims_add(&t->user_claims, "city", GU_CLAIM_STRING, 0,
				   NULL);
	}
	if (!rc) {
		rc = gu_claims_add_string(&t->user_claims, "Graz", NULL);
	}
	if (!rc) {
		rc = gu_claims_add(&t->device_claims, "safe", GU_CLAIM_INT64, 0,
				   NULL);
	}
	return rc ? rc : gu_claims_add_number(&t->device_claims, 1, NULL);
}

/* the jobs */

static enum gu_rc text_to_bytes(struct setting *s)
{
	struct gu_sd sd = GU_SD_INIT;
	struct gu_buf bytes = GU_BUF_INIT;
	enum gu_rc rc = gu_sddl_parse(&sd, everything, NULL, NULL);

	if (rc) {
		return rc;
	}
	gu_sd_encode(&sd, &bytes);
	gu_sd_release(&sd);
	return note_buf(s, &bytes);
}

static enum gu_rc bytes_to_text(struct setting *s)
{
	struct gu_sd sd = GU_SD_INIT;
	struct gu_buf text = GU_BUF_INIT;
	enum gu_rc rc = gu_sd_decode(&sd, (const uint8_t *)s->bytes.data,
				     s->bytes.len, NULL);

	if (rc) {
		return rc;
	}
	gu_sddl_format(&sd, GU_SECINFO_ALL, NULL, &text);
	gu_sd_release(&sd);
	return note_buf(s, &text);
}

static enum gu_rc copy_sd(struct setting *s)
{
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc = gu_sd_copy(&sd, &s->sd, NULL);

	note_number(s, sd.dacl.count);
	gu_sd_release(&sd);
	return rc;
}

static enum gu_rc restrict_token(struct setting *s, const struct gu_token *t)
{
	const struct gu_sid sids[] = { sid_of("BU"), sid_of("AU") };
	const struct gu_token_filter filter = { .flags = GU_LUA_TOKEN,
						.disable = sids,
						.disable_count = 1,
						.restrict_to = sids,
						.restrict_count = 2 };
	struct gu_token *less = NULL;
	enum gu_rc rc = gu_token_filter(t, &filter, &less, NULL);

	if (!rc) {
		note_number(s, less->group_count + less->restricted_count);
	}
	gu_token_unref(less);
	return rc;
}

static enum gu_rc make_token(struct setting *s)
{
	struct gu_token *t = NULL;
	struct gu_token *copy = NULL;
	enum gu_rc rc = gu_token_new(&t, NULL);

	if (!rc) {
		rc = token_fill(t);
	}
	if (!rc) {
		rc = claims_fill(t);
	}
	if (!rc) {
		rc = gu_token_copy(t, &copy, NULL);
	}
	if (!rc) {
		note_number(s, copy->user_claims.count + copy->group_count);
		rc = restrict_token(s, copy);
	}
	gu_token_unref(copy);
	gu_token_unref(t);
	return rc;
}

static struct gu_access_request
ask(const struct setting *s, const struct gu_sd *sd, uint32_t desired)
{
	return (struct gu_access_request){ .sd = sd,
					   .token = s->token,
					   .map = &file_map,
					   .desired = desired,
					   .policies = &s->policy,
					   .policy_count = 1 };
}

/* A check without memory is a denial that gives its reason. */
static enum gu_rc
note_result(struct setting *s, const struct gu_access_result *res)
{
	if (res->rc) {
		assert_false(res->granted);
		assert_int_equal(res->mask, 0);
		assert_int_equal(res->reason.code, GU_REASON_NO_MEMORY);
	} else {
		note_number(s, res->mask);
		note_number(s, res->reason.code);
	}
	return res->rc;
}

static enum gu_rc check(struct setting *s)
{
	const struct gu_access_request req = ask(s, &s->sd, 0x5);
	struct gu_access_result res;

	gu_access_check(&req, &res);
	return note_result(s, &res);
}

static enum gu_rc check_by_type(struct setting *s)
{
	static const struct gu_object_type types[] = {
		{ 0, { { 1 } } },
		{ 1,
		  { { 0x7f, 0x7a, 0x96, 0xbf, 0xe6, 0x0d, 0xd0, 0x11, 0xa2,
		      0x85, 0x00, 0xaa, 0x00, 0x30, 0x49, 0xe2 } } },
		{ 1, { { 2 } } },
	};
	struct gu_object_node nodes[COUNT(types)];
	struct gu_access_call call = { .api = GU_API_NT_BY_TYPE_RESULT_LIST,
				       .request = ask(s, &s->sd,
						      GU_MAXIMUM_ALLOWED) };
	struct gu_access_answer answer;

	call.request.types = types;
	call.request.type_count = COUNT(types);
	call.request.nodes = nodes;
	call.request.flags = GU_CHECK_ALL_NODES;
	gu_access_call(&call, &answer);
	assert_true(answer.checked);
	for (size_t i = 0; i < COUNT(types); i++) {
		note_number(s, nodes[i].granted);
		assert_true(!answer.result.rc || !nodes[i].granted);
	}
	return note_result(s, &answer.result);
}

static void add_step(void *ctx, const struct gu_access_step *step)
{
	gu_access_step_format(step, ctx);
}

static enum gu_rc explain(struct setting *s)
{
	struct gu_access_request req = ask(s, &s->sd, 0x7);
	struct gu_access_result res;
	struct gu_buf text = GU_BUF_INIT;
	enum gu_rc rc;

	req.step = add_step;
	req.step_ctx = &text;
	gu_access_check(&req, &res);
	gu_reason_format(&res.reason, &text);
	rc = note_buf(s, &text);
	return res.rc ? res.rc : rc;
}

static void add_flip(void *ctx, const struct gu_flip *flip)
{
	gu_flip_format(flip, ctx);
	gu_buf_addc(ctx, '\n');
}

static enum gu_rc flips(struct setting *s)
{
	const struct gu_access_request req = ask(s, &s->sd, 0x5);
	struct gu_buf text = GU_BUF_INIT;
	enum gu_rc rc = gu_access_flips(&req, add_flip, &text, NULL);

	return note_buf(s, &text) || rc ? GU_RC_NOMEM : GU_RC_OK;
}

static void add_warning(void *ctx, const struct gu_lint_warning *warning)
{
	note_number(ctx, warning->ace + 100 * (unsigned)warning->lint);
}

static enum gu_rc lint(struct setting *s)
{
	return gu_lint_sd(&s->sd, NULL, add_warning, s, NULL);
}

static enum gu_rc inherit(struct setting *s)
{
	const struct gu_inherit_request req = {
		.parent = &s->parent,
		.token = s->token,
		.map = &file_map,
		.container = true,
		.flags = GU_SEF_DACL_AUTO_INHERIT | GU_SEF_SACL_AUTO_INHERIT
	};
	struct gu_sd sd = GU_SD_INIT;
	struct gu_buf bytes = GU_BUF_INIT;
	uint32_t status = 1;
	enum gu_rc rc = gu_inherit(&sd, &req, &status, NULL);

	assert_true(rc || status == 0);
	gu_sd_encode(&sd, &bytes);
	gu_sd_release(&sd);
	return note_buf(s, &bytes) || rc ? GU_RC_NOMEM : GU_RC_OK;
}

/* A descriptor that could not be changed is the one it was. */
static enum gu_rc note_child(struct setting *s, struct gu_sd *sd, enum gu_rc rc)
{
	assert_true(!rc || sd->dacl.count == s->child.dacl.count);
	note_number(s, sd->dacl.count);
	gu_sd_release(sd);
	return rc;
}

static enum gu_rc set_sd(struct setting *s)
{
	const struct gu_set_request req = { .secinfo = GU_SECINFO_DACL |
						       GU_SECINFO_LABEL |
						       GU_SECINFO_GROUP,
					    .from = &s->sd,
					    .token = s->token,
					    .map = &file_map };
	struct gu_sd sd = GU_SD_INIT;
	uint32_t status = 1;
	enum gu_rc rc = gu_sd_copy(&sd, &s->child, NULL);

	if (rc) {
		return rc;
	}
	rc = gu_sd_set(&sd, &req, &status, NULL);
	assert_true(rc || status == 0);
	return note_child(s, &sd, rc);
}

static enum gu_rc propagate(struct setting *s)
{
	const struct gu_propagation how = { .parent = &s->parent,
					    .map = &file_map,
					    .secinfo = GU_SECINFO_DACL |
						       GU_SECINFO_SACL };
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc = gu_sd_copy(&sd, &s->child, NULL);

	if (rc) {
		return rc;
	}
	rc = gu_sd_propagate(&sd, &how, NULL);
	return note_child(s, &sd, rc);
}

static enum gu_rc quick_questions(struct setting *s, const struct gu_buf *bytes,
				  struct gu_quick_sd *sd,
				  struct gu_quick_token *token)
{
	struct gu_quick_answer answer = { 0, 0 };
	struct gu_quick_why why;
	enum gu_rc rc = gu_quick_check(sd, token, 0x5, &answer);

	if (!rc) {
		note_number(s, answer.mask);
		rc = gu_quick_explain(sd, token, 0x5, &answer, &why);
	}
	if (!rc) {
		note(s, &why, sizeof(why));
		rc = gu_quick_check_bytes(
			s->quick, (const uint8_t *)bytes->data, bytes->len,
			&file_map, token, 0x5, &answer, NULL);
	}
	if (!rc) {
		note_number(s, answer.mask);
	}
	return rc;
}

/* The token is older than the descriptors, whose SIDs it has to learn. */
static enum gu_rc quick(struct setting *s)
{
	struct gu_sd *const sds[] = { &s->parent, &s->child, &s->no_policy };
	struct gu_quick_token *token = NULL;
	enum gu_rc rc = gu_quick_token_new(s->quick, s->token, &token, NULL);

	for (size_t i = 0; !rc && i < COUNT(sds); i++) {
		struct gu_buf bytes = GU_BUF_INIT;
		struct gu_quick_sd *sd = NULL;

		gu_sd_encode(sds[i], &bytes);
		rc = gu_buf_check(&bytes, NULL);
		if (!rc) {
			rc = gu_quick_compile(s->quick,
					      (const uint8_t *)bytes.data,
					      bytes.len, &file_map, &sd, NULL);
		}
		if (!rc) {
			rc = quick_questions(s, &bytes, sd, token);
		}
		gu_buf_release(&bytes);
	}
	gu_quick_token_free(token);
	return rc;
}

static enum gu_rc matrix_fill(struct gu_matrix *m, const struct setting *s)
{
	const struct gu_sd *const sds[] = { &s->parent, &s->child,
					    &s->no_policy };
	enum gu_rc rc = gu_matrix_add_principal(m, s->token, NULL);

	for (size_t i = 0; !rc && i < COUNT(sds); i++) {
		struct gu_buf bytes = GU_BUF_INIT;

		gu_sd_encode(sds[i], &bytes);
		rc = gu_buf_check(&bytes, NULL);
		if (!rc) {
			rc = gu_matrix_add_object(m,
						  (const uint8_t *)bytes.data,
						  bytes.len, &file_map, NULL);
		}
		gu_buf_release(&bytes);
	}
	return rc;
}

static enum gu_rc matrix(struct setting *s)
{
	struct gu_matrix *m = NULL;
	enum gu_rc rc = gu_matrix_new(&m, NULL);

	if (!rc) {
		rc = matrix_fill(m, s);
	}
	if (!rc) {
		rc = gu_matrix_decide(m, NULL);
	}
	for (size_t i = 0; !rc && i < 3; i++) {
		note_number(s, gu_matrix_cell(m, 0, i));
	}
	gu_matrix_free(m);
	return rc;
}

/* the sweep */

typedef enum gu_rc (*job_fn)(struct setting *s);

static void setting_init(struct setting *s)
{
	static const char condition[] = "(@Resource.level Contains 1)";
	size_t used;

	*s = (struct setting){ .sd = GU_SD_INIT,
			       .no_policy = GU_SD_INIT,
			       .parent = GU_SD_INIT,
			       .child = GU_SD_INIT,
			       .rule_sd = GU_SD_INIT };
	gu_buf_init(&s->bytes);
	gu_buf_init(&s->rule_text);
	assert_rc_ok(gu_sddl_parse(&s->sd, everything, NULL, NULL));
	gu_sd_encode(&s->sd, &s->bytes);
	assert_rc_ok(gu_sddl_parse(&s->no_policy, NO_POLICY, NULL, NULL));
	assert_rc_ok(gu_sddl_parse(
		&s->parent,
		"O:BAG:SYD:(A;OICI;FA;;;CO)(A;CIIO;GR;;;CG)(D;OI;0x2;;;BG)"
		"(XA;OICI;FR;;;AU;" TEAM ")S:(AU;OICISAFA;FA;;;WD)",
		NULL, NULL));
	assert_rc_ok(gu_sddl_parse(&s->child,
				   "O:LSG:SYD:AI(A;;FR;;;AU)(A;ID;FA;;;BA)",
				   NULL, NULL));
	assert_rc_ok(gu_token_new(&s->token, NULL));
	assert_rc_ok(token_fill(s->token));
	assert_rc_ok(claims_fill(s->token));
	s->token->type = GU_TOKEN_IMPERSONATION;
	s->token->level = GU_LEVEL_IMPERSONATION;
	assert_rc_ok(gu_sddl_parse(&s->rule_sd, "D:(XA;;FA;;;AU;" TEAM ")",
				   NULL, NULL));
	assert_rc_ok(gu_condition_parse(&s->rule_text, condition,
					sizeof(condition) - 1, NULL, &used,
					NULL));
	s->rule.condition = (const uint8_t *)s->rule_text.data;
	s->rule.condition_len = s->rule_text.len;
	s->rule.dacl = &s->rule_sd.dacl;
	s->policy = (struct gu_central_policy){ .id = sid_of("S-1-17-1"),
						.rules = &s->rule,
						.rule_count = 1 };
}

static void setting_release(struct setting *s)
{
	gu_sd_release(&s->sd);
	gu_sd_release(&s->no_policy);
	gu_sd_release(&s->parent);
	gu_sd_release(&s->child);
	gu_sd_release(&s->rule_sd);
	gu_buf_release(&s->bytes);
	gu_buf_release(&s->rule_text);
	gu_token_unref(s->token);
}

static enum gu_rc run(struct setting *s, job_fn job)
{
	s->answer = 0;
	return job(s);
}

/* The nth allocation of a job fails: what it says, and what it says when asked
 * again. Returns whether there was one. */
static bool try_nth(struct setting *s, const char *name, job_fn job, size_t n)
{
	uint64_t want;
	enum gu_rc rc;
	bool failed;

	assert_rc_ok(gu_quick_new(&s->quick, NULL));
	row_check(run(s, job) == GU_RC_OK, name);
	want = s->answer;
	gu_quick_free(s->quick);
	assert_rc_ok(gu_quick_new(&s->quick, NULL));
	gu_alloc_fail_nth(n);
	rc = run(s, job);
	failed = gu_alloc_failed();
	gu_alloc_fail_nth(0);
	row_check(rc == GU_RC_OK || (failed && rc == GU_RC_NOMEM), name);
	row_check(rc || s->answer == want, name);
	row_check(run(s, job) == GU_RC_OK, name);
	row_check(s->answer == want, name);
	gu_quick_free(s->quick);
	return failed;
}

static void each_allocation_may_fail(void **state)
{
	static const struct {
		const char *name;
		job_fn job;
	} rows[] = {
		{ "text to bytes", text_to_bytes },
		{ "bytes to text", bytes_to_text },
		{ "copy of a descriptor", copy_sd },
		{ "token", make_token },
		{ "check", check },
		{ "check by type", check_by_type },
		{ "explain", explain },
		{ "flips", flips },
		{ "lint", lint },
		{ "inherit", inherit },
		{ "set", set_sd },
		{ "propagate", propagate },
		{ "quick", quick },
		{ "matrix", matrix },
	};
	struct setting s;

	(void)state;
	setting_init(&s);
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = 1;

		while (try_nth(&s, rows[i].name, rows[i].job, n)) {
			n++;
		}
		row_check(n > 1, rows[i].name);
	}
	setting_release(&s);
}

/* Else the jobs above would not meet what they are about. */
static void the_check_needs_every_part(void **state)
{
	struct setting s;
	struct gu_access_request req;
	struct gu_access_result res;

	(void)state;
	setting_init(&s);
	req = ask(&s, &s.sd, 0x5);
	gu_access_check(&req, &res);
	assert_true(res.granted);
	assert_int_equal(res.reason.ace_type, GU_ACE_ALLOW_CALLBACK);
	req.policy_count = 0;
	gu_access_check(&req, &res);
	assert_false(res.granted);
	assert_int_equal(res.reason.code, GU_REASON_NOT_GRANTED_BY_CAPE);
	req.sd = &s.no_policy;
	gu_access_check(&req, &res);
	assert_true(res.granted);
	gu_claims_drop(&s.token->device_claims, 0);
	gu_access_check(&req, &res);
	assert_false(res.granted);
	setting_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_allocation_may_fail),
		cmocka_unit_test(the_check_needs_every_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
