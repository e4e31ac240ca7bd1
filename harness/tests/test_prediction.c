/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "alloc.h"
#include "model.h"
#include "prediction.h"
#include "run.h"
#include "script.h"
#include "sddl.h"

#include "banned.h"

#define ALICE    "S-1-5-21-1-2-3-1001"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { READ = 0x1, WRITE = 0x2, ATTRIBUTES = 0x80, DENIED = 5 };

/* A world in which each call is answered with `out`. */
struct fake {
	struct gu_world base;
	struct gu_outcome out;
};

static enum gu_rc
fake_submit(struct gu_world *w, struct gu_call *call, struct gu_err *err)
{
	(void)err;
	call->out = ((struct fake *)w)->out;
	return GU_RC_OK;
}

static enum gu_rc fake_identity(struct gu_world *w, struct gu_ref thread,
				struct gu_identity *out, struct gu_err *err)
{
	(void)w;
	(void)thread;
	(void)err;
	*out = (struct gu_identity){ .name = "MACHINE\\alice", .sid = ALICE };
	return GU_RC_OK;
}

static void fake_close(struct gu_world *w)
{
	(void)w;
}

static const struct gu_target_ops fake_ops = {
	.name = "fake",
	.submit = fake_submit,
	.identity = fake_identity,
	.close = fake_close,
};

/* One call, watched as a run watches it. */
struct stage {
	struct fake fake;
	struct gu_world *world;
	struct gu_recorder *recorder;
	struct gu_predictions *predictions;
	struct gu_token *token;
	struct gu_sd sd;
};

static enum gu_rc stage_open(struct stage *st, struct gu_err *err)
{
	static const struct gu_scenario_info info = { "s", "s.lua", 1 };
	enum gu_rc rc;

	*st = (struct stage){ .fake = { .base = { &fake_ops } },
			      .sd = GU_SD_INIT };
	rc = gu_token_new(&st->token, err);
	if (!rc) {
		rc = gu_recorder_new(&st->recorder, err);
	}
	if (!rc) {
		rc = gu_predictions_new(st->recorder, &st->predictions, err);
	}
	if (!rc) {
		struct gu_observer *const watchers[] = {
			gu_recorder_observer(st->recorder),
			gu_predictions_observer(st->predictions),
		};

		rc = gu_trace_new(&st->fake.base, watchers, 2, &st->world, err);
	}
	if (!rc) {
		gu_recorder_begin(st->recorder, &info);
		gu_predictions_begin(st->predictions);
		rc = gu_sid_parse(&st->token->user, ALICE, strlen(ALICE), err);
	}
	return rc;
}

static void stage_close(struct stage *st)
{
	gu_world_close(st->world);
	gu_predictions_free(st->predictions);
	gu_recorder_free(st->recorder);
	gu_token_unref(st->token);
	gu_sd_release(&st->sd);
}

/* What the system did, and what it did so from. */
struct row {
	const char *name;
	enum gu_fn fn;
	enum gu_objtype type;
	const char *sddl; /* NULL: no descriptor is known */
	uint32_t desired;
	uint32_t granted;
	uint32_t code; /* 0: success */
	bool identification;
	gu_privset enabled;
	bool injected;
	/* Of the finding, NULL: none. */
	const char *want;
};

static enum gu_rc
play(struct stage *st, const struct row *r, unsigned times, struct gu_err *err)
{
	const struct gu_value args[GU_ARGS_MAX] = { { .type = GU_V_NONE } };
	struct gu_call call = { .fn = r->fn,
				.thread = { GU_REF_THREAD, 1 },
				.args = args,
				.line = 7 };
	struct gu_outcome *out = &st->fake.out;
	enum gu_rc rc = GU_RC_OK;

	if (r->identification) {
		st->token->type = GU_TOKEN_IMPERSONATION;
		st->token->level = GU_LEVEL_IDENTIFICATION;
	}
	st->token->present = st->token->enabled = r->enabled;
	if (r->sddl) {
		rc = gu_sddl_parse(&st->sd, r->sddl, NULL, err);
	}
	*out = (struct gu_outcome){
		.status = gu_status_from_code(gu_fn_row(r->fn)->conv, r->code),
		.decision = { .made = true,
			      .type = r->type,
			      .object = "thing",
			      .asked = r->desired,
			      .granted = r->granted },
		.basis = { .token = st->token,
			   .sd = r->sddl ? &st->sd : NULL,
			   .desired = r->desired,
			   .below_level = r->identification },
		.injected = r->injected,
	};
	while (!rc && times--) {
		rc = gu_world_submit(st->world, &call, err);
	}
	return rc ? rc : gu_recorder_check(st->recorder, err);
}

