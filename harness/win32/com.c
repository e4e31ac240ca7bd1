/* SPDX-License-Identifier: MIT */
#define COBJMACROS
#include "channel.h"
#include "probe.h"

#include <objbase.h>
#include <stdio.h>

#include "alloc.h"

#include "banned.h"

/* COM. A server's thread is a single-threaded apartment, so that its methods
 * run on itself, while it pumps messages. Its object is called by an interface
 * that every system has a proxy of and whose methods do nothing here: Reset
 * returns at once, Skip when the scenario's com_return says so. Clients call
 * from threads in the multi-threaded apartment, which carry the identity of the
 * thread that calls. */

struct object {
	IEnumString iface; /* first */
	LONG refs;
	struct w_run *receiver; /* waits in com_receive; NULL: nobody does */
	struct w_run *returner; /* of its com_return */
	HANDLE served;          /* auto-reset: a method has returned */
	bool probe;             /* Reset tries to impersonate: `works` */
	bool works;
	char *label; /* the marshalled interface in hex */
};

/* The call that a thread serves, on the stack of its method. */
struct call {
	struct call *outer;
	uint32_t thing;
};

struct proxy {
	IEnumString *iface;
	LONG refs;
};

/* the object */

static HRESULT STDMETHODCALLTYPE object_query(IEnumString *iface, REFIID iid,
					      void **out)
{
	bool known = IsEqualIID(iid, &IID_IUnknown) ||
		     IsEqualIID(iid, &IID_IEnumString);

	*out = known ? iface : NULL;
	if (known) {
		(void)IEnumString_AddRef(iface);
	}
	return known ? S_OK : E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE object_ref(IEnumString *iface)
{
	return (ULONG)InterlockedIncrement(&((struct object *)iface)->refs);
}

static ULONG STDMETHODCALLTYPE object_unref(IEnumString *iface)
{
	struct object *o = (struct object *)iface;
	LONG refs = InterlockedDecrement(&o->refs);

	if (refs == 0) {
		(void)CloseHandle(o->served);
		gu_free(o->label);
		gu_free(o);
	}
	return (ULONG)refs;
}

static HRESULT STDMETHODCALLTYPE object_next(IEnumString *iface, ULONG n,
					     LPOLESTR *out, ULONG *got)
{
	(void)iface;
	(void)n;
	(void)out;
	(void)got;
	return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE object_reset(IEnumString *iface)
{
	struct object *o = (struct object *)iface;

	if (o->probe && SUCCEEDED(CoImpersonateClient())) {
		struct w_identity who;

		w_identity_read(&who);
		o->works = who.impersonating;
		(void)CoRevertToSelf();
	}
	return S_OK;
}

static HRESULT STDMETHODCALLTYPE object_clone(IEnumString *iface,
					      IEnumString **out)
{
	(void)iface;
	(void)out;
	return E_NOTIMPL;
}

/* The method that is served. Nobody receives: come again. */
static HRESULT STDMETHODCALLTYPE object_skip(IEnumString *iface, ULONG n)
{
	struct object *o = (struct object *)iface;
	struct w_run *x = o->receiver;
	struct call call;

	(void)n;
	if (!x) {
		return RPC_E_SERVERCALL_RETRYLATER;
	}
	o->receiver = NULL;
	call.outer = x->thread->channel[W_CHANNEL_COM];
	call.thing = w_thing_new(x, GU_REF_COM_CALL, &call, NULL);
	x->thread->channel[W_CHANNEL_COM] = &call;
	w_answer_thing(x, GU_REF_COM_CALL, call.thing, NULL);
	o->returner = w_serve(x);
	x->thread->channel[W_CHANNEL_COM] = call.outer;
	(void)SetEvent(o->served);
	return S_OK;
}

static IEnumStringVtbl object_methods = {
	.QueryInterface = object_query,
	.AddRef = object_ref,
	.Release = object_unref,
	.Next = object_next,
	.Skip = object_skip,
	.Reset = object_reset,
	.Clone = object_clone,
};

static struct object *object_new(void)
{
	struct object *o = gu_calloc(1, sizeof(*o));

	if (!o) {
		return NULL;
	}
	o->iface.lpVtbl = &object_methods;
	o->refs = 1;
	o->served = CreateEventW(NULL, FALSE, FALSE, NULL);
	return o;
}

/* marshalling */

static char *hex_of(IStream *stream)
{
	struct gu_buf text = GU_BUF_INIT;
	HGLOBAL memory = NULL;
	const unsigned char *bytes;

	if (GetHGlobalFromStream(stream, &memory)) {
		return NULL;
	}
	bytes = GlobalLock(memory);
	for (SIZE_T i = 0; bytes && i < GlobalSize(memory); i++) {
		gu_buf_addf(&text, "%02x", bytes[i]);
	}
	(void)GlobalUnlock(memory);
	return gu_buf_detach(&text);
}

static HRESULT object_marshal(struct object *o)
{
	IStream *stream;
	HRESULT hr = CreateStreamOnHGlobal(NULL, TRUE, &stream);

	if (FAILED(hr)) {
		return hr;
	}
	hr = CoMarshalInterface(stream, &IID_IEnumString, (IUnknown *)&o->iface,
				MSHCTX_LOCAL, NULL, MSHLFLAGS_TABLESTRONG);
	if (SUCCEEDED(hr)) {
		o->label = hex_of(stream);
		hr = o->label ? S_OK : E_OUTOFMEMORY;
	}
	(void)IStream_Release(stream);
	return hr;
}

static HRESULT stream_of(const char *hex, IStream **out)
{
	HRESULT hr = CreateStreamOnHGlobal(NULL, TRUE, out);
	const LARGE_INTEGER start = { .QuadPart = 0 };
	unsigned byte;

	for (; SUCCEEDED(hr) && sscanf(hex, "%2x", &byte) == 1; hex += 2) {
		unsigned char c = (unsigned char)byte;

		hr = IStream_Write(*out, &c, 1, NULL);
	}
	if (SUCCEEDED(hr)) {
		hr = IStream_Seek(*out, start, STREAM_SEEK_SET, NULL);
	}
	return hr;
}

/* serving */

static void leave_apartment(void *state)
{
	(void)state;
	CoUninitialize();
}

static HRESULT enter_apartment(struct w_exec_thread *t)
{
	HRESULT hr;

	if (t->channel_end[W_CHANNEL_COM]) {
		return S_OK;
	}
	hr = CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
	if (SUCCEEDED(hr)) {
		t->channel_end[W_CHANNEL_COM] = leave_apartment;
		t->pumps = true;
	}
	return hr;
}

static void object_drop(void *p)
{
	(void)object_unref(p);
}

void w_fn_com_serve(struct w_run *x)
{
	HRESULT hr = enter_apartment(x->thread);
	struct object *o;

	if (FAILED(hr)) {
		w_answer_code(x, (uint32_t)hr);
		return;
	}
	o = object_new();
	if (!o) {
		w_answer_nomem(x);
		return;
	}
	hr = object_marshal(o);
	if (FAILED(hr)) {
		object_drop(o);
		w_answer_code(x, (uint32_t)hr);
		return;
	}
	w_answer_thing(x, GU_REF_COM_SERVER,
		       w_thing_new(x, GU_REF_COM_SERVER, o, object_drop),
		       o->label);
}

void w_fn_com_receive(struct w_run *x)
{
	struct object *o = w_thing(x, 0, GU_REF_COM_SERVER);
	struct w_run *returner;

	if (!o || !x->thread->channel_end[W_CHANNEL_COM]) {
		w_answer_usage(x, "no COM server of this thread");
		return;
	}
	o->receiver = x;
	/* Messages are dispatched meanwhile, and a method with them. */
	if (!w_wait(x, o->served)) {
		o->receiver = NULL;
		if (!x->finished) {
			w_answer_cancelled(x);
		}
		return;
	}
	returner = o->returner;
	o->returner = NULL;
	if (returner) {
		w_finish(returner);
	}
}

void w_fn_com_return(struct w_run *x)
{
	const struct call *call = x->thread->channel[W_CHANNEL_COM];
	const struct call *named = w_thing(x, 0, GU_REF_COM_CALL);

	if (!call) {
		w_answer_code(x, (uint32_t)RPC_E_CALL_COMPLETE);
		return;
	}
	if (w_has(x, 0) && named != call) {
		w_answer_code(x, named ? (uint32_t)E_INVALIDARG
				       : (uint32_t)RPC_E_CALL_COMPLETE);
		return;
	}
	w_thing_forget(x, GU_REF_COM_CALL, call->thing);
	w_answer_code(x, S_OK);
	w_leave(x);
}

/* calling */

static BOOL CALLBACK join_mta(INIT_ONCE *once, void *arg, void **context)
{
	CO_MTA_USAGE_COOKIE cookie;

	(void)once;
	(void)arg;
	(void)context;
	return SUCCEEDED(CoIncrementMTAUsage(&cookie));
}

/* The threads that carry are in it without saying so. */
static void need_mta(void)
{
	static INIT_ONCE once = INIT_ONCE_STATIC_INIT;

	(void)InitOnceExecuteOnce(&once, join_mta, NULL, NULL);
}

static void proxy_unref(void *p)
{
	struct proxy *proxy = p;

	if (InterlockedDecrement(&proxy->refs) == 0) {
		(void)IEnumString_Release(proxy->iface);
		gu_free(proxy);
	}
}

/* One com_bind: of the thread that asks, which waits for `done`. */
struct bind {
	const char *label;
	bool blanket; /* the script asked for one */
	DWORD authn_level;
	DWORD level;
	DWORD cloaking;
	IEnumString *iface;
	HRESULT hr;
	HANDLE done;
	HANDLE called; /* probes */
};

/* Proxies belong to the apartment they are made in, and static cloaking takes
 * the identity of the thread that sets the blanket. */
static void bind_main(void *arg)
{
	struct bind *b = arg;
	IStream *stream = NULL;

	b->hr = stream_of(b->label, &stream);
	if (SUCCEEDED(b->hr)) {
		b->hr = CoUnmarshalInterface(stream, &IID_IEnumString,
					     (void **)&b->iface);
	}
	if (stream) {
		(void)IStream_Release(stream);
	}
	if (SUCCEEDED(b->hr) && b->blanket) {
		b->hr = CoSetProxyBlanket((IUnknown *)b->iface,
					  RPC_C_AUTHN_DEFAULT, RPC_C_AUTHZ_NONE,
					  NULL, b->authn_level, b->level, NULL,
					  b->cloaking);
		if (FAILED(b->hr)) {
			(void)IEnumString_Release(b->iface);
		}
	}
	(void)SetEvent(b->done);
}

static void bind_run(struct w_run *x, struct bind *b)
{
	need_mta();
	b->done = CreateEventW(NULL, TRUE, FALSE, NULL);
	b->hr = E_OUTOFMEMORY;
	if (!b->done) {
		return;
	}
	if (!w_carry(bind_main, b)) {
		b->hr = HRESULT_FROM_WIN32(GetLastError());
	} else if (!w_wait(x, b->done)) {
		(void)WaitForSingleObject(b->done, INFINITE);
	}
	(void)CloseHandle(b->done);
}

void w_fn_com_bind(struct w_run *x)
{
	const struct object *o = w_thing(x, 0, GU_REF_COM_SERVER);
	struct bind b = {
		.label = o ? o->label : w_label(x, 0),
		.blanket = w_has(x, 1) || w_has(x, 2) || w_has(x, 3),
		.authn_level = w_uint(x, 1, RPC_C_AUTHN_LEVEL_CONNECT),
		.level = w_uint(x, 2, GU_LEVEL_IDENTIFICATION) +
			 RPC_C_IMP_LEVEL_ANONYMOUS,
		.cloaking = w_uint(x, 3, EOAC_NONE),
	};
	struct proxy *proxy;

	if (!b.label) {
		w_answer_usage(x, "no such COM server");
		return;
	}
	bind_run(x, &b);
	if (FAILED(b.hr)) {
		w_answer_code(x, (uint32_t)b.hr);
		return;
	}
	proxy = gu_calloc(1, sizeof(*proxy));
	if (!proxy) {
		(void)IEnumString_Release(b.iface);
		w_answer_nomem(x);
		return;
	}
	proxy->iface = b.iface;
	proxy->refs = 1;
	w_answer_thing(x, GU_REF_COM_PROXY,
		       w_thing_new(x, GU_REF_COM_PROXY, proxy, proxy_unref),
		       NULL);
}

/* One com_call: of the thread that makes it, after `knocked` no more of the one
 * that asked. */
struct outgoing {
	struct proxy *proxy;
	HRESULT hr;
	HANDLE knocked;
	LONG refs;
};

static void outgoing_unref(struct outgoing *out)
{
	if (InterlockedDecrement(&out->refs) == 0) {
		proxy_unref(out->proxy);
		(void)CloseHandle(out->knocked);
		gu_free(out);
	}
}

static void call_main(void *arg)
{
	const DWORD between_ms = 5;
	struct outgoing *out = arg;
	HRESULT hr = IEnumString_Reset(out->proxy->iface);

	out->hr = hr;
	(void)SetEvent(out->knocked);
	while (SUCCEEDED(hr)) {
		hr = IEnumString_Skip(out->proxy->iface, 1);
		if (hr != RPC_E_SERVERCALL_RETRYLATER) {
			break;
		}
		hr = S_OK;
		Sleep(between_ms);
	}
	outgoing_unref(out);
}

static struct outgoing *outgoing_new(struct proxy *proxy)
{
	struct outgoing *out = gu_calloc(1, sizeof(*out));

	if (!out) {
		return NULL;
	}
	out->knocked = CreateEventW(NULL, TRUE, FALSE, NULL);
	if (!out->knocked) {
		gu_free(out);
		return NULL;
	}
	(void)InterlockedIncrement(&proxy->refs);
	out->proxy = proxy;
	out->refs = 2;
	return out;
}

void w_fn_com_call(struct w_run *x)
{
	struct proxy *proxy = w_thing(x, 0, GU_REF_COM_PROXY);
	struct outgoing *out;

	if (!proxy) {
		w_answer_usage(x, "no COM proxy of this process");
		return;
	}
	out = outgoing_new(proxy);
	if (!out) {
		w_answer_nomem(x);
		return;
	}
	if (!w_carry(call_main, out)) {
		w_answer_code(x, (uint32_t)HRESULT_FROM_WIN32(GetLastError()));
		outgoing_unref(out);
	} else if (w_wait(x, out->knocked)) {
		w_answer_code(x, (uint32_t)out->hr);
	} else {
		w_answer_cancelled(x);
	}
	outgoing_unref(out);
}

/* the impersonation functions */

static void without_arguments(struct w_run *x)
{
	HRESULT(WINAPI * fn)(void) = (void *)x->proc;

	w_answer_code(x, (uint32_t)fn());
}

void w_fn_CoImpersonateClient(struct w_run *x)
{
	without_arguments(x);
}

void w_fn_CoRevertToSelf(struct w_run *x)
{
	without_arguments(x);
}

/* capabilities */

static void probe_call(void *arg)
{
	struct bind *b = arg;

	bind_main(b);
	if (SUCCEEDED(b->hr)) {
		(void)IEnumString_Reset(b->iface);
		(void)IEnumString_Release(b->iface);
	}
	(void)SetEvent(b->called);
}

/* Until the call is over; the prober itself is given a limited time. */
static void pump_until(HANDLE over)
{
	MSG msg;

	while (MsgWaitForMultipleObjectsEx(1, &over, INFINITE, QS_ALLINPUT,
					   MWMO_INPUTAVAILABLE) ==
	       WAIT_OBJECT_0 + 1) {
		while (PeekMessageW(&msg, NULL, 0, 0, PM_REMOVE)) {
			DispatchMessageW(&msg);
		}
	}
}

static void probe_object(struct object *o)
{
	static struct bind b; /* outlives a probe that is given up */

	o->probe = true;
	if (FAILED(object_marshal(o))) {
		return;
	}
	b.label = o->label;
	b.done = CreateEventW(NULL, TRUE, FALSE, NULL);
	b.called = CreateEventW(NULL, TRUE, FALSE, NULL);
	need_mta();
	if (b.done && b.called && w_carry(probe_call, &b)) {
		pump_until(b.called);
	}
}

bool w_probe_com(void)
{
	struct object *o;
	bool works = false;

	if (FAILED(CoInitializeEx(NULL, COINIT_APARTMENTTHREADED))) {
		return false;
	}
	o = object_new();
	if (o) {
		probe_object(o);
		works = o->works;
		object_drop(o);
	}
	CoUninitialize();
	return works;
}
