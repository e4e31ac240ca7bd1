/* SPDX-License-Identifier: MIT */
#include "channel.h"
#include "probe.h"

#include <ddeml.h>
#include <stdio.h>

#include "alloc.h"

#include "banned.h"

struct instance;

/* DDE, by DDEML. Each thread that takes part has an instance of its own, whose
 * callback runs on that thread while it pumps messages: between jobs, and while
 * it waits in dde_accept. */

struct service {
	struct service *next; /* of its instance */
	struct instance *instance;
	HSZ name;
	HSZ topic;    /* NULL: any */
	HANDLE begun; /* auto-reset: a conversation waits */
	HCONV *waiting;
	size_t count;
	size_t cap;
	char *label; /* NAME "\n" TOPIC */
};

/* A thread's instance. */
struct instance {
	DWORD id;
	struct service *services;
	HWND window; /* for DdeSetQualityOfService, or NULL */
};

/* HCONVs stay what they are after DdeDisconnect: the system is to say that they
 * are none. */
struct conversation {
	struct instance *instance;
	HCONV hconv;
};

/* Of the calling OS thread: for the callback, which is told nothing else. */
static __thread struct instance *mine;

static struct service *find_service(HSZ name, HSZ topic)
{
	struct service *s = mine ? mine->services : NULL;

	while (s && (DdeCmpStringHandles(s->name, name) ||
		     (s->topic && DdeCmpStringHandles(s->topic, topic)))) {
		s = s->next;
	}
	return s;
}

static void begun(struct service *s, HCONV hconv)
{
	HCONV *grown = gu_grow(s->waiting, s->count, &s->cap, sizeof(hconv));

	if (grown) {
		s->waiting = grown;
		s->waiting[s->count++] = hconv;
		(void)SetEvent(s->begun);
	}
}

static void forget(HCONV hconv)
{
	for (struct service *s = mine ? mine->services : NULL; s; s = s->next) {
		for (size_t i = 0; i < s->count; i++) {
			if (s->waiting[i] == hconv) {
				s->count--;
				memmove(&s->waiting[i], &s->waiting[i + 1],
					(s->count - i) * sizeof(hconv));
			}
		}
	}
}

static HDDEDATA CALLBACK callback(UINT type, UINT format, HCONV hconv,
				  HSZ topic, HSZ name, HDDEDATA data,
				  ULONG_PTR one, ULONG_PTR two)
{
	struct service *s;

	(void)format;
	(void)data;
	(void)one;
	(void)two;
	if (type == XTYP_DISCONNECT) {
		forget(hconv);
	}
	if (type != XTYP_CONNECT && type != XTYP_CONNECT_CONFIRM) {
		return NULL;
	}
	s = find_service(name, topic);
	if (s && type == XTYP_CONNECT_CONFIRM) {
		begun(s, hconv);
	}
	return (HDDEDATA)(INT_PTR)(s != NULL);
}

/* instances */

static void service_free(struct instance *in, struct service *s)
{
	(void)DdeNameService(in->id, s->name, 0, DNS_UNREGISTER);
	(void)DdeFreeStringHandle(in->id, s->name);
	if (s->topic) {
		(void)DdeFreeStringHandle(in->id, s->topic);
	}
	if (s->begun) {
		(void)CloseHandle(s->begun);
	}
	gu_free(s->waiting);
	gu_free(s->label);
	gu_free(s);
}

static void instance_end(void *p)
{
	struct instance *in = p;

	while (in->services) {
		struct service *s = in->services;

		in->services = s->next;
		service_free(in, s);
	}
	(void)DdeUninitialize(in->id);
	if (in->window) {
		(void)DestroyWindow(in->window);
	}
	mine = NULL;
	gu_free(in);
}

/* NULL: no memory, or `*code` is why not. */
static struct instance *instance_new(uint32_t *code)
{
	struct instance *in = gu_calloc(1, sizeof(*in));

	*code = DMLERR_NO_ERROR;
	if (!in) {
		return NULL;
	}
	*code = DdeInitializeW(&in->id, callback,
			       APPCLASS_STANDARD | CBF_SKIP_REGISTRATIONS |
				       CBF_SKIP_UNREGISTRATIONS,
			       0);
	if (*code != DMLERR_NO_ERROR) {
		gu_free(in);
		return NULL;
	}
	mine = in;
	return in;
}

/* The thread's instance, made on first use. NULL: it has been answered. */
static struct instance *instance_of(struct w_run *x)
{
	struct instance *in = x->thread->channel[W_CHANNEL_DDE];
	uint32_t code;

	if (in) {
		return in;
	}
	in = instance_new(&code);
	if (!in && code != DMLERR_NO_ERROR) {
		w_answer_code(x, code);
	} else if (!in) {
		w_answer_nomem(x);
	} else {
		x->thread->channel[W_CHANNEL_DDE] = in;
		x->thread->channel_end[W_CHANNEL_DDE] = instance_end;
		x->thread->pumps = true;
	}
	return in;
}

