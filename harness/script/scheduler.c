/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "alloc.h"
#include "buf.h"
#include "banned.h"

/* Bodies take turns in the order they were made, each until it waits for
 * something; only when none can go on is the world asked what has completed.
 * So the interleaving is the same on every run. */

/* bodies */

static void body_append(struct gu_script *s, struct sc_body *b)
{
	struct sc_body **end = &s->bodies;

	while (*end) {
		end = &(*end)->next;
	}
	*end = b;
}

struct sc_body *sc_body_new(lua_State *L, int nargs)
{
	struct gu_script *s = sc_of(L);
	struct sc_body *b = gu_calloc(1, sizeof(*b));

	if (!b) {
		(void)sc_nomem(L);
		return NULL;
	}
	/* Owned by the list before anything can raise. */
	b->state = SC_ENDED;
	body_append(s, b);
	b->L = lua_newthread(L);
	b->anchor = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_xmove(L, b->L, nargs + 1);
	b->nargs = nargs;
	b->call.args = b->args;
	b->call.arena = &b->arena;
	b->call.owner = b;
	b->state = SC_READY;
	return b;
}

void sc_bodies_free(struct gu_script *s)
{
	while (s->bodies) {
		struct sc_body *b = s->bodies;

		s->bodies = b->next;
		gu_arena_release(&b->arena);
		gu_free(b);
	}
	s->current = NULL;
	s->last_run = NULL;
	s->unfinished = 0;
}

void sc_bodies_drop(struct gu_script *s)
{
	for (struct sc_body *b = s->bodies; b; b = b->next) {
		luaL_unref(s->L, LUA_REGISTRYINDEX, b->anchor);
	}
	sc_bodies_free(s);
}

static bool thread_ended(const struct gu_script *s, struct gu_ref thread)
{
	for (const struct sc_body *b = s->bodies; b; b = b->next) {
		if (!b->main && b->state != SC_ENDED &&
		    gu_ref_equal(b->thread, thread)) {
			return false;
		}
	}
	return true;
}

/* A thread's bodies run one after the other. */
static bool
is_next_of_thread(const struct gu_script *s, const struct sc_body *b)
{
	for (const struct sc_body *o = s->bodies; o != b; o = o->next) {
		if (!o->main && o->state != SC_ENDED &&
		    gu_ref_equal(o->thread, b->thread)) {
			return false;
		}
	}
	return true;
}

static bool can_go_on(const struct gu_script *s, const struct sc_body *b)
{
	if (b->nested) {
		return false;
	}
	if (b->state == SC_JOINING) {
		return thread_ended(s, b->joining);
	}
	return b->state == SC_READY && (b->main || is_next_of_thread(s, b));
}

/* The next one after the last that ran, or NULL. */
static struct sc_body *next_body(const struct gu_script *s)
{
	struct sc_body *start = s->last_run ? s->last_run->next : NULL;

	for (struct sc_body *b = start; b; b = b->next) {
		if (can_go_on(s, b)) {
			return b;
		}
	}
	for (struct sc_body *b = s->bodies; b != start; b = b->next) {
		if (can_go_on(s, b)) {
			return b;
		}
	}
	return NULL;
}

static void body_ended(lua_State *L, struct sc_body *b, int status)
{
	struct gu_script *s = sc_of(L);
	struct gu_err err = GU_ERR_INIT;

	b->state = SC_ENDED;
	b->failed = status != LUA_OK;
	b->status = status;
	if (!b->main) {
		s->unfinished--;
	}
	if (status == LUA_ERRMEM && !s->stop.set) {
		(void)sc_describe_error(L, b->L, status, &err);
		sc_stop_note(L, &err);
	}
}

static void body_resume(lua_State *L, struct sc_body *b)
{
	struct gu_script *s = sc_of(L);
	struct sc_body *outer = s->current;
	int nargs = b->nargs;
	int nresults = 0;
	int status;

	b->nargs = 0;
	b->state = SC_RUNNING;
	s->current = b;
	s->last_run = b;
	status = lua_resume(b->L, L, nargs, &nresults);
	s->current = outer;
	if (status != LUA_YIELD) {
		body_ended(L, b, status);
		return;
	}
	lua_pop(b->L, nresults);
	if (b->state == SC_RUNNING) {
		b->state = SC_READY; /* a coroutine.yield of its own */
	}
}

/* when nothing can go on */

static struct sc_body *first_failed(const struct gu_script *s)
{
	for (struct sc_body *b = s->bodies; b; b = b->next) {
		if (!b->main && b->failed && !b->reported) {
			return b;
		}
	}
	return NULL;
}

