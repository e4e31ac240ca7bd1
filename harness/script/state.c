/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include <uv.h>

#include "alloc.h"
#include "banned.h"

/* How many instructions run between two looks at the clock. */
enum { HOOK_COUNT = 4096 };

/* Lua counts on a block that shrinks staying valid, so a failure to shrink is
 * no failure. */
static void *state_alloc(void *ud, void *ptr, size_t osize, size_t nsize)
{
	struct gu_script *s = ud;
	size_t old = ptr ? osize : 0;
	void *p;

	if (nsize == 0) {
		gu_free(ptr);
		s->memory -= old;
		return NULL;
	}
	if (s->memory_limit && nsize > old &&
	    s->memory - old + nsize > s->memory_limit) {
		s->memory_hit = true;
		return NULL;
	}
	p = gu_realloc(ptr, nsize, 1);
	if (!p) {
		return nsize <= old ? ptr : NULL;
	}
	s->memory += nsize - old;
	return p;
}

void sc_deadline_start(struct gu_script *s, uint64_t timeout_ms)
{
	s->timeout_ms = timeout_ms;
	s->deadline = timeout_ms ? uv_hrtime() + timeout_ms * 1000000 : 0;
}

uint32_t sc_time_left(const struct gu_script *s)
{
	uint64_t now;
	uint64_t left;

	if (!s->deadline) {
		return UINT32_MAX;
	}
	now = uv_hrtime();
	left = now < s->deadline ? (s->deadline - now) / 1000000 : 0;
	return left < UINT32_MAX ? (uint32_t)left : UINT32_MAX - 1;
}

int sc_line(lua_State *L)
{
	const struct gu_script *s = sc_of(L);
	const char *what = s->modules ? "Sl" : "l";
	lua_Debug ar;
	int other = 0;

	for (int level = 1; lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, what, &ar);
		if (ar.currentline <= 0) {
			continue;
		}
		if (!s->modules || ar.source == s->source) {
			return ar.currentline;
		}
		other = other ? other : ar.currentline;
	}
	return other;
}

void sc_where(lua_State *L, char out[SC_WHERE_MAX])
{
	lua_Debug ar;

	out[0] = '\0';
	for (int level = 0; lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sl", &ar);
		if (ar.currentline > 0) {
			snprintf(out, SC_WHERE_MAX, "%.480s:%d: ",
				 ar.source[0] == '@' ? ar.source + 1
						     : ar.short_src,
				 ar.currentline);
			return;
		}
	}
}

