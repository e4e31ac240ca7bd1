/* SPDX-License-Identifier: MIT */
#include "w32.h"

#include <string.h>

#include "remains.h"
#include "sddl.h"

#include "banned.h"

/* From a call to a job: what scripts hold becomes what the system takes. */

/* No handle and no pseudo handle: what a closed handle, and one of another
 * process, is to the system. Its low bits are never those of a handle. */
#define NO_HANDLE 0x0BADBADCu

enum gu_objtype w_type_of(const struct w_world *w, struct gu_ref ref)
{
	void *p = w_item(w, ref);

	if (!p) {
		return GU_OBJ_NONE;
	}
	if (ref.kind == GU_REF_HANDLE) {
		return ((const struct w_handle *)p)->type;
	}
	if (ref.kind == GU_REF_OBJECT) {
		return ((const struct w_object *)p)->type;
	}
	if (ref.kind == GU_REF_PROCESS) {
		return GU_OBJ_process;
	}
	if (ref.kind == GU_REF_THREAD) {
		return GU_OBJ_thread;
	}
	return ref.kind == GU_REF_TOKEN ? GU_OBJ_token : GU_OBJ_NONE;
}

HANDLE w_own_handle(const struct w_world *w, struct gu_ref ref)
{
	void *p = w_item(w, ref);

	if (!p) {
		return NULL;
	}
	if (ref.kind == GU_REF_OBJECT) {
		return ((const struct w_object *)p)->keep;
	}
	if (ref.kind == GU_REF_PROCESS) {
		return ((const struct w_process *)p)->handle;
	}
	if (ref.kind == GU_REF_THREAD) {
		return ((const struct w_thread *)p)->handle;
	}
	return ref.kind == GU_REF_TOKEN ? ((const struct w_token *)p)->handle
					: NULL;
}

/* One argument being lowered. */
struct lower {
	struct w_world *w;
	struct w_thread *thread;
	const struct gu_call *call;
	struct gu_err *err;
};

static struct gu_value handle_value(uint32_t value)
{
	return (struct gu_value){
		.type = GU_V_REF,
		.ref = { .kind = GU_REF_HANDLE, .id = value },
	};
}

/* A HANDLE argument: what it is in the process of the caller. Numbers that
 * name nothing are raw handles. */
static struct gu_value lower_handle(const struct lower *l, struct gu_ref ref)
{
	const struct w_handle *h;
	HANDLE ours;

	if (ref.kind == GU_REF_HANDLE) {
		h = w_item(l->w, ref);
		if (!h) {
			return handle_value(ref.id);
		}
		return handle_value(h->closed || h->process !=
							    l->thread->process
					    ? NO_HANDLE
					    : h->value);
	}
	ours = w_own_handle(l->w, ref);
	return handle_value(ours ? w_lend(l->w, l->thread->process, ref, ours)
				 : NO_HANDLE);
}

/* Anything else: its number where it lives, its label elsewhere. */
static struct gu_value lower_thing(const struct lower *l, struct gu_ref ref)
{
	const struct w_remote *r = w_item(l->w, ref);
	struct gu_value v = { .type = GU_V_REF, .ref = ref };

	if (!r) { /* a number that the script made up */
		return (struct gu_value){ .type = GU_V_UINT, .u = ref.id };
	}
	v.ref.id = r->id;
	if (r->process != l->thread->process) {
		v.ref.id = NO_HANDLE;
		if (r->label) {
			v = (struct gu_value){
				.type = GU_V_STR,
				.str = { .p = r->label,
					 .len = strlen(r->label) },
			};
		}
	}
	return v;
}

static enum gu_rc
bytes_value(const struct lower *l, const struct gu_buf *b, struct gu_value *out)
{
	const char *copy;
	enum gu_rc rc = gu_buf_check(b, l->err);

	if (rc) {
		return rc;
	}
	copy = gu_arena_strndup(l->call->arena, b->data, b->len);
	if (!copy) {
		return gu_err_nomem(l->err);
	}
	*out = (struct gu_value){ .type = GU_V_STR,
				  .str = { .p = copy, .len = b->len } };
	return GU_RC_OK;
}

static enum gu_rc
lower_sid(const struct lower *l, const struct gu_value *v, struct gu_value *out)
{
	struct gu_buf bytes = GU_BUF_INIT;
	struct gu_sid sid;
	enum gu_rc rc = w_sid_arg(l->w, v, &sid, l->err);

	if (!rc) {
		gu_sid_encode(&sid, &bytes);
		rc = bytes_value(l, &bytes, out);
	}
	gu_buf_release(&bytes);
	return rc;
}