/* The system's last error where it sets one, else DDEML's. */
static void answer_dde(struct w_run *x, const struct instance *in, BOOL ok)
{
	uint32_t code = GetLastError();

	if (!ok && !code) {
		code = DdeGetLastError(in->id);
	}
	if (!ok && code) {
		w_answer_code(x, code);
	} else {
		w_answer_bool(x, ok);
	}
}

/* services */

static struct service *
service_new(struct instance *in, const wchar_t *name, const wchar_t *topic)
{
	struct service *s = gu_calloc(1, sizeof(*s));

	if (!s) {
		return NULL;
	}
	s->begun = CreateEventW(NULL, FALSE, FALSE, NULL);
	s->name = DdeCreateStringHandleW(in->id, name, CP_WINUNICODE);
	s->topic = topic ? DdeCreateStringHandleW(in->id, topic, CP_WINUNICODE)
			 : NULL;
	s->instance = in;
	s->next = in->services;
	in->services = s;
	return s;
}

void w_fn_dde_serve(struct w_run *x)
{
	struct instance *in = instance_of(x);
	const char *topic = w_str(x, 1);
	struct gu_buf label = GU_BUF_INIT;
	struct service *s;

	if (!in) {
		return;
	}
	s = service_new(in, w_wide(x, 0), w_wide(x, 1));
	if (!s) {
		w_answer_nomem(x);
		return;
	}
	gu_buf_addf(&label, "%s\n%s", w_str(x, 0), topic ? topic : "guise");
	s->label = gu_buf_detach(&label);
	if (!DdeNameService(in->id, s->name, 0, DNS_REGISTER)) {
		w_answer_code(x, DdeGetLastError(in->id));
		return;
	}
	/* It goes with its thread's instance. */
	w_answer_thing(x, GU_REF_DDE_SERVICE,
		       w_thing_new(x, GU_REF_DDE_SERVICE, s, NULL), s->label);
}

/* conversations */

static void answer_conversation(struct w_run *x, struct instance *in, HCONV h)
{
	struct conversation *c = gu_calloc(1, sizeof(*c));
	char label[24];

	if (!c) {
		w_answer_nomem(x);
		return;
	}
	c->instance = in;
	c->hconv = h;
	(void)snprintf(label, sizeof(label), "%llx",
		       (unsigned long long)(UINT_PTR)h);
	w_answer_thing(x, GU_REF_HCONV,
		       w_thing_new(x, GU_REF_HCONV, c, gu_free), label);
}

static HCONV connect_to(struct instance *in, const wchar_t *name,
			const wchar_t *topic, const struct gu_sqos *qos)
{
	CONVCONTEXT context = {
		.cb = sizeof(context),
		.iCodePage = CP_WINUNICODE,
		.qos = {
			.Length = sizeof(context.qos),
			.ImpersonationLevel =
				(SECURITY_IMPERSONATION_LEVEL)qos->level,
			.ContextTrackingMode = qos->dynamic,
			.EffectiveOnly = qos->effective_only,
		},
	};
	HSZ hname = DdeCreateStringHandleW(in->id, name, CP_WINUNICODE);
	HSZ htopic = DdeCreateStringHandleW(in->id, topic, CP_WINUNICODE);
	HCONV h = DdeConnect(in->id, hname, htopic,
			     qos->present ? &context : NULL);

	(void)DdeFreeStringHandle(in->id, hname);
	(void)DdeFreeStringHandle(in->id, htopic);
	return h;
}

void w_fn_dde_connect(struct w_run *x)
{
	const struct service *s = w_thing(x, 0, GU_REF_DDE_SERVICE);
	const char *label = s ? s->label : w_label(x, 0);
	const char *topic = label ? strchr(label, '\n') : NULL;
	struct instance *in;
	const char *name;
	HCONV h;

	if (!topic) {
		w_answer_usage(x, "no such DDE service");
		return;
	}
	in = instance_of(x);
	name = gu_arena_strndup(x->arena, label, (size_t)(topic - label));
	if (!in || !name) {
		return;
	}
	h = connect_to(in, w_widen(x->arena, name),
		       w_widen(x->arena, topic + 1), &x->thread->dde_qos);
	if (h) {
		answer_conversation(x, in, h);
	} else {
		w_answer_code(x, DdeGetLastError(in->id));
	}
}

void w_fn_dde_accept(struct w_run *x)
{
	struct service *s = w_thing(x, 0, GU_REF_DDE_SERVICE);
	struct instance *in = x->thread->channel[W_CHANNEL_DDE];
	HCONV h;

	if (!s || !in || in != s->instance) {
		w_answer_usage(x, "no DDE service of this thread");
		return;
	}
	while (!s->count) {
		if (!w_wait(x, s->begun)) {
			w_answer_cancelled(x);
			return;
		}
	}
	h = s->waiting[0];
	forget(h);
	answer_conversation(x, in, h);
}

