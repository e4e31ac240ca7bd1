/* SPDX-License-Identifier: MIT */
#include "script_fix.h"

#include <stdlib.h>

#define LUA_TESTS GUISE_SOURCE_DIR "/harness/tests/lua/"

/* Rows of a table: a body, how its scenario ends, and what is said. */
struct row {
	const char *name;
	const char *body;
	enum gu_rc rc;
	const char *says;
};

static void check_row(const struct row *row, struct play *p)
{
	if (p->rc != row->rc) {
		fail_msg("row \"%s\": rc %d: %s", row->name, (int)p->rc,
			 p->err.msg);
	}
	if (row->says && !strstr(p->err.msg, row->says)) {
		fail_msg("row \"%s\": %s", row->name, p->err.msg);
	}
	if (p->failures.len) {
		fail_msg("row \"%s\": %s", row->name, p->failures.data);
	}
}

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct play p;

		play_text(&p, rows[i].body);
		check_row(&rows[i], &p);
		play_close(&p);
	}
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

/* loading */

static void a_file_lists_its_scenarios(void **state)
{
	struct play p;
	struct gu_scenario_desc d;

	(void)state;
	play_init(&p);
	play_load(&p, "dir/a.lua",
		  "\xEF\xBB\xBF#!/usr/bin/env guise\n"
		  "local guise = require 'guise'\n"
		  "guise.scenario('first', function() end)\n"
		  "guise.each({'b', 'a'}, function(n, i)\n"
		  "  guise.scenario(i .. n, { tags = {'x', 'y'},\n"
		  "    needs = {'pipe_identity'} }, function() end)\n"
		  "end)\n"
		  "local suite = guise.suite { name = 'set', tags = {'t'} }\n"
		  "suite:scenario('one', { tags = {'u'} }, function() end)\n");
	assert_rc_ok(p.rc);
	assert_int_equal(gu_engine_lua.count(p.script), 4);
	gu_engine_lua.describe(p.script, 0, &d);
	assert_string_equal(d.name, "first");
	assert_int_equal(d.line, 3);
	assert_int_equal(d.tag_count, 0);
	gu_engine_lua.describe(p.script, 1, &d);
	assert_string_equal(d.name, "1b");
	assert_int_equal(d.line, 5);
	assert_int_equal(d.tag_count, 2);
	assert_string_equal(d.tags[1], "y");
	assert_int_equal(d.need_count, 1);
	assert_int_equal(d.needs[0], GU_CAP_pipe_identity);
	gu_engine_lua.describe(p.script, 3, &d);
	assert_string_equal(d.name, "set: one");
	assert_int_equal(d.line, 9);
	assert_string_equal(d.tags[0], "t");
	assert_string_equal(d.tags[1], "u");
	play_close(&p);
}

#define DEFINE "local guise = require 'guise'\nguise.scenario"

static const struct row bad_files[] = {
	{ "syntax", "local x =\n= 1", GU_RC_USAGE,
	  "bad.lua:2: unexpected symbol near '='" },
	{ "empty", "", GU_RC_USAGE, "bad.lua:1: the file defines no scenario" },
	{ "error", "\nerror 'no'", GU_RC_USAGE, "bad.lua:2: no" },
	{ "error without a place", "\nerror('no', 0)", GU_RC_USAGE,
	  "bad.lua:2: no" },
	{ "error that is no text", "\nerror {}", GU_RC_USAGE,
	  "bad.lua:2: the error raised is a table, not a message" },
	{ "nil", "\n\nlocal x\nx.y = 1", GU_RC_USAGE, "bad.lua:4: " },
	{ "bytecode", "\x1bLua", GU_RC_USAGE,
	  "attempt to load a binary chunk" },
	{ "no name", DEFINE "(nil, print)", GU_RC_USAGE,
	  "bad.lua:2: scenario needs a name, got nothing" },
	{ "no function", DEFINE "('x')", GU_RC_USAGE,
	  "bad.lua:2: scenario needs a function, got nothing" },
	{ "options", DEFINE "('x', 1, print)", GU_RC_USAGE,
	  "scenario: options are a table, not a number" },
	{ "option", DEFINE "('x', {tag={}}, print)", GU_RC_USAGE,
	  "scenario has no option 'tag', did you mean 'tags'?" },
	{ "tags", DEFINE "('x', {tags='a'}, print)", GU_RC_USAGE,
	  "'tags' is to be a list of names, not a string" },
	{ "tag", DEFINE "('x', {tags={1}}, print)", GU_RC_USAGE,
	  "holds a number" },
	{ "tags that are fields", DEFINE "('x', {tags={a='b'}}, print)",
	  GU_RC_USAGE, "'tags' is to be a list of names, but holds fields" },
	{ "capability", DEFINE "('x', {needs={'pip'}}, print)", GU_RC_USAGE,
	  "unknown capability 'pip', did you mean 'pipe'?" },
	{ "twice", DEFINE "('x', print)\nguise.scenario('x', print)",
	  GU_RC_USAGE, "bad.lua:3: scenario 'x' is defined at line 2 already" },
	{ "suite option", "require 'guise'.suite{nam='x'}", GU_RC_USAGE,
	  "bad.lua:1: a suite has no option 'nam'" },
	{ "suite function", "require 'guise'.suite{name='x'}:scenario('y')",
	  GU_RC_USAGE, "bad.lua:1: scenario 'y' needs a function" },
	{ "each", "require 'guise'.each(1)", GU_RC_USAGE,
	  "bad.lua:1: each needs a table of rows" },
	{ "calls need a scenario",
	  "\nrequire 'guise'.suite{}:scenario('y', function() end)"
	  "\nerror 'late'",
	  GU_RC_USAGE, "bad.lua:3: late" },
};