static const char *name_of(const struct sc_body *b)
{
	return b->main ? "the main function" : b->name;
}

static void describe_waiting(const struct gu_script *s, struct gu_buf *out)
{
	const char *comma = "";

	for (const struct sc_body *b = s->bodies; b; b = b->next) {
		if (b->state == SC_CALLING) {
			gu_buf_addf(out, "%s%s waits in %s at line %d", comma,
				    b->caller && b->caller->name
					    ? b->caller->name
					    : name_of(b),
				    gu_fn_row(b->call.fn)->name, b->call.line);
		} else if (b->state == SC_JOINING) {
			gu_buf_addf(
				out, "%s%s waits for the end of %s at line %d",
				comma, name_of(b), b->joining_name, b->line);
		} else {
			continue;
		}
		comma = "; ";
	}
}

static int line_of_waiting(const struct gu_script *s)
{
	for (const struct sc_body *b = s->bodies; b; b = b->next) {
		if (b->state == SC_CALLING) {
			return b->call.line;
		}
		if (b->state == SC_JOINING) {
			return b->line;
		}
	}
	return 0;
}

/* An error that a body ended in says more than that others wait for it. */
static enum gu_rc err_stuck(lua_State *L, enum gu_rc rc, struct gu_err *err)
{
	struct gu_script *s = sc_of(L);
	struct sc_body *failed = first_failed(s);
	struct gu_buf waiting = GU_BUF_INIT;
	char limit[64] = "deadlock";

	if (failed) {
		failed->reported = true;
		return sc_describe_error(L, failed->L, failed->status, err);
	}
	if (rc == GU_RC_TIMEOUT) {
		snprintf(limit, sizeof(limit), "still waiting after %llu ms",
			 (unsigned long long)s->timeout_ms);
	}
	describe_waiting(s, &waiting);
	(void)gu_err_set(err, rc, "%s:%d: %s: %s", s->path, line_of_waiting(s),
			 limit, waiting.data);
	gu_buf_release(&waiting);
	return rc;
}

static void call_completed(struct gu_script *s, struct gu_call *call)
{
	struct sc_body *b = call->owner;

	b->step = gu_recorder_step(s->stage->recorder);
	b->state = b->nested ? SC_RUNNING : SC_READY;
}

static bool any_calling(const struct gu_script *s)
{
	for (const struct sc_body *b = s->bodies; b; b = b->next) {
		if (b->state == SC_CALLING) {
			return true;
		}
	}
	return false;
}

/* Lets one body go on, or fetches one completed call. */
static enum gu_rc step(lua_State *L, struct gu_err *err)
{
	struct gu_script *s = sc_of(L);
	struct sc_body *b = next_body(s);
	struct gu_call *done = NULL;
	enum gu_rc rc;

	if (b) {
		body_resume(L, b);
		return GU_RC_OK;
	}
	if (!any_calling(s)) {
		return err_stuck(L, GU_RC_DEADLOCK, err);
	}
	rc = gu_world_wait(s->stage->world, sc_time_left(s), &done, err);
	if (rc == GU_RC_OK) {
		call_completed(s, done);
	} else if (rc == GU_RC_DEADLOCK || rc == GU_RC_TIMEOUT) {
		rc = err_stuck(L, rc, err);
	}
	return rc;
}

/* waiting on the C stack */

bool sc_can_yield(lua_State *L)
{
	const struct gu_script *s = sc_of(L);

	return s->current && s->current->L == L && lua_isyieldable(L);
}

enum gu_rc sc_wait_inline(lua_State *L, struct sc_body *b, struct gu_err *err)
{
	struct gu_script *s = sc_of(L);
	enum gu_rc rc = GU_RC_OK;

	luaL_checkstack(L, LUA_MINSTACK, NULL);
	b->nested = true;
	while (rc == GU_RC_OK && b->state == SC_CALLING) {
		rc = step(L, err);
		if (rc == GU_RC_OK && s->stop.set) {
			rc = gu_err_set(err, GU_RC_INTERNAL, "%s", s->stop.msg);
		}
	}
	b->nested = false;
	return rc;
}

/* the whole scenario */

static bool all_ended(const struct gu_script *s)
{
	const struct sc_body *main = s->bodies;

	return main->state == SC_ENDED && (main->failed || !s->unfinished);
}