static enum gu_rc lower_group(const struct lower *l, const struct gu_group *g,
			      struct gu_value *out)
{
	struct gu_field *f = gu_arena_alloc(l->call->arena, 2 * sizeof(*f));
	struct gu_buf bytes = GU_BUF_INIT;
	enum gu_rc rc;

	if (!f) {
		return gu_err_nomem(l->err);
	}
	gu_sid_encode(&g->sid, &bytes);
	f[0].name = "sid";
	rc = bytes_value(l, &bytes, &f[0].value);
	f[1].name = "attributes";
	f[1].value = (struct gu_value){ .type = GU_V_UINT, .u = g->attributes };
	*out = (struct gu_value){ .type = GU_V_TABLE, .count = 2, .fields = f };
	gu_buf_release(&bytes);
	return rc;
}

static enum gu_rc lower_sids(const struct lower *l, const struct gu_value *v,
			     struct gu_value *out)
{
	struct gu_group *groups;
	struct gu_value *list;
	size_t count;
	enum gu_rc rc =
		w_sids_arg(l->w, v, l->call->arena, &groups, &count, l->err);

	if (rc) {
		return rc;
	}
	list = gu_arena_alloc(l->call->arena, (count + 1) * sizeof(*list));
	if (!list) {
		return gu_err_nomem(l->err);
	}
	for (size_t i = 0; !rc && i < count; i++) {
		rc = lower_group(l, &groups[i], &list[i]);
	}
	*out = (struct gu_value){ .type = GU_V_LIST,
				  .count = (uint32_t)count,
				  .list = list };
	return rc;
}

static enum gu_rc lower_sddl(const struct lower *l, const struct gu_value *v,
			     struct gu_value *out)
{
	struct gu_sd sd = GU_SD_INIT;
	struct gu_buf bytes = GU_BUF_INIT;
	enum gu_rc rc = gu_sddl_parse(&sd, v->str.p, &l->w->machine, l->err);

	if (!rc) {
		gu_sd_encode(&sd, &bytes);
		rc = bytes_value(l, &bytes, out);
	}
	gu_buf_release(&bytes);
	gu_sd_release(&sd);
	return rc;
}

/* The type of what a function opens or creates by name; GU_OBJ_NONE for those
 * that the name itself tells. */
static enum gu_objtype type_by_function(enum gu_fn fn)
{
	static const struct {
		enum gu_fn fn;
		enum gu_objtype type;
	} named[] = {
		{ GU_FN_CreateEvent, GU_OBJ_event },
		{ GU_FN_OpenEvent, GU_OBJ_event },
		{ GU_FN_CreateMutex, GU_OBJ_mutex },
		{ GU_FN_OpenMutex, GU_OBJ_mutex },
		{ GU_FN_CreateSemaphore, GU_OBJ_semaphore },
		{ GU_FN_OpenSemaphore, GU_OBJ_semaphore },
		{ GU_FN_CreateJobObject, GU_OBJ_job },
		{ GU_FN_OpenJobObject, GU_OBJ_job },
		{ GU_FN_OpenFileMapping, GU_OBJ_section },
		{ GU_FN_OpenService, GU_OBJ_service },
		{ GU_FN_RegOpenKeyEx, GU_OBJ_key },
		{ GU_FN_RegCreateKeyEx, GU_OBJ_key },
		{ GU_FN_CreateDirectory, GU_OBJ_directory },
		{ GU_FN_CreateNamedPipe, GU_OBJ_pipe },
		{ GU_FN_alpc_create_port, GU_OBJ_port },
	};

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (named[i].fn == fn) {
			return named[i].type;
		}
	}
	return GU_OBJ_NONE;
}

static const struct w_object *
object_named(const struct w_world *w, enum gu_objtype type, const char *name)
{
	const struct w_object *o = w->objects;

	while (o && ((type != GU_OBJ_NONE && o->type != type) ||
		     _stricmp(o->name, name) != 0)) {
		o = o->next;
	}
	return o;
}

enum { NOTED_FOLDER = 1, NOTED_MACHINE_KEY = 2, NOTED_USER_KEY = 4 };