/* The rows of findings, in order; NULL past the last. */
static const struct gu_record *finding(const struct stage *st, size_t n)
{
	size_t count;
	const struct gu_record *rows = gu_recorder_rows(st->recorder, &count);

	for (size_t i = 0; i < count; i++) {
		if (rows[i].kind == GU_RECORD_FINDING && n-- == 0) {
			return &rows[i];
		}
	}
	return NULL;
}

/* clang-format off */
#define EVENT(...) .fn = GU_FN_OpenEvent, .type = GU_OBJ_event, __VA_ARGS__
#define FILES(...) .fn = GU_FN_open, .type = GU_OBJ_file, __VA_ARGS__
#define HERS "O:SYG:SYD:(A;;0x3;;;" ALICE ")"
#define NOT_HERS "O:SYG:SYD:(A;;0x3;;;SY)"

static const struct row rows[] = {
	{ "granted as foreseen", EVENT(.sddl = HERS, .desired = READ,
	  .granted = READ) },
	{ "denied as foreseen", EVENT(.sddl = NOT_HERS, .desired = READ,
	  .code = DENIED) },
	{ "granted against the descriptor", EVENT(.sddl = NOT_HERS,
	  .desired = READ, .granted = READ), .want = "predicted: denied (" },
	{ "denied against the descriptor", EVENT(.sddl = HERS,
	  .desired = READ, .code = DENIED),
	  .want = "was denied with ERROR_ACCESS_DENIED (5); predicted: "
		  "granted EVENT_QUERY_STATE (granted by ACE 0 " },
	{ "granted more than asked", EVENT(.sddl = HERS, .desired = READ,
	  .granted = READ | WRITE), .want = "predicted: granted EVENT_QUERY_STATE (" },
	{ "granted, and the rights are not known", EVENT(.sddl = HERS,
	  .desired = READ) },
	{ "all that is allowed", EVENT(.sddl = HERS,
	  .desired = GU_MAXIMUM_ALLOWED, .granted = READ | WRITE) },
	{ "less than all that is allowed", EVENT(.sddl = HERS,
	  .desired = GU_MAXIMUM_ALLOWED, .granted = READ),
	  .want = "asking for MAXIMUM_ALLOWED, was granted EVENT_QUERY_STATE; predicted: " },
	{ "granted below Impersonation", EVENT(.sddl = HERS, .desired = READ,
	  .granted = READ), .identification = true,
	  .want = "predicted: denied (" },
	{ "denied below Impersonation", EVENT(.sddl = HERS, .desired = READ,
	  .code = 1346), .identification = true },
	{ "AccessCheck looks past the level", .fn = GU_FN_AccessCheck,
	  .type = GU_OBJ_file, .sddl = HERS, .desired = READ, .granted = READ,
	  .identification = true },
	{ "nothing is known of the descriptor", EVENT(.sddl = NULL,
	  .desired = READ, .granted = READ) },
	{ "a process by SeDebugPrivilege", .fn = GU_FN_OpenProcess,
	  .type = GU_OBJ_process, .sddl = NOT_HERS, .desired = READ,
	  .granted = READ, .enabled = GU_PRIV_BIT(GU_PRIV_Debug) },
	{ "a thread's limited query, which comes along",
	  .fn = GU_FN_OpenThread, .type = GU_OBJ_thread,
	  .sddl = "O:SYG:SYD:(A;;0x40;;;" ALICE ")", .desired = 0x40,
	  .granted = 0x840 },
	{ "a thread's limited query, which came from nowhere",
	  .fn = GU_FN_OpenThread, .type = GU_OBJ_thread,
	  .sddl = "O:SYG:SYD:(A;;0x10;;;" ALICE ")", .desired = 0x10,
	  .granted = 0x810, .want = "predicted: granted THREAD_SET_CONTEXT (" },
	{ "a process without it", .fn = GU_FN_OpenProcess,
	  .type = GU_OBJ_process, .sddl = NOT_HERS, .desired = READ,
	  .granted = READ, .want = "predicted: denied (" },
	{ "an event in spite of it", EVENT(.sddl = NOT_HERS, .desired = READ,
	  .granted = READ), .enabled = GU_PRIV_BIT(GU_PRIV_Debug),
	  .want = "predicted: denied (" },
	{ "an answer that was made up", EVENT(.sddl = NOT_HERS,
	  .desired = READ, .granted = READ), .injected = true },
	{ "attributes that the folder may give", FILES(.sddl = HERS,
	  .desired = READ | ATTRIBUTES, .granted = READ | ATTRIBUTES) },
	{ "deletion that the folder may give", FILES(.sddl = NOT_HERS,
	  .desired = GU_DELETE, .granted = GU_DELETE) },
	{ "reading, which no folder gives", FILES(.sddl = NOT_HERS,
	  .desired = READ | GU_DELETE, .granted = READ | GU_DELETE),
	  .want = "predicted: denied (" },
	{ "an event's deletion, which has no folder", EVENT(.sddl = NOT_HERS,
	  .desired = GU_DELETE, .granted = GU_DELETE),
	  .want = "predicted: denied (" },
	{ "a folder on the way may refuse", FILES(.sddl = HERS,
	  .desired = READ, .code = DENIED) },
	{ "but not who may pass", FILES(.sddl = HERS, .desired = READ,
	  .code = DENIED), .enabled = GU_PRIV_BIT(GU_PRIV_ChangeNotify),
	  .want = "predicted: granted FILE_READ_DATA (" },
	{ "what it set itself", .fn = GU_FN_SetNamedSecurityInfo,
	  .type = GU_OBJ_event, .sddl = NOT_HERS, .desired = GU_WRITE_DAC,
	  .granted = GU_WRITE_DAC },
};
/* clang-format on */

