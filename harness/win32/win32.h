/* SPDX-License-Identifier: MIT */
#ifndef GU_WIN32_H
#define GU_WIN32_H

#include "look.h"
#include "target.h"

/* The win32 target: the real Windows API behind the contract of a target.
 * Only built for Windows; names.h, job.h and journal.h are pure and are tested
 * anywhere.
 *
 * How a call travels. The conductor never acts as anybody: it lowers a call to
 * a job (job.h: plain data, handles as the numbers that are valid in the
 * process that runs it), the job is run by the OS thread that stands for the
 * scenario's thread (exec.h: one function w_fn_<name> per row), and the answer
 * is lifted to an outcome (w32.h). A thread of a process of its own lives in a
 * child, `guise.exe agent`, and its jobs and answers go through a pair of
 * pipes (agent.h), in the same form. */
extern const struct gu_target_ops gu_target_win32;

/* What the hidden command `agent` runs: jobs from one inherited pipe, answers
 * to another, until the first ends. Returns the exit code. */
int gu_win32_agent(int argc, char **argv);

/* ImpersonateSelf, open, close, RevertToSelf on a thread of its own, `loops`
 * times: per round, the calls alone; with a look at the thread's token after
 * each and at the handle's rights, which is how their effect is seen; and as
 * jobs run back to back, which look likewise. */
struct gu_win32_loop {
	double bare_ns;
	double looked_ns;
	double jobs_ns;
};
GU_MUST_CHECK enum gu_rc
gu_win32_loop(unsigned loops, struct gu_win32_loop *out, struct gu_err *err);

/* Looks at this machine as whoever runs guise, with the privileges to read past
 * descriptors where it holds them. What cannot be read is found with its
 * error; USAGE where `what` names nothing that can be looked for. */
GU_MUST_CHECK enum gu_rc gu_win32_look(const struct gu_look *what,
				       gu_found_fn fn, void *arg,
				       struct gu_err *err);

/* Replays the journal of what earlier runs made and could not remove. Appends
 * one line to `out` for each thing removed or left. */
GU_MUST_CHECK enum gu_rc
gu_win32_clean(struct gu_buf *out, size_t *left, struct gu_err *err);

#endif