/* "HKLM\\Software\\PREFIX" of a real key's name. */
static enum gu_rc
note_key(struct w_world *w, const char *real, struct gu_err *err)
{
	uint32_t bit = _strnicmp(real, "HKLM", 4) == 0 ? NOTED_MACHINE_KEY
						       : NOTED_USER_KEY;
	const char *top = gu_arena_printf(&w->arena, "%.*s\\Software\\%s",
					  (int)strcspn(real, "\\"), real,
					  w->names.prefix);

	if (!top) {
		return gu_err_nomem(err);
	}
	if (w->noted & bit) {
		return GU_RC_OK;
	}
	w->noted |= bit;
	return w_remains_note(W_JOURNAL_KEY, top, err);
}

/* Writes down what will be made under the prefix and outlives the process. */
static enum gu_rc note_remains(struct w_world *w, enum gu_objtype type,
			       const char *real, struct gu_err *err)
{
	const char *folder;

	if (type == GU_OBJ_service) {
		return w_remains_note(W_JOURNAL_SERVICE, real, err);
	}
	if (type == GU_OBJ_key) {
		return note_key(w, real, err);
	}
	if ((type != GU_OBJ_file && type != GU_OBJ_directory) ||
	    (w->noted & NOTED_FOLDER)) {
		return GU_RC_OK;
	}
	w->noted |= NOTED_FOLDER;
	folder = gu_arena_printf(&w->arena, "%s\\%s", w->names.folder,
				 w->names.prefix);
	return folder ? w_remains_note(W_JOURNAL_FOLDER, folder, err)
		      : gu_err_nomem(err);
}

enum gu_rc w_target(struct w_world *w, const struct gu_value *v,
		    enum gu_objtype type, struct w_target *out,
		    struct gu_err *err)
{
	const struct w_object *o = NULL;
	struct gu_buf real = GU_BUF_INIT;
	enum gu_rc rc;

	if (v->type == GU_V_REF) {
		o = v->ref.kind == GU_REF_OBJECT ? w_item(w, v->ref) : NULL;
	} else {
		o = object_named(w, type, v->str.p);
	}
	if (o) {
		*out = (struct w_target){ .type = o->type,
					  .name = o->name,
					  .real = o->real,
					  .object = o };
		return GU_RC_OK;
	}
	if (v->type != GU_V_STR) {
		return gu_err_set(err, GU_RC_USAGE,
				  "expected a name or an object, got %s",
				  gu_ref_kind_doc(v->ref.kind));
	}
	*out = (struct w_target){
		.type = type == GU_OBJ_NONE ? w_name_type(v->str.p) : type,
		.name = gu_arena_strdup(&w->arena, v->str.p),
	};
	rc = w_name_real(&w->names, out->type, v->str.p, &real, err);
	if (!rc) {
		rc = note_remains(w, out->type, real.data, err);
	}
	if (!rc) {
		out->real = gu_arena_strdup(&w->arena, real.data);
		rc = out->name && out->real ? GU_RC_OK : gu_err_nomem(err);
	}
	gu_buf_release(&real);
	return rc;
}

static struct gu_value text_value(const char *s)
{
	return (struct gu_value){ .type = GU_V_STR,
				  .str = { .p = s, .len = strlen(s) } };
}

/* A name, or a handle to something that is opened once more. */
static enum gu_rc lower_target(const struct lower *l, const struct gu_value *v,
			       struct w_job *job, struct gu_value *out)
{
	const struct w_handle *h;
	struct w_target target;
	enum gu_rc rc;

	if (v->type == GU_V_REF && v->ref.kind != GU_REF_OBJECT) {
		job->type = w_type_of(l->w, v->ref);
		*out = lower_handle(l, v->ref);
		if (job->type == GU_OBJ_NONE) {
			job->type = GU_OBJ_token;
		}
		h = v->ref.kind == GU_REF_HANDLE ? w_item(l->w, v->ref) : NULL;
		if (h && h->real) {
			*out = text_value(h->real);
		}
		return GU_RC_OK;
	}
	rc = w_target(l->w, v, type_by_function(l->call->fn), &target, l->err);
	if (!rc) {
		job->type = target.type;
		*out = text_value(target.real);
	}
	return rc;
}

/* Names that make something, of functions whose argument is plain text. */
static bool makes_name(enum gu_fn fn, const char *arg)
{
	return type_by_function(fn) != GU_OBJ_NONE && strcmp(arg, "name") == 0;
}