_Noreturn int sc_error(lua_State *L, const char *fmt, ...)
{
	char where[SC_WHERE_MAX];
	char msg[GU_ERR_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	sc_where(L, where);
	lua_pushfstring(L, "%s%s", where, msg);
	lua_error(L);
	abort(); /* lua_error does not return */
}

/* The length of a leading "FILE:LINE: " where FILE is the scenario or lies
 * beside it; 0 when there is none. */
static size_t place_length(const struct gu_script *s, const char *msg)
{
	size_t n = strlen(s->path);
	const char *p = NULL;

	if (strncmp(msg, s->path, n) == 0 && msg[n] == ':') {
		p = msg + n;
	} else if (strncmp(msg, s->dir, strlen(s->dir)) == 0) {
		p = strstr(msg, ".lua:");
		p = p ? p + strlen(".lua") : NULL;
	}
	if (!p) {
		return 0;
	}
	n = strspn(p + 1, "0123456789");
	return n && p[n + 1] == ':' ? (size_t)(p - msg) + n + 2 : 0;
}

static void hook(lua_State *L, lua_Debug *ar);

/* Every further instruction of this coroutine meets the hook. */
static void hook_at_once(lua_State *L)
{
	lua_sethook(L, hook, LUA_MASKCOUNT, 1);
}

int sc_stop_again(lua_State *L)
{
	const struct gu_script *s = sc_of(L);

	if (!s->stop.unwinds && sc_can_yield(L)) {
		return lua_yield(L, 0);
	}
	lua_pushstring(L, s->stop.msg);
	return lua_error(L);
}

static void stop_at_once(lua_State *L)
{
	const struct gu_script *s = sc_of(L);

	/* Calls in flight borrow strings from stacks that may be unwound. */
	lua_gc(L, LUA_GCSTOP);
	hook_at_once(L);
	if (s->current) {
		hook_at_once(s->current->L);
	}
}

int sc_stop(lua_State *L, enum gu_rc rc, const char *fmt, ...)
{
	struct gu_script *s = sc_of(L);
	char where[SC_WHERE_MAX];
	char msg[GU_ERR_MAX];
	struct gu_err err;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	if (!s->stop.set) {
		sc_where(L, where);
		(void)gu_err_set(&err, rc, "%s%s",
				 place_length(s, msg) ? "" : where, msg);
		sc_stop_note(L, &err);
		stop_at_once(L);
	}
	return sc_stop_again(L);
}

void sc_stop_note(lua_State *L, const struct gu_err *err)
{
	struct gu_script *s = sc_of(L);

	s->stop.set = true;
	s->stop.unwinds = false;
	s->stop.rc = err->rc;
	snprintf(s->stop.msg, sizeof(s->stop.msg), "%s", err->msg);
}

int sc_stop_err(lua_State *L, const struct gu_err *err)
{
	return sc_stop(L, err->rc, "%s", err->msg);
}

int sc_nomem(lua_State *L)
{
	return sc_stop(L, GU_RC_NOMEM, "out of memory");
}

int sc_stop_unwinding(lua_State *L)
{
	struct gu_script *s = sc_of(L);

	if (!s->stop.set) {
		s->stop = (struct sc_stop){
			.set = true,
			.unwinds = true,
			.msg = "a required expectation failed",
		};
		stop_at_once(L);
	}
	return sc_stop_again(L);
}

/* What a scenario makes guise keep counts as its own: a loop of calls would
 * otherwise fill the machine's memory before its time is up. */
static size_t memory_of_rows(const struct gu_script *s)
{
	size_t count = 0;

	if (s->stage) {
		(void)gu_recorder_rows(s->stage->recorder, &count);
	}
	return count * sizeof(struct gu_record);
}

static void hook(lua_State *L, lua_Debug *ar)
{
	struct gu_script *s = sc_of(L);
	struct gu_err err = GU_ERR_INIT;

	(void)ar;
	if (s->stop.set) {
		(void)sc_stop_again(L);
		return;
	}
	if (lua_gethookcount(L) != HOOK_COUNT) {
		lua_sethook(L, hook, LUA_MASKCOUNT, HOOK_COUNT);
	}
	if (s->deadline && uv_hrtime() > s->deadline) {
		(void)sc_stop(L, GU_RC_TIMEOUT, "still running after %llu ms",
			      (unsigned long long)s->timeout_ms);
		return;
	}
	if (s->memory_limit &&
	    s->memory + memory_of_rows(s) > s->memory_limit) {
		s->memory_hit = true;
		(void)sc_err_memory(s, "", &err);
		(void)sc_stop_err(L, &err);
	}
}

/* errors as text */

/* Lua cuts long file names in its own messages: "...tail.lua:3: what". */
static void push_full_path(lua_State *L, const char *msg)
{
	const struct gu_script *s = sc_of(L);
	size_t n = s->short_src ? strlen(s->short_src) : 0;

	if (n && strncmp(msg, s->short_src, n) == 0 && msg[n] == ':') {
		lua_pushfstring(L, "%s%s", s->path, msg + n);
	} else {
		lua_pushstring(L, msg);
	}
}

static void err_fill(struct gu_err *err, const char *where, const char *msg)
{
	(void)gu_err_set(err, GU_RC_USAGE, "%s%s", where, msg);
	for (char *p = err->msg; *p; p++) {
		if (*p == '\n' || *p == '\r') {
			*p = ' ';
		}
	}
}

enum gu_rc
sc_err_memory(const struct gu_script *s, const char *where, struct gu_err *err)
{
	if (!s->memory_hit) {
		return gu_err_set(err, GU_RC_NOMEM, "%sout of memory", where);
	}
	return gu_err_set(err, GU_RC_NOMEM,
			  "%sthe script needs more than its limit of %zu KiB "
			  "of memory",
			  where, s->memory_limit / 1024);
}

/* Pushes the error value at the top as text, on top of it. */
static void push_error_text(lua_State *L)
{
	if (lua_isstring(L, -1)) {
		push_full_path(L, lua_tostring(L, -1));
	} else if (!sc_of(L)->stop.set &&
		   luaL_getmetafield(L, -1, "__tostring") != LUA_TNIL) {
		lua_pop(L, 1);
		(void)luaL_tolstring(L, -1, NULL);
	} else {
		lua_pushfstring(L, "the error raised is a %s, not a message",
				luaL_typename(L, -1));
	}
}

enum gu_rc sc_describe_error(lua_State *L, lua_State *raised, int status,
			     struct gu_err *err)
{
	int top = raised == L ? lua_gettop(L) - 1 : lua_gettop(L);
	char where[SC_WHERE_MAX];
	const char *msg;

	sc_where(raised, where);
	if (status == LUA_ERRMEM) {
		return sc_err_memory(sc_of(L), where, err);
	}
	if (raised != L) {
		lua_xmove(raised, L, 1);
	}
	push_error_text(L);
	msg = lua_tostring(L, -1);
	err_fill(err, place_length(sc_of(L), msg) ? "" : where, msg);
	lua_settop(L, top);
	return GU_RC_USAGE;
}

/* life */

static int open_state(lua_State *L)
{
	lua_newtable(L);
	sc_of(L)->fixtures = luaL_ref(L, LUA_REGISTRYINDEX);
	sc_sandbox_open(L);
	sc_light_open(L);
	sc_ref_open(L);
	sc_expect_open(L);
	sc_scenario_open(L);
	sc_module_open(L);
	sc_globals_close(L);
	return 0;
}

/* Opening a state can only fail for want of memory. */
static enum gu_rc err_open(const struct gu_script *s, struct gu_err *err)
{
	return sc_err_memory(s, "", err);
}

/* "" or what comes before the name, with its slash. */
static const char *dir_of(struct gu_script *s, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash) {
		slash = strrchr(path, '\\'); /* as Windows may give it */
	}
	return gu_arena_strndup(&s->arena, path,
				slash ? (size_t)(slash - path) + 1 : 0);
}

