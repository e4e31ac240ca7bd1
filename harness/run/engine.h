/* SPDX-License-Identifier: MIT */
#ifndef GU_ENGINE_H
#define GU_ENGINE_H

#include "arena.h"
#include "findings.h"

/* What the runner asks of a scripting engine, so that it can run scenarios
 * without knowing Lua. Conductor thread only. */
struct gu_script; /* one loaded file */

struct gu_limits {
	uint64_t timeout_ms; /* per scenario; 0: none */
	size_t memory;       /* bytes per file's state; 0: none */
};

struct gu_scenario_desc {
	const char *name; /* borrowed until the script is closed */
	int line;
	size_t tag_count;
	const char *const *tags;
	size_t need_count;
	const enum gu_cap *needs;
};

/* What one scenario runs in. */
struct gu_stage {
	struct gu_world *world; /* traced */
	struct gu_recorder *recorder;
	struct gu_findings *findings;
	const struct gu_target_ops *target; /* for `needs` and skips */
	const struct gu_limits *limits;
	/* Out: a failed `require` or a stop ended the scenario before its end,
	 * so that what it left undone is no finding. */
	bool cut_short;
};

/* What is known to differ on the system that a target runs on: a scenario's
 * row that fails for that reason is `known`, and one that is listed and does
 * not fail is a fail. Strings are owned by the list. */
struct gu_divergence {
	const char *scenario; /* its name */
	const char *differs;  /* a row's `expected`, or a finding's rule */
	const char *reason;
};
struct gu_divergences {
	struct gu_arena arena;
	struct gu_divergence *list;
	size_t count;
};

struct gu_engine_ops {
	/* Reads a list from a file's text: its rows for `system` ("wine10").
	 * Errors as in load. The caller releases the arena, in any case. */
	GU_MUST_CHECK enum gu_rc (*divergences)(const char *path,
						const char *text, size_t len,
						const char *system,
						struct gu_divergences *out,
						struct gu_err *err);
	/* Loads a file's text and collects its scenarios; `path` is what
	 * messages show, and where files beside it are looked for. A syntax
	 * error, a script error, or no scenario at all is GU_RC_USAGE with
	 * "FILE:LINE: what". */
	GU_MUST_CHECK enum gu_rc (*load)(const char *path, const char *text,
					 size_t len,
					 const struct gu_limits *limits,
					 struct gu_script **out,
					 struct gu_err *err);
	size_t (*count)(const struct gu_script *s);
	void (*describe)(const struct gu_script *s, size_t i,
			 struct gu_scenario_desc *out);
	/* Runs one scenario. OK whatever its expectations did: those are rows.
	 * USAGE: a script error ("FILE:LINE: ..."); DEADLOCK, TIMEOUT, NOMEM:
	 * what stopped it; UNSUPPORTED: it met something the target cannot do,
	 * err names the capability: a skip. */
	GU_MUST_CHECK enum gu_rc (*run)(struct gu_script *s, size_t i,
					struct gu_stage *stage,
					struct gu_err *err);
	void (*close)(struct gu_script *s);
};

#endif
