/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include "alloc.h"
#include "banned.h"

/* The face of this floor: files and scenarios as the runner sees them.
 * Whatever may raise runs inside protect(). */

/* Makes one line of an error while the stack that raised it still stands. */
static int describe_handler(lua_State *L)
{
	struct gu_err err = GU_ERR_INIT;

	(void)sc_describe_error(L, L, LUA_ERRRUN, &err);
	lua_pushstring(L, err.msg);
	return 1;
}

/* Calls `fn` with `job`. */
static enum gu_rc
protect(struct gu_script *s, lua_CFunction fn, void *job, struct gu_err *err)
{
	lua_State *L = s->L;
	enum gu_rc rc = GU_RC_OK;
	int status;

	lua_pushcfunction(L, describe_handler);
	lua_pushcfunction(L, fn);
	lua_pushlightuserdata(L, job);
	status = lua_pcall(L, 1, 0, 1);
	if (s->stop.set && !s->stop.unwinds) {
		rc = gu_err_set(err, s->stop.rc, "%s", s->stop.msg);
	} else if (status == LUA_ERRMEM) {
		rc = sc_err_memory(s, "", err);
	} else if (status != LUA_OK) {
		rc = gu_err_set(err, GU_RC_USAGE, "%s", lua_tostring(L, -1));
	}
	lua_settop(L, 0);
	return rc;
}

/* loading */

struct load_job {
	const char *path;
	const char *text;
	size_t len;
};

static int load_protected(lua_State *L)
{
	const struct load_job *job = lua_touserdata(L, 1);
	struct gu_script *s = sc_of(L);
	lua_Debug ar;

	if (sc_load_chunk(L, job->text, job->len, job->path) != LUA_OK) {
		return lua_error(L);
	}
	lua_pushvalue(L, -1);
	lua_getinfo(L, ">S", &ar);
	s->source = ar.source;
	s->short_src = gu_arena_strdup(&s->arena, ar.short_src);
	/* The chunk keeps the source, which is compared by address. */
	lua_pushvalue(L, -1);
	(void)luaL_ref(L, LUA_REGISTRYINDEX);
	lua_call(L, 0, 0);
	if (s->entry_count == 0) {
		lua_pushfstring(L, "%s:1: the file defines no scenario",
				job->path);
		return lua_error(L);
	}
	return 0;
}

static enum gu_rc load(const struct load_job *job,
		       const struct gu_limits *limits, struct gu_script **out,
		       struct gu_err *err)
{
	struct load_job copy = *job;
	struct gu_script *s = NULL;
	enum gu_rc rc = sc_new(job->path, limits, &s, err);

	if (rc) {
		return rc;
	}
	s->loading = true;
	sc_deadline_start(s, limits ? limits->timeout_ms : 0);
	rc = protect(s, load_protected, &copy, err);
	s->loading = false;
	s->deadline = 0;
	if (rc) {
		sc_free(s);
		return rc;
	}
	*out = s;
	return GU_RC_OK;
}

static enum gu_rc engine_load(const char *path, const char *text, size_t len,
			      const struct gu_limits *limits,
			      struct gu_script **out, struct gu_err *err)
{
	return load(&(struct load_job){ path, text, len }, limits, out, err);
}

/* running */

struct run_job {
	size_t i;
	struct gu_stage *stage;
	struct gu_err *err;
	enum gu_rc rc;
};

/* Forgets the scenario before, whose world is closed by now. */
static void begin(lua_State *L, struct gu_stage *stage)
{
	struct gu_script *s = sc_of(L);

	sc_bodies_drop(s);
	if (s->stop.set) {
		s->stop = (struct sc_stop){ .set = false };
		lua_gc(L, LUA_GCRESTART);
	}
	gu_arena_reset(&s->names);
	s->memory_hit = false;
	s->unchecked_count = 0;
	s->some_thread = (struct gu_ref){ .kind = GU_REF_NONE };
	s->epoch = (s->epoch + 1) & 0xFFFFFF;
	lua_newtable(L);
	lua_rawseti(L, LUA_REGISTRYINDEX, s->fixtures);
	s->stage = stage;
	stage->cut_short = false;
	sc_deadline_start(s, stage->limits ? stage->limits->timeout_ms : 0);
}

static int run_protected(lua_State *L)
{
	struct run_job *job = lua_touserdata(L, 1);
	struct gu_script *s = sc_of(L);
	struct sc_body *main;
	int line;

	begin(L, job->stage);
	lua_rawgeti(L, LUA_REGISTRYINDEX, s->entries[job->i].fn);
	sc_scenario_push(L);
	main = sc_body_new(L, 1);
	main->main = true;
	sc_schedule(L);
	if (s->stop.set) {
		job->stage->cut_short = true;
		return 0;
	}
	job->rc = sc_body_errors(L, job->err);
	line = sc_unchecked_line(s);
	if (!job->rc && line) {
		job->rc = gu_err_set(job->err, GU_RC_USAGE,
				     "%s:%d: expect without a check", s->path,
				     line);
	}
	return 0;
}

static enum gu_rc engine_run(struct gu_script *s, size_t i,
			     struct gu_stage *stage, struct gu_err *err)
{
	struct run_job job = { .i = i, .stage = stage, .err = err };
	enum gu_rc rc = protect(s, run_protected, &job, err);

	/* Bodies stay: a call of theirs may be in flight until the world
	 * closes. */
	s->current = NULL;
	s->stage = NULL;
	s->deadline = 0;
	return rc ? rc : job.rc;
}

static size_t engine_count(const struct gu_script *s)
{
	return s->entry_count;
}

static void engine_describe(const struct gu_script *s, size_t i,
			    struct gu_scenario_desc *out)
{
	*out = s->entries[i].desc;
}

const struct gu_engine_ops gu_engine_lua = {
	.divergences = sc_divergences,
	.load = engine_load,
	.count = engine_count,
	.describe = engine_describe,
	.run = engine_run,
	.close = sc_free,
};