static enum gu_rc lower_name(const struct lower *l, const struct gu_value *v,
			     struct w_job *job, struct gu_value *out)
{
	struct w_target target;
	enum gu_rc rc = w_target(l->w, v, type_by_function(l->call->fn),
				 &target, l->err);

	if (!rc) {
		job->type = target.type;
		*out = text_value(target.real);
	}
	return rc;
}

/* Endpoints and services are of the whole machine. */
static enum gu_rc lower_private(const struct lower *l, const struct gu_value *v,
				struct gu_value *out)
{
	const char *s = gu_arena_printf(l->call->arena, "%s-%s",
					l->w->names.prefix, v->str.p);

	if (!s) {
		return gu_err_nomem(l->err);
	}
	*out = text_value(s);
	return GU_RC_OK;
}

static enum gu_rc lower_text(const struct lower *l, const char *name,
			     const struct gu_value *v, struct w_job *job,
			     struct gu_value *out)
{
	if (makes_name(l->call->fn, name)) {
		return lower_name(l, v, job, out);
	}
	if (strcmp(name, "endpoint") == 0 || strcmp(name, "service") == 0) {
		return lower_private(l, v, out);
	}
	*out = *v;
	return GU_RC_OK;
}

static enum gu_rc lower_arg(const struct lower *l, const struct gu_arg *arg,
			    const struct gu_value *v, struct w_job *job,
			    struct gu_value *out)
{
	if (v->type == GU_V_NONE) {
		*out = *v;
		return GU_RC_OK;
	}
	switch (arg->type) {
	case GU_ARG_STR:
		return lower_text(l, arg->name, v, job, out);
	case GU_ARG_SDDL:
		return lower_sddl(l, v, out);
	case GU_ARG_SID:
		return lower_sid(l, v, out);
	case GU_ARG_SIDS:
		return lower_sids(l, v, out);
	case GU_ARG_PATH:
	case GU_ARG_TARGET:
		return lower_target(l, v, job, out);
	case GU_ARG_REF_HANDLE:
		if (job->type == GU_OBJ_NONE) {
			job->type = w_type_of(l->w, v->ref);
		}
		*out = lower_handle(l, v->ref);
		return GU_RC_OK;
	case GU_ARG_REF_TOKEN:
	case GU_ARG_REF_THREAD:
	case GU_ARG_REF_PROCESS:
		*out = lower_handle(l, v->ref);
		return GU_RC_OK;
	case GU_ARG_REF_DDE_SERVICE:
	case GU_ARG_REF_HCONV:
	case GU_ARG_REF_HWND:
	case GU_ARG_REF_RPC_SERVER:
	case GU_ARG_REF_RPC_BINDING:
	case GU_ARG_REF_RPC_CALL:
	case GU_ARG_REF_RPC:
	case GU_ARG_REF_CTXT:
	case GU_ARG_REF_COM_SERVER:
	case GU_ARG_REF_COM_PROXY:
	case GU_ARG_REF_COM_CALL:
	case GU_ARG_REF_SOCKET:
	case GU_ARG_REF_MESSAGE:
		*out = lower_thing(l, v->ref);
		return GU_RC_OK;
	case GU_ARG_UINT:
	case GU_ARG_BOOL:
	case GU_ARG_LEVEL:
	case GU_ARG_IL:
	case GU_ARG_ACCESS:
	case GU_ARG_CONST:
	case GU_ARG_CONST_STR:
	case GU_ARG_SQOS:
	case GU_ARG_PRIVS:
	case GU_ARG_ACCOUNT:
	case GU_ARG_OBJTYPE:
	case GU_ARG_STATUS:
	case GU_ARG_ANY:
		break;
	}
	*out = *v;
	return GU_RC_OK;
}

enum gu_rc w_lower(struct w_world *w, struct w_thread *t,
		   const struct gu_call *call, struct w_job *job,
		   struct gu_err *err)
{
	const struct lower l = {
		.w = w, .thread = t, .call = call, .err = err
	};
	const struct gu_fn_row *row = gu_fn_row(call->fn);
	enum gu_rc rc = GU_RC_OK;

	job->type = GU_OBJ_NONE;
	job->arg_count = (uint32_t)row->arg_count;
	for (size_t i = 0; !rc && i < row->arg_count; i++) {
		rc = lower_arg(&l, &row->args[i], &call->args[i], job,
			       &job->args[i]);
	}
	if (job->type == GU_OBJ_NONE) {
		job->type = type_by_function(call->fn);
	}
	return rc ? rc : w_lower_child(w, t, call, job, err);
}