static void files_that_cannot_be_loaded_say_where_and_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_files) / sizeof(bad_files[0]); i++) {
		struct play p;

		play_init(&p);
		play_load(&p, "bad.lua", bad_files[i].body);
		check_row(&bad_files[i], &p);
		assert_null(p.script);
		play_close(&p);
	}
}

static void a_long_path_is_shown_whole(void **state)
{
	static const char path[] =
		"a/folder/with/quite/a/long/name/and/another/one/below/it/"
		"which/is/long/too/scenario.lua";
	struct play p;

	(void)state;
	play_init(&p);
	play_load(&p, path, "\nlocal x = nil + 1");
	assert_int_equal(strncmp(p.err.msg, path, strlen(path)), 0);
	assert_string_equal(p.err.msg + strlen(path),
			    ":2: attempt to perform arithmetic on a nil "
			    "value");
	play_close(&p);
}

/* sandbox */

static const struct row escapes[] = {
	{ "files",
	  "assert(io == nil and dofile == nil and "
	  "loadfile == nil and package == nil)",
	  GU_RC_OK, NULL },
	{ "system",
	  "assert(os.execute == nil and os.exit == nil and "
	  "os.remove == nil and os.getenv == nil)",
	  GU_RC_OK, NULL },
	{ "clocks", "assert(os.time() and os.clock() and os.date())", GU_RC_OK,
	  NULL },
	{ "debug",
	  "assert(debug.traceback() and debug.getinfo == nil and "
	  "debug.sethook == nil)",
	  GU_RC_OK, NULL },
	{ "bytecode",
	  "assert(string.dump == nil and ('').dump == nil) "
	  "local f2, msg = load('\\27Lua', 'x', 'b') "
	  "assert(f2 == nil and msg:find 'binary')",
	  GU_RC_OK, NULL },
	{ "load of text",
	  "assert(load('return 1 + 1')() == 2) "
	  "assert(load('return x', 'c', 't', {x = 3})() == 3)",
	  GU_RC_OK, NULL },
	{ "metatables are hidden",
	  "assert(getmetatable('') == false and "
	  "getmetatable(s) == false and getmetatable(t) == false "
	  "and getmetatable(t:RevertToSelf()) == false and "
	  "getmetatable(_G) == false)",
	  GU_RC_OK, NULL },
	{ "globals", "x = 1", GU_RC_USAGE,
	  "t.lua:1: assignment to global 'x'; use local" },
	{ "globals that exist", "print = nil", GU_RC_USAGE,
	  "assignment to global 'print'; use local" },
	{ "globals by _G", "_G.x = 1", GU_RC_USAGE,
	  "assignment to global 'x'" },
	{ "globals in loaded text", "load('y = 1')()", GU_RC_USAGE,
	  "assignment to global 'y'" },
	{ "library", "string.format = nil", GU_RC_USAGE,
	  "string is read-only: 'format' cannot be set" },
	{ "guise", "guise.scenario = nil", GU_RC_USAGE, "guise is read-only" },
	{ "pairs see libraries",
	  "local n = 0 for k, v in pairs(math) do n = n + 1 end "
	  "assert(n > 20)",
	  GU_RC_OK, NULL },
	{ "finalizers", "setmetatable({}, {__gc = print})", GU_RC_USAGE,
	  "a scenario has no finalizers" },
	{ "scenarios within scenarios", "guise.scenario('x', print)",
	  GU_RC_USAGE, "a scenario cannot be defined while one runs" },
	{ "require of the system", "require 'os'", GU_RC_USAGE,
	  "there is no module 'os': os.lua cannot be read" },
	{ "require of a path", "require '../x'", GU_RC_USAGE,
	  "there is no module '../x': a scenario can require guise "
	  "and files beside it by name" },
	{ "require of nothing", "require 'guise.none'", GU_RC_USAGE,
	  "there is no module 'guise.none'" },
	{ "read", "guise.read()", GU_RC_USAGE,
	  "guise.read needs a file name, got nothing" },
	{ "read of what is not there", "guise.read 'none.txt'", GU_RC_USAGE,
	  "none.txt cannot be read" },
	{ "read of a folder", "guise.read '.'", GU_RC_USAGE,
	  ". cannot be read" },
	{ "read upwards", "guise.read '../x'", GU_RC_USAGE,
	  "'../x' leads out of the scenario's folder" },
	{ "read upwards in the middle", "guise.read 'a/../../x'", GU_RC_USAGE,
	  "leads out of the scenario's folder" },
	{ "read upwards as Windows would", "guise.read 'a\\\\..\\\\x'",
	  GU_RC_USAGE, "leads out of the scenario's folder" },
	{ "read of a root", "guise.read '/etc/passwd'", GU_RC_USAGE,
	  "is absolute" },
	{ "read of a drive", "guise.read 'C:\\\\x'", GU_RC_USAGE,
	  "is absolute" },
	{ "read of a cut name", "guise.read 'a\\0b'", GU_RC_USAGE,
	  "is no file name" },
};