static void a_difference_is_a_finding(void **state)
{
	struct gu_err err = GU_ERR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct gu_record *found;
		struct stage st;

		assert_rc_ok(stage_open(&st, &err));
		assert_rc_ok(play(&st, &rows[i], 1, &err));
		found = finding(&st, 0);
		if (found && !rows[i].want) {
			fail_msg("row \"%s\": %s", rows[i].name, found->reason);
		}
		row_check(!rows[i].want || found, rows[i].name);
		if (found && !strstr(found->reason, rows[i].want)) {
			fail_msg("row \"%s\": %s", rows[i].name, found->reason);
		}
		stage_close(&st);
	}
}

static void a_finding_bears_what_it_is_about(void **state)
{
	const struct row r = { "", EVENT(.sddl = NOT_HERS, .desired = READ,
					 .granted = READ) };
	const struct gu_record *found;
	struct gu_err err = GU_ERR_INIT;
	struct stage st;

	(void)state;
	assert_rc_ok(stage_open(&st, &err));
	assert_rc_ok(play(&st, &r, 1, &err));
	found = finding(&st, 0);
	assert_non_null(found);
	assert_string_equal(found->rule, "prediction");
	assert_string_equal(found->cwe, "CWE-863");
	assert_string_equal(found->object, "thing");
	assert_int_equal(found->fn, GU_FN_OpenEvent);
	assert_int_equal(found->decision.type, GU_OBJ_event);
	assert_int_equal(found->line, 7);
	assert_non_null(found->basis);
	stage_close(&st);
}

/* The prediction before is used again where nothing has changed. */
static void each_difference_is_found(void **state)
{
	const struct row r = { "", EVENT(.sddl = NOT_HERS, .desired = READ,
					 .granted = READ) };
	struct gu_err err = GU_ERR_INIT;
	struct stage st;

	(void)state;
	assert_rc_ok(stage_open(&st, &err));
	assert_rc_ok(play(&st, &r, 3, &err));
	assert_non_null(finding(&st, 2));
	assert_null(finding(&st, 3));
	stage_close(&st);
}

static void lost_memory_is_told(void **state)
{
	const struct row r = { "", EVENT(.sddl = NOT_HERS, .desired = READ,
					 .granted = READ) };
	bool failed = true;

	(void)state;
	for (size_t n = 1; failed; n++) {
		struct gu_err err = GU_ERR_INIT;
		struct stage st;
		enum gu_rc rc;

		gu_alloc_fail_nth(n);
		rc = stage_open(&st, &err);
		if (!rc) {
			rc = play(&st, &r, 1, &err);
		}
		failed = gu_alloc_failed();
		gu_alloc_fail_nth(0);
		assert_int_equal(rc, failed ? GU_RC_NOMEM : GU_RC_OK);
		stage_close(&st);
		assert_true(n < 1000);
	}
}