void sc_schedule(lua_State *L)
{
	struct gu_script *s = sc_of(L);
	struct gu_err err = GU_ERR_INIT;

	while (!s->stop.set && !all_ended(s)) {
		enum gu_rc rc = step(L, &err);

		if (rc) {
			err.rc = rc;
			sc_stop_note(L, &err);
		}
	}
}

enum gu_rc sc_body_errors(lua_State *L, struct gu_err *err)
{
	struct gu_script *s = sc_of(L);
	struct sc_body *failed =
		s->bodies->failed ? s->bodies : first_failed(s);

	if (!failed) {
		return GU_RC_OK;
	}
	return sc_describe_error(L, failed->L, failed->status, err);
}

/* what scripts call */

static int
refuse_busy(lua_State *L, const struct sc_ref *thread, const struct sc_body *b)
{
	if (b->state == SC_CALLING &&
	    gu_ref_equal(b->call.thread, thread->ref)) {
		return sc_error(L, "thread '%s' is in %s since line %d",
				thread->name, gu_fn_row(b->call.fn)->name,
				b->call.line);
	}
	return sc_error(L, "thread '%s' runs a body of its own; join it first",
			thread->name);
}

void sc_check_free(lua_State *L, const struct sc_ref *thread)
{
	const struct gu_script *s = sc_of(L);
	const struct sc_body *own = s->current;

	for (const struct sc_body *b = s->bodies; b; b = b->next) {
		bool in_call = b->state == SC_CALLING &&
			       gu_ref_equal(b->call.thread, thread->ref);
		bool has_body =
			!b->main && b->state != SC_ENDED &&
			gu_ref_equal(b->thread, thread->ref) &&
			!(!own->main && gu_ref_equal(own->thread, thread->ref));

		if (b != own && (in_call || has_body)) {
			refuse_busy(L, thread, b);
		}
	}
}

int sc_thread_run(lua_State *L)
{
	struct gu_script *s = sc_of(L);
	const struct sc_ref *t = sc_check_thread(L, 1);
	struct sc_body *b;

	if (lua_type(L, 2) != LUA_TFUNCTION) {
		return sc_error(L, "run needs a function, got %s",
				sc_kind_at(L, 2));
	}
	lua_settop(L, 2);
	lua_pushvalue(L, 1);
	b = sc_body_new(L, 1);
	b->thread = t->ref;
	b->name = t->name;
	s->unfinished++;
	return 0;
}

static int join_result(lua_State *L, struct gu_ref thread)
{
	struct gu_script *s = sc_of(L);
	struct gu_err err = GU_ERR_INIT;

	for (struct sc_body *b = s->bodies; b; b = b->next) {
		if (b->failed && !b->reported && !b->main &&
		    gu_ref_equal(b->thread, thread)) {
			b->reported = true;
			(void)sc_describe_error(L, b->L, b->status, &err);
			lua_pushstring(L, err.msg);
			return lua_error(L);
		}
	}
	return 0;
}

static int join_continue(lua_State *L, int status, lua_KContext ctx)
{
	(void)status;
	return join_result(L, ((struct sc_body *)ctx)->joining);
}

/* Joins where the coroutine cannot give way. */
static int join_inline(lua_State *L, struct sc_body *b)
{
	struct gu_script *s = sc_of(L);
	struct gu_err err = GU_ERR_INIT;
	enum gu_rc rc = GU_RC_OK;

	b->nested = true;
	while (rc == GU_RC_OK && !s->stop.set && !thread_ended(s, b->joining)) {
		rc = step(L, &err);
	}
	b->nested = false;
	b->state = SC_RUNNING;
	if (rc || s->stop.set) {
		err.rc = rc;
		return sc_stop_err(L, &err);
	}
	return join_result(L, b->joining);
}

int sc_thread_join(lua_State *L)
{
	struct gu_script *s = sc_of(L);
	const struct sc_ref *t = sc_check_thread(L, 1);
	struct sc_body *b = s->current;

	if (s->stop.set || !b) {
		return sc_stop_again(L);
	}
	if (!b->main && gu_ref_equal(b->thread, t->ref)) {
		return sc_error(L, "thread '%s' cannot join itself", t->name);
	}
	b->joining = t->ref;
	b->joining_name = t->name;
	b->line = sc_line(L);
	if (thread_ended(s, t->ref)) {
		return join_result(L, t->ref);
	}
	b->state = SC_JOINING;
	if (sc_can_yield(L)) {
		return lua_yieldk(L, 0, (lua_KContext)b, join_continue);
	}
	return join_inline(L, b);
}