static void the_sandbox_has_no_way_out(void **state)
{
	(void)state;
	CHECK_ROWS(escapes);
}

/* limits */

static void nothing_outlasts_its_time(void **state)
{
	static const struct row rows[] = {
		{ "loop", "\n\nwhile true do end", GU_RC_TIMEOUT,
		  "t.lua:3: still running after 200 ms" },
		{ "loop around pcall",
		  "while true do pcall(function() while true do end end) end",
		  GU_RC_TIMEOUT, "t.lua:1: still running" },
		{ "loop in a coroutine",
		  "local co = coroutine.wrap(function() "
		  "while true do end end) "
		  "while true do pcall(co) co = coroutine.wrap(function() "
		  "while true do end end) end",
		  GU_RC_TIMEOUT, "t.lua:1: still running" },
		{ "loop in a coroutine that is resumed",
		  "while true do coroutine.resume(coroutine.create("
		  "function() while true do end end)) end",
		  GU_RC_TIMEOUT, "t.lua:1: still running" },
		{ "loop in a body",
		  "t:run(function() while true do end end) "
		  "pcall(t.join, t)",
		  GU_RC_TIMEOUT, "t.lua:1: still running" },
		{ "bodies that give way for ever",
		  "t:run(function() while true do coroutine.yield() end end) "
		  "t:join()",
		  GU_RC_TIMEOUT, "t.lua:1: still running" },
		{ "loop of calls", "while true do t:RevertToSelf() end",
		  GU_RC_TIMEOUT, "t.lua:1: still running" },
		{ "loop in a metamethod",
		  "local x = setmetatable({}, {__index = function() "
		  "while true do end end}) "
		  "table.sort({1, 2}, function() return x.y end)",
		  GU_RC_TIMEOUT, "t.lua:1: still running" },
		{ "loop in a handler",
		  "xpcall(error, function() while true do end end)",
		  GU_RC_TIMEOUT, "t.lua:1: still running" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct play p;

		play_init(&p);
		p.limits.timeout_ms = 200;
		p.limits.memory = 0;
		play_body(&p, PLAY_PEOPLE, rows[i].body);
		check_row(&rows[i], &p);
		play_close(&p);
	}
}

static void a_file_that_never_loads_is_given_up(void **state)
{
	struct play p;

	(void)state;
	play_init(&p);
	p.limits.timeout_ms = 100;
	play_load(&p, "t.lua", "\nwhile true do end");
	assert_ends(&p, GU_RC_TIMEOUT, "t.lua:2: still running after 100 ms");
	play_close(&p);
}

static void the_scenario_after_a_time_out_plays(void **state)
{
	struct play p;

	(void)state;
	play_init(&p);
	p.limits.timeout_ms = 100;
	play_load(&p, "t.lua",
		  "local guise = require 'guise' "
		  "guise.scenario('a', function() while true do end end) "
		  "guise.scenario('b', function(s) local x = 0 "
		  "for i = 1, 100000 do x = x + i end "
		  "s:process{name='p', account='SYSTEM'} end)");
	assert_rc_ok(p.rc);
	play_run(&p, 0);
	assert_int_equal(p.rc, GU_RC_TIMEOUT);
	play_run(&p, 1);
	assert_plays(&p);
	play_close(&p);
}

static void memory_has_a_limit(void **state)
{
	static const struct row rows[] = {
		{ "table", "\nlocal x = {} while true do x[#x + 1] = {} end",
		  GU_RC_NOMEM,
		  "t.lua:2: the script needs more than its limit of 8192 KiB "
		  "of memory" },
		{ "string", "local x = ('x'):rep(100000000)", GU_RC_NOMEM,
		  "t.lua:1: the script needs more than its limit" },
		{ "body",
		  "t:run(function() local x = ('x'):rep(100000000) end) "
		  "t:join()",
		  GU_RC_NOMEM, "t.lua:1: the script needs more" },
		{ "recursion", "local function r() return r() + 1 end r()",
		  GU_RC_NOMEM, "t.lua:1: the script needs more" },
		{ "calls without end, each a row",
		  "\nwhile true do t:RevertToSelf() end", GU_RC_NOMEM,
		  "t.lua:2: the script needs more than its limit of 8192 KiB "
		  "of memory" },
		{ "garbage is no use",
		  "for i = 1, 200 do local x = ('x'):rep(1000000 + i) end",
		  GU_RC_OK, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct play p;

		play_init(&p);
		p.limits.memory = 8 << 20;
		play_body(&p, PLAY_PEOPLE, rows[i].body);
		check_row(&rows[i], &p);
		play_close(&p);
	}
}

/* errors */

static void errors_end_a_scenario_with_their_place(void **state)
{
	static const struct row rows[] = {
		{ "error", "\nerror 'no'", GU_RC_USAGE, "t.lua:2: no" },
		{ "error without a place", "\nerror('no', 0)", GU_RC_USAGE,
		  "t.lua:2: no" },
		{ "error of a caller",
		  "\nlocal function g() error('no', 2) end\ng()", GU_RC_USAGE,
		  "t.lua:3: no" },
		{ "table", "\nerror {}", GU_RC_USAGE,
		  "t.lua:2: the error raised is a table, not a message" },
		{ "nothing", "\nerror()", GU_RC_USAGE,
		  "t.lua:2: the error raised is a nil, not a message" },
		{ "a table with a text",
		  "\nerror(setmetatable({}, {__tostring = function() "
		  "return 'told' end}))",
		  GU_RC_USAGE, "t.lua:2: told" },
		{ "a table with a bad text",
		  "\nerror(setmetatable({}, {__tostring = function() "
		  "error 'inner' end}))",
		  GU_RC_USAGE, "inner" },
		{ "several lines", "error('a\\nb', 0)", GU_RC_USAGE,
		  "t.lua:1: a b" },
		{ "assert of a refusal",
		  "\nassert(t:ImpersonateLoggedOnUser(0))", GU_RC_USAGE,
		  "t.lua:2: ImpersonateLoggedOnUser: ERROR_INVALID_HANDLE "
		  "(6)" },
		{ "caught", "assert(not pcall(error, 'x'))", GU_RC_OK, NULL },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void things_of_another_scenario_are_refused(void **state)
{
	static const char text[] =
		"local guise = require 'guise'\n"
		"local kept, result, scenario, expectation\n"
		"guise.scenario('a', function(s)\n"
		"  local p = s:process{name='p', account='SYSTEM'}\n"
		"  kept, scenario = p:thread 't', s\n"
		"  result = kept:RevertToSelf()\n"
		"  expectation = s:expect(kept) expectation:reverted()\n"
		"end)\n"
		"guise.scenario('b', function(s) kept:RevertToSelf() end)\n"
		"guise.scenario('c', function(s) s:expect(result) end)\n"
		"guise.scenario('d', function() scenario:event 'e' end)\n"
		"guise.scenario('e', function() expectation:reverted() end)\n"
		"guise.scenario('f', function(s)\n"
		"  s:process{name='p', account='SYSTEM'}:thread 'u'"
		":open('C:\\\\x', 1)\n"
		"  assert(tostring(result) == 'result')\n"
		"  assert(tostring(kept):match '^thread %d+$')\n"
		"end)\n";
	static const char *const says[] = {
		"t.lua:9: a thread of another scenario cannot be used here",
		"t.lua:10: a result of another scenario cannot be used here",
		"t.lua:11: this scenario is over",
		("t.lua:12: an expectation of another scenario cannot be "
		 "checked here"),
	};
	struct play p;

	(void)state;
	play_init(&p);
	play_load(&p, "t.lua", text);
	assert_rc_ok(p.rc);
	play_run(&p, 0);
	assert_plays(&p);
	for (size_t i = 0; i < 4; i++) {
		play_run(&p, i + 1);
		assert_ends(&p, GU_RC_USAGE, says[i]);
	}
	play_run(&p, 5);
	assert_plays(&p);
	play_close(&p);
}

static void a_scenario_leaves_nothing_to_the_next(void **state)
{
	struct play p;

	(void)state;
	play_init(&p);
	play_load(&p, "t.lua",
		  "local guise = require 'guise' "
		  "local function setup(s) return s:process{name='p', "
		  "account='SYSTEM'}:thread 't' end "
		  "guise.scenario('a', function(s) local t = setup(s) "
		  "t:run(function() error 'late' end) "
		  "s:expect(t) error 'no' end) "
		  "guise.scenario('b', function(s) local t = setup(s) "
		  "s:expect(t):reverted() t:join() end)");
	assert_rc_ok(p.rc);
	play_run(&p, 0);
	assert_ends(&p, GU_RC_USAGE, "t.lua:1: no");
	play_run(&p, 1);
	assert_plays(&p);
	play_close(&p);
}

/* A target that cannot do one call, and one that does what it should not. */
struct broken {
	struct gu_world base;
	struct gu_world *inner;
};

static enum gu_rc
broken_submit(struct gu_world *w, struct gu_call *call, struct gu_err *err)
{
	if (call->fn == GU_FN_com_serve) {
		return gu_err_set(err, GU_RC_UNSUPPORTED, "it lacks com");
	}
	if (call->fn == GU_FN_dde_serve) {
		return gu_err_set(err, GU_RC_INTERNAL, "it broke");
	}
	return gu_world_submit(((struct broken *)w)->inner, call, err);
}

static enum gu_rc broken_identity(struct gu_world *w, struct gu_ref thread,
				  struct gu_identity *out, struct gu_err *err)
{
	return gu_world_identity(((struct broken *)w)->inner, thread, out, err);
}

static void broken_close(struct gu_world *w)
{
	gu_world_close(((struct broken *)w)->inner);
}

static void what_the_target_cannot_do_ends_the_scenario(void **state)
{
	static const struct gu_target_ops ops = {
		.name = "broken",
		.submit = broken_submit,
		.identity = broken_identity,
		.close = broken_close,
	};
	static const struct row rows[] = {
		{ "unsupported", "pcall(t.com_serve, t) s:fail 'went on'",
		  GU_RC_UNSUPPORTED, "t.lua:1: it lacks com" },
		{ "unsupported in a body",
		  "t:run(function() pcall(t.com_serve, t) "
		  "s:fail 'went on' end) t:join() s:fail 'went on'",
		  GU_RC_UNSUPPORTED, "t.lua:1: it lacks com" },
		{ "unsupported in a coroutine",
		  "coroutine.wrap(function() pcall(t.com_serve, t) "
		  "s:fail 'went on' end)() s:fail 'went on'",
		  GU_RC_UNSUPPORTED, "t.lua:1: it lacks com" },
		{ "broken", "pcall(t.dde_serve, t, 'x') s:fail 'went on'",
		  GU_RC_INTERNAL, "t.lua:1: it broke" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct play p;
		struct broken w = { .base = { .ops = &ops } };
		struct gu_stage stage = { .target = &gu_target_model };
		struct gu_observer *observer;
		struct gu_world *world = NULL;
		struct gu_buf text = GU_BUF_INIT;

		play_init(&p);
		gu_buf_addf(&text, "%s%s%s end)", PLAY_OPEN, PLAY_PEOPLE,
			    rows[i].body);
		play_load(&p, "t.lua", text.data);
		gu_buf_release(&text);
		assert_rc_ok(p.rc);
		play_world(&p);
		w.inner = p.world;
		p.world = NULL;
		observer = gu_recorder_observer(p.recorder);
		assert_rc_ok(
			gu_trace_new(&w.base, &observer, 1, &world, &p.err));
		stage.world = world;
		stage.recorder = p.recorder;
		stage.findings = p.findings;
		stage.limits = &p.limits;
		p.rc = gu_engine_lua.run(p.script, 0, &stage, &p.err);
		check_row(&rows[i], &p);
		gu_world_close(world);
		play_close(&p);
	}
}

/* scheduling */

#define PIPE                                                             \
	"local pipe = t:CreateNamedPipe{name='\\\\\\\\.\\\\pipe\\\\p', " \
	"sddl='D:(A;;FA;;;WD)'} "                                        \
	"local function peer(x) return assert(x:CreateFile{path=pipe, "  \
	"access='GENERIC_READ|GENERIC_WRITE'}) end "

static const struct row turns[] = {
	{ "in the order of run",
	  "local log = {} local function say(x) "
	  "log[#log + 1] = x end "
	  "t:run(function() say 't1' coroutine.yield() say 't2' "
	  "end) u:run(function() say 'u1' coroutine.yield() "
	  "say 'u2' end) say 'main' t:join() u:join() "
	  "assert(table.concat(log, ' ') == 'main t1 u1 t2 u2')",
	  GU_RC_OK, NULL },
	{ "a thread's bodies one after the other",
	  "local log = '' "
	  "t:run(function() log = log .. 'a' coroutine.yield() "
	  "log = log .. 'b' end) "
	  "t:run(function() log = log .. 'c' end) t:join() "
	  "assert(log == 'abc')",
	  GU_RC_OK, NULL },
	{ "a call of the main function lets others go on",
	  PIPE "u:run(function() u:WriteFile(peer(u), 'hi') end) "
	       "assert(t:ConnectNamedPipe(pipe)) "
	       "assert(t:ReadFile(pipe) == 'hi')",
	  GU_RC_OK, NULL },
	{ "two bodies talk",
	  PIPE "local got t:run(function() "
	       "assert(t:ConnectNamedPipe(pipe)) "
	       "local q = t:ReadFile(pipe) "
	       "t:WriteFile(pipe, q .. '!') end) "
	       "u:run(function() local h = peer(u) "
	       "u:WriteFile(h, 'hi') got = u:ReadFile(h) end) "
	       "t:join() u:join() assert(got == 'hi!')",
	  GU_RC_OK, NULL },
	{ "what is not joined is driven to its end",
	  PIPE "t:run(function() t:ConnectNamedPipe(pipe) "
	       "assert(t:ReadFile(pipe) == 'x') "
	       "s:expect(t):reverted() end) "
	       "u:run(function() u:WriteFile(peer(u), 'x') end)",
	  GU_RC_OK, NULL },
	{ "a body joins another",
	  "local log = '' "
	  "t:run(function() u:join() log = log .. 't' end) "
	  "u:run(function() log = log .. 'u' end) t:join() "
	  "assert(log == 'ut')",
	  GU_RC_OK, NULL },
	{ "an error comes with join",
	  "t:run(function()\nerror 'oops' end) "
	  "local ok, msg = pcall(t.join, t) "
	  "assert(not ok and msg == 't.lua:2: oops', msg)",
	  GU_RC_OK, NULL },
	{ "an error that nobody joins", "t:run(function()\nerror 'oops' end)",
	  GU_RC_USAGE, "t.lua:2: oops" },
	{ "an error that others would wait for",
	  PIPE "u:run(function()\nerror 'oops' end) "
	       "t:ConnectNamedPipe(pipe)",
	  GU_RC_USAGE, "t.lua:2: oops" },
	{ "a call waits within pcall",
	  PIPE "t:run(function() assert(pcall(t.ConnectNamedPipe, t, "
	       "pipe)) local ok, v = pcall(t.ReadFile, t, pipe) "
	       "assert(ok and v == 'x') end) "
	       "u:run(function() u:WriteFile(peer(u), 'x') end)",
	  GU_RC_OK, NULL },
	{ "a call waits where its coroutine cannot",
	  PIPE "u:run(function() u:WriteFile(peer(u), 'x') end) "
	       "local got = coroutine.wrap(function() "
	       "t:ConnectNamedPipe(pipe) return t:ReadFile(pipe) "
	       "end)() "
	       "assert(got == 'x')",
	  GU_RC_OK, NULL },
	{ "join where the coroutine cannot wait",
	  "local done u:run(function() coroutine.yield() "
	  "done = true end) "
	  "coroutine.wrap(function() u:join() end)() assert(done)",
	  GU_RC_OK, NULL },
	{ "impersonating waits",
	  PIPE "u:run(function() u:WriteFile(peer(u), 'x') end) "
	       "t:impersonating('ImpersonateSelf', 'Impersonation', "
	       "function(x) x:ConnectNamedPipe(pipe) "
	       "assert(x:ReadFile(pipe) == 'x') end) "
	       "s:expect(t):reverted()",
	  GU_RC_OK, NULL },
};

static void bodies_take_turns(void **state)
{
	(void)state;
	CHECK_ROWS(turns);
}

static void bodies_that_cannot_go_on_are_named(void **state)
{
	static const struct row rows[] = {
		{ "the main function",
		  PIPE "local h = peer(u)\nt:ReadFile(pipe)", GU_RC_DEADLOCK,
		  "t.lua:2: deadlock: t waits in ReadFile at line 2" },
		{ "two bodies",
		  PIPE "local h = peer(u)\nt:run(function() t:ReadFile(pipe) "
		       "end)\nu:run(function()\nu:ReadFile(h) end)",
		  GU_RC_DEADLOCK,
		  "t.lua:2: deadlock: t waits in ReadFile at line 2; u waits "
		  "in ReadFile at line 4" },
		{ "in a circle",
		  "t:run(function() u:join() end) "
		  "u:run(function() t:join() end)",
		  GU_RC_DEADLOCK,
		  "t waits for the end of u at line 1; u waits for the end "
		  "of t at line 1" },
		{ "pcall cannot hide it",
		  PIPE "local h = peer(u) pcall(t.ReadFile, t, pipe) "
		       "s:fail 'went on'",
		  GU_RC_DEADLOCK, "t waits in ReadFile" },
		{ "nor can a coroutine",
		  PIPE "local h = peer(u) coroutine.wrap(function() "
		       "pcall(t.ReadFile, t, pipe) s:fail 'went on' end)() "
		       "s:fail 'went on'",
		  GU_RC_DEADLOCK, "t waits in ReadFile" },
		{ "itself", "t:run(function() t:join() end) t:join()",
		  GU_RC_USAGE, "thread 't' cannot join itself" },
		{ "busy", "t:run(function() end) t:RevertToSelf()", GU_RC_USAGE,
		  "thread 't' runs a body of its own; join it first" },
		{ "in a call",
		  PIPE "local h = peer(u) u:run(function() "
		       "t:RevertToSelf() end) t:ReadFile(pipe)",
		  GU_RC_USAGE, "thread 't' is in ReadFile since line 1" },
		{ "no function", "t:run(1)", GU_RC_USAGE,
		  "run needs a function, got a number" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* All rows of a play as text, but for times and names of the machine. */
static void rows_text(const struct play *p, struct gu_buf *out)
{
	size_t count;
	const struct gu_record *rows = gu_recorder_rows(p->recorder, &count);

	for (size_t i = 0; i < count; i++) {
		for (int c = GU_COL_line; c < GU_COL_duration_ns; c++) {
			gu_record_format(&rows[i], (enum gu_column)c, out);
			gu_buf_addc(out, '|');
		}
		gu_buf_addc(out, '\n');
	}
}

static void os_threads_make_no_difference(void **state)
{
	static const char body[] =
		PIPE "t:run(function() assert(t:ConnectNamedPipe(pipe)) "
		     "t:ReadFile(pipe) t:ImpersonateNamedPipeClient(pipe) "
		     "s:expect(t):acts_as(alice) t:WriteFile(pipe, 'y') "
		     "s:expect(t:RevertToSelf()):succeeds() end) "
		     "u:run(function() local h = peer(u) u:WriteFile(h, 'x') "
		     "u:ReadFile(h) u:open(f, 'FILE_READ_DATA') end) "
		     "t:join() u:join() s:expect(t):reverted()";
	struct gu_buf text[2] = { GU_BUF_INIT, GU_BUF_INIT };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct play p;

		play_init(&p);
		p.os_threads = i == 1;
		play_body(&p, PLAY_PEOPLE, body);
		assert_plays(&p);
		rows_text(&p, &text[i]);
		play_close(&p);
	}
	assert_string_equal(text[0].data, text[1].data);
	gu_buf_release(&text[0]);
	gu_buf_release(&text[1]);
}

/* whole files */

static void files_play(const char *name)
{
	struct play p;
	char path[512];

	snprintf(path, sizeof(path), "%s%s", LUA_TESTS, name);
	play_init(&p);
	play_load(&p, path, NULL);
	if (p.rc) {
		fail_msg("%s", p.err.msg);
	}
	for (size_t i = 0; i < gu_engine_lua.count(p.script); i++) {
		play_run(&p, i);
		assert_plays(&p);
	}
	play_close(&p);
}

static void scenarios_read_and_require_what_lies_beside_them(void **state)
{
	(void)state;
	files_play("beside.lua");
}

static void scenarios_of_a_suite_share_their_setup(void **state)
{
	(void)state;
	files_play("suite.lua");
}

static void a_policy_is_judged_line_by_line(void **state)
{
	(void)state;
	files_play("policy.lua");
}

static void what_is_wrong_with_a_policy_is_named_with_its_line(void **state)
{
	static const struct {
		const char *file;
		const char *says;
	} rows[] = {
		{ "bad_column", "bad_column.csv:1: unknown column 'objct'" },
		{ "bad_header", "bad_header.csv:1: the header lacks column "
				"'expected'" },
		{ "bad_subject", "bad_subject.csv:3: the scenario has no "
				 "account 'alce', did you mean 'alice'?" },
		{ "bad_object", "bad_object.csv:2: the scenario has no "
				"object 'C:\\g'" },
		{ "bad_rights", "bad_rights.csv:2: unknown right" },
		{ "bad_level", "bad_level.csv:2: unknown level \"High\"" },
		{ "bad_expected", "bad_expected.csv:2: expected is to be "
				  "granted, denied or the name of an error, "
				  "not 'maybe'" },
		{ "bad_quote", "bad_quote.csv:2: a quoted field does not "
			       "end" },
		{ "bad_fields", "bad_fields.csv:2: there are 4 fields, the "
				"header has 5" },
		{ "bad_empty", "bad_empty.csv:1: there are no rows below the "
			       "header" },
		{ "bad_after_cr", "bad_after_cr.csv:3: expected is to be" },
		{ "bad_missing", "bad_missing.csv cannot be read" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct play p;
		struct gu_buf text = GU_BUF_INIT;

		play_init(&p);
		gu_buf_addf(&text, "%s%s\ns:policy 'policy/%s.csv' end)",
			    PLAY_OPEN, PLAY_PEOPLE, rows[i].file);
		play_load(&p, LUA_TESTS "t.lua", text.data);
		gu_buf_release(&text);
		assert_rc_ok(p.rc);
		play_run(&p, 0);
		if (p.rc != GU_RC_USAGE || !strstr(p.err.msg, rows[i].says) ||
		    !strstr(p.err.msg, "t.lua:2: policy: ")) {
			fail_msg("row \"%s\": %s", rows[i].file, p.err.msg);
		}
		play_close(&p);
	}
}

static void a_failed_line_of_a_policy_is_named(void **state)
{
	struct play p;

	(void)state;
	play_init(&p);
	play_load(&p, LUA_TESTS "t.lua",
		  PLAY_OPEN PLAY_PEOPLE "s:policy 'policy/fails.csv' end)");
	assert_rc_ok(p.rc);
	play_run(&p, 0);
	assert_int_equal(p.rc, GU_RC_OK);
	assert_non_null(strstr(p.failures.data,
			       "expected policy/fails.csv:3: granted, "
			       "observed denied with ERROR_ACCESS_DENIED"));
	assert_null(strstr(p.failures.data, "fails.csv:2"));
	play_close(&p);
}

static void a_snapshot_is_set_up_by_name(void **state)
{
	(void)state;
	files_play("snapshot.lua");
}

static void what_is_wrong_with_a_snapshot_is_named_with_its_line(void **state)
{
	static const struct {
		const char *file;
		const char *says;
	} rows[] = {
		{ "bad_json", "bad_json.jsonl:2: not JSON" },
		{ "bad_twice", "bad_twice.jsonl:2: another principal is "
			       "named a" },
		{ "bad_type", "bad_type.jsonl:2: unknown object type" },
		{ "bad_sddl", "bad_sddl.jsonl:1: descriptor: " },
		{ "bad_token", "bad_token.jsonl:1: token: " },
		{ "bad_zero", "bad_zero.jsonl:2: not JSON" },
		{ "bad_missing", "bad_missing.jsonl cannot be read" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct play p;
		struct gu_buf text = GU_BUF_INIT;

		play_init(&p);
		gu_buf_addf(&text, "%s\ns:snapshot 'snapshot/%s.jsonl' end)",
			    PLAY_OPEN, rows[i].file);
		play_load(&p, LUA_TESTS "t.lua", text.data);
		gu_buf_release(&text);
		assert_rc_ok(p.rc);
		play_run(&p, 0);
		if (p.rc != GU_RC_USAGE || !strstr(p.err.msg, rows[i].says) ||
		    !strstr(p.err.msg, "t.lua:2: snapshot: ")) {
			fail_msg("row \"%s\": %s", rows[i].file, p.err.msg);
		}
		play_close(&p);
	}
}

static void builtin_files_lie_beside_builtin_scenarios(void **state)
{
	static const struct gu_embedded files[] = {
		{ "basics/data.txt", "embedded", 8 },
		{ NULL, NULL, 0 },
	};
	struct play p;

	(void)state;
	gu_script_set_builtin(files);
	play_init(&p);
	play_load(&p, "scenarios/basics/x.lua",
		  PLAY_OPEN "assert(guise.read 'data.txt' == 'embedded') "
			    "end)");
	assert_rc_ok(p.rc);
	play_run(&p, 0);
	gu_script_set_builtin(NULL);
	assert_plays(&p);
	play_close(&p);
}

/* memory */

static const char busy_scenario[] = PLAY_OPEN PLAY_PEOPLE PIPE
	"u:run(function() u:WriteFile(peer(u), 'x') end) "
	"t:ConnectNamedPipe(pipe) t:ReadFile(pipe) "
	"t:impersonating('ImpersonateNamedPipeClient', pipe, "
	"function(x) s:expect(x):acts_as(alice) "
	"s:expect(x:open(f, 'FILE_WRITE_DATA')):denied() end) "
	"local v = t:GetTokenInformation(tok, 'TokenGroups') "
	"assert(#v > 0) s:expect(t):has 'SeTcbPrivilege' "
	"s:matrix{subjects={alice}, objects={f}, "
	"expect={alice={[f]='FILE_READ_DATA'}}} end)";

/* The nth allocation of loading, or else of running, fails. True when one
 * did: the file or scenario then ends for want of memory, or gets by. */
static bool fail_nth(size_t n, bool loading)
{
	struct play p;
	bool failed;

	play_init(&p);
	gu_alloc_fail_nth(loading ? n : 0);
	play_load(&p, "t.lua", busy_scenario);
	failed = gu_alloc_failed();
	gu_alloc_fail_nth(0);
	if (!loading) {
		assert_rc_ok(p.rc);
		p.fail_nth = n;
		play_run(&p, 0);
		failed = p.failed;
	}
	if (p.rc != GU_RC_OK && p.rc != GU_RC_NOMEM) {
		fail_msg("allocation %zu: rc %d: %s", n, (int)p.rc, p.err.msg);
	}
	if (p.rc == GU_RC_NOMEM && !strstr(p.err.msg, "memory")) {
		fail_msg("allocation %zu: %s", n, p.err.msg);
	}
	play_close(&p);
	return failed;
}

static void every_allocation_of_loading_may_fail(void **state)
{
	size_t n = 1;

	(void)state;
	while (fail_nth(n, true)) {
		n++;
	}
	assert_true(n > 300);
}

static void every_allocation_of_running_may_fail(void **state)
{
	size_t n = 1;

	(void)state;
	while (fail_nth(n, false)) {
		n++;
	}
	assert_true(n > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_lists_its_scenarios),
		cmocka_unit_test(files_that_cannot_be_loaded_say_where_and_why),
		cmocka_unit_test(a_long_path_is_shown_whole),
		cmocka_unit_test(the_sandbox_has_no_way_out),
		cmocka_unit_test(nothing_outlasts_its_time),
		cmocka_unit_test(a_file_that_never_loads_is_given_up),
		cmocka_unit_test(the_scenario_after_a_time_out_plays),
		cmocka_unit_test(memory_has_a_limit),
		cmocka_unit_test(errors_end_a_scenario_with_their_place),
		cmocka_unit_test(things_of_another_scenario_are_refused),
		cmocka_unit_test(a_scenario_leaves_nothing_to_the_next),
		cmocka_unit_test(what_the_target_cannot_do_ends_the_scenario),
		cmocka_unit_test(bodies_take_turns),
		cmocka_unit_test(bodies_that_cannot_go_on_are_named),
		cmocka_unit_test(os_threads_make_no_difference),
		cmocka_unit_test(
			scenarios_read_and_require_what_lies_beside_them),
		cmocka_unit_test(scenarios_of_a_suite_share_their_setup),
		cmocka_unit_test(a_snapshot_is_set_up_by_name),
		cmocka_unit_test(
			what_is_wrong_with_a_snapshot_is_named_with_its_line),
		cmocka_unit_test(a_policy_is_judged_line_by_line),
		cmocka_unit_test(
			what_is_wrong_with_a_policy_is_named_with_its_line),
		cmocka_unit_test(a_failed_line_of_a_policy_is_named),
		cmocka_unit_test(builtin_files_lie_beside_builtin_scenarios),
		cmocka_unit_test(every_allocation_of_loading_may_fail),
		cmocka_unit_test(every_allocation_of_running_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
