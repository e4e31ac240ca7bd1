/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <stdio.h>
#include <uv.h>

#include "buf.h"
#include "file.h"
#include "platform.h"
#include "record.h"
#include "banned.h"

#define PATH_SIZE 4096

struct scratch {
	char guise[PATH_SIZE];    /* this very program */
	char scenario[PATH_SIZE]; /* scratch files */
	char peer[PATH_SIZE];
	char csv[PATH_SIZE];
};

static enum gu_rc
scratch_init(struct scratch *s, const char *folder, struct gu_err *err)
{
	size_t size = sizeof(s->guise);
	int code = uv_exepath(s->guise, &size);

	/* The default store, out of the user's way. */
	if (!code) {
		code = uv_os_setenv("XDG_STATE_HOME", folder);
	}
	if (code) {
		return gu_err_set(err, GU_RC_INTERNAL, "%s", uv_strerror(code));
	}
	(void)snprintf(s->scenario, PATH_SIZE, "%s/bench.lua", folder);
	(void)snprintf(s->peer, PATH_SIZE, "%s/peer.lua", folder);
	(void)snprintf(s->csv, PATH_SIZE, "%s/peer.csv", folder);
	return GU_RC_OK;
}

static enum gu_rc
write_text(const char *path, const char *text, struct gu_err *err)
{
	FILE *f = gu_file_open(path, "wb");
	bool lost = !f || fputs(text, f) < 0;

	if (f) {
		lost |= fclose(f) != 0;
	}
	return lost ? gu_err_set(err, GU_RC_IO, "%s: could not be written",
				 path)
		    : GU_RC_OK;
}

/* child processes */

struct child {
	uv_process_t process;
	int64_t status;
};

static void on_child_exit(uv_process_t *process, int64_t status, int signal)
{
	struct child *c = process->data;

	c->status = signal ? -1 : status;
	uv_close((uv_handle_t *)process, NULL);
}

enum gu_rc gu_bench_child(const char **argv, struct gu_samples *out,
			  bool *missing, struct gu_err *err)
{
	struct child c = { .status = 0 };
	uv_process_options_t options = { .file = argv[0],
					 .args = (char **)argv,
					 .exit_cb = on_child_exit };
	uv_loop_t *loop = uv_default_loop();
	uint64_t start = uv_hrtime();
	int code;

	c.process.data = &c;
	code = uv_spawn(loop, &c.process, &options);
	if (code) {
		uv_close((uv_handle_t *)&c.process, NULL);
	}
	(void)uv_run(loop, UV_RUN_DEFAULT);
	if (code == UV_ENOENT) {
		*missing = true;
		return GU_RC_OK;
	}
	if (code || c.status) {
		return gu_err_set(err, GU_RC_INTERNAL, "%s: %s", argv[0],
				  code ? uv_strerror(code)
				       : "ended with a failure");
	}
	gu_samples_add(out, (double)(uv_hrtime() - start));
	return GU_RC_OK;
}

static enum gu_rc
run_guise(struct scratch *s, struct gu_samples *out, struct gu_err *err)
{
	const char *argv[] = { s->guise, "run", "--quiet", s->scenario, NULL };
	bool missing = false;

	return gu_bench_child(argv, out, &missing, err);
}

static enum gu_rc take_turns(struct gu_bench_pair *out, struct scratch *s,
			     const char **peer, size_t rounds,
			     struct gu_err *err)
{
	enum gu_rc rc = GU_RC_OK;

	for (size_t i = 0; !rc && i < rounds; i++) {
		rc = run_guise(s, &out->guise, err);
		if (!rc && !out->no_lua) {
			rc = gu_bench_child(peer, &out->lua, &out->no_lua, err);
		}
	}
	return rc;
}

/* the two comparisons */

enum gu_rc gu_bench_startup(struct gu_bench_pair *out, size_t rounds,
			    const char *folder, struct gu_err *err)
{
	static const char empty[] =
		"require('guise').scenario('empty', function() end)\n";
	const char *peer[] = { "lua5.4", "-e", "", NULL };
	struct scratch s;
	enum gu_rc rc = scratch_init(&s, folder, err);

	*out = (struct gu_bench_pair){ .no_lua = false };
	if (!rc) {
		rc = write_text(s.scenario, empty, err);
	}
	return rc ? rc : take_turns(out, &s, peer, rounds, err);
}