/* The model, but each decision is told with one right more or less. */
struct liar {
	struct gu_world base;
	struct gu_world *model;
};

static struct {
	size_t lies;
	size_t findings;
	bool lying;
} run;

static void lie(struct gu_outcome *out)
{
	struct gu_decision *d = &out->decision;
	bool has_folder = d->type == GU_OBJ_file || d->type == GU_OBJ_directory;

	if (d->made && out->basis.sd && d->granted &&
	    d->reason.code != GU_REASON_ALLOWED_PARENT_ACE &&
	    d->granted != GU_READ_CONTROL) {
		d->granted ^= GU_READ_CONTROL;
		run.lies++;
	} else if (d->made && out->basis.sd && !d->granted && !has_folder) {
		d->granted = GU_READ_CONTROL;
		run.lies++;
	}
}

static enum gu_rc
liar_submit(struct gu_world *w, struct gu_call *call, struct gu_err *err)
{
	enum gu_rc rc = gu_world_submit(((struct liar *)w)->model, call, err);

	if (!rc && run.lying && call->fn != GU_FN_SetNamedSecurityInfo) {
		lie(&call->out);
	}
	return rc;
}

static enum gu_rc liar_wait(struct gu_world *w, uint32_t timeout_ms,
			    struct gu_call **done, struct gu_err *err)
{
	return gu_world_wait(((struct liar *)w)->model, timeout_ms, done, err);
}

static enum gu_rc liar_identity(struct gu_world *w, struct gu_ref thread,
				struct gu_identity *out, struct gu_err *err)
{
	return gu_world_identity(((struct liar *)w)->model, thread, out, err);
}

static enum gu_rc liar_basis(struct gu_world *w, struct gu_ref thing,
			     struct gu_basis *out, struct gu_err *err)
{
	return gu_world_basis(((struct liar *)w)->model, thing, out, err);
}

static bool liar_supports(enum gu_cap cap)
{
	return gu_target_model.supports(cap);
}

static void liar_close(struct gu_world *w)
{
	gu_world_close(((struct liar *)w)->model);
	gu_free(w);
}

static enum gu_rc liar_open(const struct gu_world_config *config,
			    struct gu_world **out, struct gu_err *err);

static const struct gu_target_ops liar_ops = {
	.name = "liar",
	.proof = "",
	.open = liar_open,
	.submit = liar_submit,
	.wait = liar_wait,
	.identity = liar_identity,
	.basis = liar_basis,
	.supports = liar_supports,
	.close = liar_close,
};

static enum gu_rc liar_open(const struct gu_world_config *config,
			    struct gu_world **out, struct gu_err *err)
{
	struct liar *w = gu_calloc(1, sizeof(*w));

	assert_non_null(w);
	w->base.ops = &liar_ops;
	*out = &w->base;
	return gu_target_model.open(config, &w->model, err);
}

static void count_finding(void *arg, const char *line)
{
	(void)arg;
	run.findings += strstr(line, "fail: prediction (") != NULL;
}

static void run_all(bool lying)
{
	const struct gu_run_options o = { .target = &liar_ops,
					  .engine = &gu_engine_lua,
					  .diagnostic = count_finding };
	struct gu_sources sources = { .list = NULL };
	struct gu_run_totals totals;
	struct gu_err err = GU_ERR_INIT;

	run.lying = lying;
	run.lies = run.findings = 0;
	assert_rc_ok(
		gu_sources_add(&sources, GUISE_SOURCE_DIR "/scenarios", &err));
	assert_rc_ok(gu_run(&o, sources.list, sources.count, &totals, &err));
	assert_true(totals.scenarios > 100);
	gu_sources_free(&sources);
}

static void the_model_decides_as_predicted(void **state)
{
	(void)state;
	run_all(false);
	assert_int_equal(run.findings, 0);
}

/* So that the silence above means something. */
static void every_false_decision_of_the_scenarios_is_found(void **state)
{
	(void)state;
	run_all(true);
	assert_true(run.lies > 100);
	assert_int_equal(run.findings, run.lies);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_difference_is_a_finding),
		cmocka_unit_test(a_finding_bears_what_it_is_about),
		cmocka_unit_test(each_difference_is_found),
		cmocka_unit_test(lost_memory_is_told),
		cmocka_unit_test(the_model_decides_as_predicted),
		cmocka_unit_test(
			every_false_decision_of_the_scenarios_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