enum gu_rc sc_new(const char *path, const struct gu_limits *limits,
		  struct gu_script **out, struct gu_err *err)
{
	struct gu_script *s = gu_calloc(1, sizeof(*s));
	enum gu_rc rc;

	if (!s) {
		return gu_err_nomem(err);
	}
	s->path = gu_arena_strdup(&s->arena, path);
	s->dir = dir_of(s, path);
	s->memory_limit = limits ? limits->memory : 0;
	s->L = s->path && s->dir ? lua_newstate(state_alloc, s) : NULL;
	if (!s->L) {
		rc = err_open(s, err);
		sc_free(s);
		return rc;
	}
	*(struct gu_script **)lua_getextraspace(s->L) = s;
	lua_sethook(s->L, hook, LUA_MASKCOUNT, HOOK_COUNT);
	lua_pushcfunction(s->L, open_state);
	if (lua_pcall(s->L, 0, 0, 0) != LUA_OK) {
		rc = err_open(s, err);
		sc_free(s);
		return rc;
	}
	*out = s;
	return GU_RC_OK;
}

void sc_free(struct gu_script *s)
{
	if (!s) {
		return;
	}
	sc_bodies_free(s);
	if (s->L) {
		lua_close(s->L);
	}
	gu_free(s->entries);
	gu_free(s->unchecked);
	gu_arena_release(&s->names);
	gu_arena_release(&s->arena);
	gu_free(s);
}