static const char suite[] =
	"local guise = require 'guise'\n"
	"for i = 1, 1000 do\n"
	"  guise.scenario('trivial ' .. i, function(s)\n"
	"    local p = s:process { name = 'p', account = 'SYSTEM' }\n"
	"    local t = p:thread 't'\n"
	"    local f = s:file { path = [[C:\\f]], sddl = "
	"'O:SYG:SYD:(A;;FA;;;SY)' }\n"
	"    for _ = 1, 10 do\n"
	"      s:expect(t:open(f, 'FILE_READ_DATA')):granted()\n"
	"    end\n"
	"  end)\n"
	"end\n";

/* The same rows without a harness: judged, quoted and written. */
static const char peer_head[] =
	"local out = assert(io.open(arg[1], 'wb'))\n"
	"local function field(v)\n"
	"  v = tostring(v)\n"
	"  if v:find('[,\"\\r\\n]') then\n"
	"    v = '\"' .. v:gsub('\"', '\"\"') .. '\"'\n"
	"  end\n"
	"  return v\n"
	"end\n"
	"local function write(row)\n"
	"  for i = 1, #row do row[i] = field(row[i]) end\n"
	"  out:write(table.concat(row, ','), '\\n')\n"
	"end\n"
	"local seq = 0\n";

static const char peer_body[] =
	"for i = 1, 1000 do\n"
	"  for step = 1, 10 do\n"
	"    local granted = 0x120089\n"
	"    seq = seq + 1\n"
	"    write { 1, seq, os.date('!%Y-%m-%dT%H:%M:%SZ'), 'trivial ' .. i,\n"
	"      'suite.lua', 8, step, 'attempt', 'p', 't',\n"
	"      'NT AUTHORITY\\\\SYSTEM', 'S-1-5-18', '', '', 'open', 'file',\n"
	"      'C:\\\\f', 'FILE_READ_DATA|FILE_READ_ATTRIBUTES|SYNCHRONIZE',\n"
	"      string.format('0x%X', granted), 0, 'ERROR_SUCCESS', 'granted',\n"
	"      granted ~= 0 and 'pass' or 'fail', '', '',\n"
	"      'allowed by ACE 0 (A;;FA;;;SY)', 1000 + step }\n"
	"  end\n"
	"end\n"
	"out:close()\n";

static enum gu_rc write_suite(const struct scratch *s, struct gu_err *err)
{
	struct gu_buf peer = GU_BUF_INIT;
	enum gu_rc rc = write_text(s->scenario, suite, err);

	gu_buf_adds(&peer, peer_head);
	gu_buf_adds(&peer, "write {");
	for (int i = 0; i < GU_COL_COUNT; i++) {
		gu_buf_addf(&peer, " '%s',", gu_column_names[i]);
	}
	gu_buf_adds(&peer, " }\n");
	gu_buf_adds(&peer, peer_body);
	if (!rc) {
		rc = gu_buf_check(&peer, err);
	}
	if (!rc) {
		rc = write_text(s->peer, peer.data, err);
	}
	gu_buf_release(&peer);
	return rc;
}

enum gu_rc gu_bench_suite(struct gu_bench_pair *out, uint64_t *peak_kib,
			  size_t rounds, const char *folder, struct gu_err *err)
{
	struct scratch s;
	struct gu_samples warm_up = { .count = 0 };
	const char *peer[] = { "lua5.4", s.peer, s.csv, NULL };
	enum gu_rc rc = scratch_init(&s, folder, err);

	*out = (struct gu_bench_pair){ .no_lua = false };
	if (!rc) {
		rc = write_suite(&s, err);
	}
	/* No other child is as large before the peer has run. */
	if (!rc) {
		rc = run_guise(&s, &warm_up, err);
		*peak_kib = gu_children_peak_kib();
	}
	return rc ? rc : take_turns(out, &s, peer, rounds, err);
}
