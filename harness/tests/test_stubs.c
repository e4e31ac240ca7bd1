/* SPDX-License-Identifier: MIT */
#include "script_fix.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#define STUBS GUISE_SOURCE_DIR "/lua/meta/guise.d.lua"

static int setup(void **state)
{
	static struct gu_buf text;

	gu_buf_init(&text);
	gu_script_stubs(&text);
	*state = &text;
	return text.oom ? -1 : 0;
}

static int teardown(void **state)
{
	gu_buf_release(*state);
	return 0;
}

static void the_committed_stubs_are_the_generated_ones(void **state)
{
	const struct gu_buf *text = *state;
	FILE *f = fopen(STUBS, "rb");
	struct gu_buf have = GU_BUF_INIT;
	char chunk[4096];
	bool same;
	size_t n;

	assert_non_null(f);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
		gu_buf_add(&have, chunk, n);
	}
	fclose(f);
	same = have.len == text->len &&
	       memcmp(have.data, text->data, text->len) == 0;
	gu_buf_release(&have);
	if (!same) {
		fail_msg("%s is out of date: guise functions --stubs", STUBS);
	}
}

static void the_stubs_are_lua(void **state)
{
	const struct gu_buf *text = *state;
	lua_State *L = luaL_newstate();

	assert_non_null(L);
	luaL_openlibs(L);
	if (luaL_loadbufferx(L, text->data, text->len, "=stubs", "t") ||
	    lua_pcall(L, 0, 1, 0)) {
		fail_msg("%s", lua_tostring(L, -1));
	}
	assert_int_equal(lua_type(L, -1), LUA_TTABLE);
	lua_close(L);
}

static bool declares(const struct gu_buf *text, const char *owner, char sep,
		     const char *name)
{
	char want[128];

	snprintf(want, sizeof(want), "\nfunction %s%c%s(", owner, sep, name);
	return strstr(text->data, want) != NULL;
}

static void every_row_of_the_call_table_is_declared(void **state)
{
	const struct gu_buf *text = *state;

	for (int fn = 0; fn < GU_FN_COUNT; fn++) {
		const struct gu_fn_row *row = gu_fn_row((enum gu_fn)fn);
		bool fixture = row->kind == GU_KIND_FIXTURE;

		row_check(declares(text, fixture ? "scenario" : "thread", ':',
				   row->name),
			  row->name);
	}
	for (int type = 0; type < GU_OBJ_COUNT; type++) {
		const struct gu_objtype_row *row =
			gu_objtype_row((enum gu_objtype)type);

		if (row->flags & GU_OBJ_FIXTURE) {
			row_check(declares(text, "scenario", ':', row->name),
				  row->name);
		}
	}
}

/* Runs with what the stubs declare, as "owner.name" lines, in `declared`: all
 * of it must be there to be called, so that no word is documented in vain. */
static const char check_words[] =
	"local guise = require 'guise'\n"
	"guise.scenario('t', function(s)\n"
	"  local p = s:process { name = 'p', account = 'SYSTEM' }\n"
	"  local things = { guise = guise, scenario = s, process = p,\n"
	"    thread = p:thread 't', suite = guise.suite {} }\n"
	"  local checks = {}\n"
	"  local f = s:file [[C:\\f]]\n"
	"  for _, of in ipairs { things.thread,\n"
	"      things.thread:RevertToSelf(),\n"
	"      things.thread:open(f, 1) } do\n"
	"    local e = s:expect(of)\n"
	"    for _, check in ipairs { 'granted', 'denied', 'succeeds',\n"
	"        'fails', 'acts_as', 'reverted', 'has', 'lacks' } do\n"
	"      local ok, fn = pcall(function() return e[check] end)\n"
	"      checks[check] = ok and fn or checks[check]\n"
	"    end\n"
	"    pcall(function() e:reverted() end)\n"
	"    pcall(function() e:succeeds() end)\n"
	"    pcall(function() e:granted() end)\n"
	"  end\n"
	"  things.expectation = checks\n"
	"  for owner, name in guise.read 'declared':gmatch "
	"'(%w+)[.:]([%w_]+)\\n' do\n"
	"    if type(things[owner][name]) ~= 'function' then\n"
	"      error(owner .. ' has no ' .. name)\n"
	"    end\n"
	"  end\n"
	"end)\n";

/* "function owner:name(" of each line that begins so, as "owner:name". */
static void list_declared(const char *text, struct gu_buf *out)
{
	static const char key[] = "\nfunction ";

	while ((text = strstr(text, key)) != NULL) {
		text += strlen(key);
		gu_buf_add(out, text, strcspn(text, "("));
		gu_buf_addc(out, '\n');
	}
}

static void everything_declared_can_be_called(void **state)
{
	const struct gu_buf *text = *state;
	struct gu_buf declared = GU_BUF_INIT;
	struct gu_embedded files[2] = { { .path = "declared" } };
	struct play p;

	list_declared(text->data, &declared);
	files[0].data = declared.data;
	files[0].len = declared.len;
	assert_true(declared.len > 1000);
	gu_script_set_builtin(files);
	play_init(&p);
	play_load(&p, "t.lua", check_words);
	assert_rc_ok(p.rc);
	play_run(&p, 0);
	gu_script_set_builtin(NULL);
	assert_plays(&p);
	play_close(&p);
	gu_buf_release(&declared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_committed_stubs_are_the_generated_ones),
		cmocka_unit_test(the_stubs_are_lua),
		cmocka_unit_test(every_row_of_the_call_table_is_declared),
		cmocka_unit_test(everything_declared_can_be_called),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
