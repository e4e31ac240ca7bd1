/* SPDX-License-Identifier: MIT */
#ifndef GU_SCRIPT_FIX_H
#define GU_SCRIPT_FIX_H

#include "unit.h"

#include "alloc.h"
#include "buf.h"
#include "fault.h"
#include "mailbox.h"
#include "model.h"
#include "script.h"
#include "trace.h"

/* A script on the model, run as the runner would: one scenario at a time,
 * rows kept until the next.
 *
 *	struct play p;
 *
 *	play_text(&p, "s:skip 'why'");      the body of one scenario
 *	assert_int_equal(p.rc, GU_RC_UNSUPPORTED);
 *	play_close(&p);
 *
 * Lines: the text begins at line 1 of "t.lua", after the opening of a
 * scenario on that same line. */
struct play {
	struct gu_script *script;
	struct gu_recorder *recorder;
	struct gu_findings *findings;
	struct gu_world *world;
	struct gu_limits limits;
	bool os_threads;
	bool cut_short;
	size_t fail_nth; /* allocation of a run; 0: none */
	bool failed;     /* it did */
	enum gu_rc rc;   /* of load or of the last run */
	struct gu_err err;
	struct gu_buf failures; /* diagnostics of failed rows, a line each */
};

static inline void play_init(struct play *p)
{
	*p = (struct play){ .err = GU_ERR_INIT, .failures = GU_BUF_INIT };
	p->limits.timeout_ms = 20000;
	p->limits.memory = 64 << 20;
	assert_rc_ok(gu_recorder_new(&p->recorder, &p->err));
	assert_rc_ok(gu_findings_new(p->recorder, &p->findings, &p->err));
}

/* Without a text, the file's own. */
static inline void play_load(struct play *p, const char *path, const char *text)
{
	char chunk[4096];
	struct gu_buf file = GU_BUF_INIT;
	FILE *f = text ? NULL : fopen(path, "rb");
	size_t n;

	while (f && (n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
		gu_buf_add(&file, chunk, n);
	}
	if (f) {
		fclose(f);
	}
	p->rc = gu_engine_lua.load(path, text ? text : file.data,
				   text ? strlen(text) : file.len, &p->limits,
				   &p->script, &p->err);
	gu_buf_release(&file);
}

static inline void play_world(struct play *p)
{
	const struct gu_world_config config = { .seed = 1,
						.os_threads = p->os_threads,
						.prefix = "t" };
	struct gu_observer *const observers[] = {
		gu_recorder_observer(p->recorder),
		gu_findings_observer(p->findings),
	};

	gu_world_close(p->world);
	p->world = NULL;
	assert_rc_ok(gu_target_model.open(&config, &p->world, &p->err));
	if (p->os_threads) {
		assert_rc_ok(gu_mailbox_new(p->world, &p->world, &p->err));
	}
	assert_rc_ok(gu_fault_new(p->world, &p->world, &p->err));
	assert_rc_ok(gu_trace_new(p->world, observers, 2, &p->world, &p->err));
}

static inline void play_run(struct play *p, size_t i)
{
	static const struct gu_scenario_info info = { .name = "t",
						      .file = "t.lua",
						      .line = 1 };
	struct gu_stage stage = { .recorder = p->recorder,
				  .findings = p->findings,
				  .target = &gu_target_model,
				  .limits = &p->limits };
	const struct gu_record *rows;
	size_t count;

	gu_recorder_begin(p->recorder, &info);
	gu_findings_begin(p->findings);
	play_world(p);
	stage.world = p->world;
	p->err = (struct gu_err)GU_ERR_INIT;
	gu_alloc_fail_nth(p->fail_nth);
	p->rc = gu_engine_lua.run(p->script, i, &stage, &p->err);
	p->failed = gu_alloc_failed();
	gu_alloc_fail_nth(0);
	p->cut_short = stage.cut_short;
	if (!p->rc && !stage.cut_short) {
		gu_findings_end(p->findings, p->world);
	}
	gu_buf_reset(&p->failures);
	rows = gu_recorder_rows(p->recorder, &count);
	for (size_t row = 0; row < count; row++) {
		if (rows[row].verdict == GU_VERDICT_FAIL) {
			gu_record_diagnostic(&rows[row], "t.lua", &p->failures);
			gu_buf_addc(&p->failures, '\n');
		}
	}
}

static inline void play_close(struct play *p)
{
	gu_world_close(p->world);
	if (p->script) {
		gu_engine_lua.close(p->script);
	}
	gu_findings_free(p->findings);
	gu_recorder_free(p->recorder);
	gu_buf_release(&p->failures);
}

/* Wraps `body` into a scenario that has the usual people at hand. */
#define PLAY_OPEN \
	"local guise = require 'guise' guise.scenario('t', function(s) "
#define PLAY_PEOPLE                                                            \
	"local alice = s:account{name='alice', "                               \
	"groups={'BUILTIN\\\\Users'}} "                                        \
	"local svc = s:process{name='svc', account='NT AUTHORITY\\\\SYSTEM'} " \
	"local app = s:process{name='app', account=alice} "                    \
	"local t, u = svc:thread 't', app:thread 'u' "                         \
	"local f = s:file{path='C:\\\\f', "                                    \
	"sddl='O:BAG:BAD:P(A;;FA;;;SY)(A;;FR;;;BU)'} "                         \
	"local tok = s:token{account=alice, type='impersonation', "            \
	"level='Impersonation'} "

static inline void
play_body(struct play *p, const char *people, const char *body)
{
	struct gu_buf text = GU_BUF_INIT;

	gu_buf_addf(&text, "%s%s%s end)", PLAY_OPEN, people, body);
	play_load(p, "t.lua", text.data);
	gu_buf_release(&text);
	if (p->rc == GU_RC_OK) {
		play_run(p, 0);
	}
}

static inline void play_text(struct play *p, const char *body)
{
	play_init(p);
	play_body(p, PLAY_PEOPLE, body);
}

/* The scenario ran to its end and nothing failed. */
#define assert_plays(p)                                                     \
	do {                                                                \
		if ((p)->rc != GU_RC_OK || (p)->failures.len) {             \
			fail_msg("rc %d: %s%s", (int)(p)->rc, (p)->err.msg, \
				 (p)->failures.data);                       \
		}                                                           \
	} while (0)

/* The scenario ended with an error that says `text`. */
#define assert_ends(p, want, text)                                         \
	do {                                                               \
		if ((p)->rc != (want) || !strstr((p)->err.msg, (text))) {  \
			fail_msg("rc %d: %s; wanted %d: %s", (int)(p)->rc, \
				 (p)->err.msg, (int)(want), (text));       \
		}                                                          \
	} while (0)

#endif