/* A raw or foreign handle is passed on as it is. */
static UINT_PTR number_of(const struct w_run *x, size_t i)
{
	const char *label = w_label(x, i);

	return label ? (UINT_PTR)strtoull(label, NULL, 16)
		     : (UINT_PTR)w_raw(x, i);
}

static HCONV hconv_of(struct w_run *x)
{
	const struct conversation *c = w_thing(x, 0, GU_REF_HCONV);

	return c ? c->hconv : (HCONV)number_of(x, 0);
}

void w_fn_dde_window(struct w_run *x)
{
	CONVINFO info = { .cb = sizeof(info) };
	char label[24];

	if (!DdeQueryConvInfo(hconv_of(x), QID_SYNC, &info) || !info.hwnd) {
		w_answer_code(x, ERROR_INVALID_PARAMETER);
		return;
	}
	(void)snprintf(label, sizeof(label), "%llx",
		       (unsigned long long)(UINT_PTR)info.hwnd);
	w_answer_thing(x, GU_REF_HWND,
		       w_thing_new(x, GU_REF_HWND, info.hwnd, NULL), label);
}

/* DDEML makes a conversation's window itself, with the quality of service that
 * DdeConnect is told. The system's function wants a client's window: it is
 * asked about one of ours. */
void w_fn_DdeSetQualityOfService(struct w_run *x)
{
	BOOL(WINAPI * fn)
	(HWND, const SECURITY_QUALITY_OF_SERVICE *,
	 SECURITY_QUALITY_OF_SERVICE *) = (void *)x->proc;
	struct gu_sqos want = w_sqos(x, 0);
	struct instance *in = instance_of(x);
	SECURITY_QUALITY_OF_SERVICE before;
	SECURITY_QUALITY_OF_SERVICE qos = {
		.Length = sizeof(qos),
		.ImpersonationLevel = (SECURITY_IMPERSONATION_LEVEL)want.level,
		.ContextTrackingMode = want.dynamic,
		.EffectiveOnly = want.effective_only,
	};
	BOOL ok;

	if (!in) {
		return;
	}
	if (!in->window) {
		in->window = CreateWindowExW(0, L"STATIC", L"", 0, 0, 0, 0, 0,
					     NULL, NULL, NULL, NULL);
	}
	SetLastError(ERROR_SUCCESS);
	ok = fn(in->window, &qos, &before);
	w_answer_bool(x, ok);
	if (ok) {
		want.present = true;
		x->thread->dde_qos = want;
	}
}

void w_fn_DdeDisconnect(struct w_run *x)
{
	BOOL(WINAPI * fn)(HCONV) = (void *)x->proc;
	struct instance *in = instance_of(x);

	if (in) {
		SetLastError(ERROR_SUCCESS);
		answer_dde(x, in, fn(hconv_of(x)));
	}
}

void w_fn_DdeImpersonateClient(struct w_run *x)
{
	BOOL(WINAPI * fn)(HCONV) = (void *)x->proc;

	w_answer_bool(x, fn(hconv_of(x)));
}

static HWND hwnd_of(const struct w_run *x, size_t i)
{
	HWND window = w_thing(x, i, GU_REF_HWND);

	return window ? window : (HWND)number_of(x, i);
}

void w_fn_ImpersonateDdeClientWindow(struct w_run *x)
{
	BOOL(WINAPI * fn)(HWND, HWND) = (void *)x->proc;

	w_answer_bool(x, fn(hwnd_of(x, 0), hwnd_of(x, 1)));
}

/* capabilities */

/* A conversation of the calling thread with itself, its client allowing
 * Identification. The server's HCONV, or NULL. */
static HCONV talk_to_oneself(struct instance *in)
{
	const struct gu_sqos qos = { .present = true,
				     .level = GU_LEVEL_IDENTIFICATION };
	wchar_t name[64];
	struct service *s;

	(void)swprintf(name, sizeof(name) / sizeof(*name),
		       L"guise-probe-%lu-%lu", GetCurrentProcessId(),
		       GetCurrentThreadId());
	s = service_new(in, name, NULL);
	if (!s || !DdeNameService(in->id, s->name, 0, DNS_REGISTER) ||
	    !connect_to(in, name, L"probe", &qos)) {
		return NULL;
	}
	return s->count ? s->waiting[0] : NULL;
}

static bool probe(bool identity)
{
	uint32_t code;
	struct instance *in = instance_new(&code);
	HCONV server = in ? talk_to_oneself(in) : NULL;
	bool ok = server && (!identity || (DdeImpersonateClient(server) &&
					   w_acts_at(GU_LEVEL_IDENTIFICATION)));

	if (in) {
		instance_end(in);
	}
	return ok;
}

bool w_probe_dde(void)
{
	return probe(false);
}

bool w_probe_dde_identity(void)
{
	return probe(true);
}
