/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include "exec.h"
#include "guard.h"

#include "banned.h"

#define PROBE_MS 10000

typedef bool (*probe_fn)(void);

static const probe_fn probes[GU_CAP_COUNT] = {
#define GU_CAP(id, doc) [GU_CAP_##id] = w_probe_##id,
#include "cap.def"
#undef GU_CAP
};

struct probing {
	probe_fn fn;
	bool answer;
};

static void call_probe(void *arg)
{
	struct probing *p = arg;

	p->answer = p->fn();
}

static DWORD WINAPI probe_thread(void *arg)
{
	struct probing *p = arg;
	struct w_guard guard;

	w_guard_call(call_probe, p, &guard);
	return p->answer && !guard.raised;
}

static bool ask(enum gu_cap cap)
{
	static struct probing asked[GU_CAP_COUNT];
	DWORD answer = 0;
	HANDLE thread;

	asked[cap].fn = probes[cap];
	thread = CreateThread(NULL, 0, probe_thread, &asked[cap], 0, NULL);
	if (!thread) {
		return false;
	}
	if (WaitForSingleObject(thread, PROBE_MS) == WAIT_OBJECT_0) {
		(void)GetExitCodeThread(thread, &answer);
	}
	(void)CloseHandle(thread);
	return answer == 1;
}

bool w_probe(enum gu_cap cap)
{
	static enum { UNKNOWN, NO, YES } known[GU_CAP_COUNT];

	if (known[cap] == UNKNOWN) {
		known[cap] = ask(cap) ? YES : NO;
	}
	return known[cap] == YES;
}
