/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include "sddl.h"
#include "text.h"

#include "open.h"

#include "banned.h"

/* Named pipes. The named object carries the descriptor; an instance joins a
 * server end with a client end; handles are to ends. A read takes one write,
 * in byte mode too, since a ReadFile here has no length. */

enum {
	READ_DATA = 0x1,
	WRITE_DATA = 0x2,
	CREATE_PIPE_INSTANCE = 0x4,

	ACCESS_INBOUND = 0x1,
	ACCESS_OUTBOUND = 0x2,
	ACCESS_DUPLEX = 0x3,
	FIRST_PIPE_INSTANCE = 0x80000,
	MODE_NOWAIT = 0x1,
	UNLIMITED_INSTANCES = 255,
};

#define NT_INSTANCE_NOT_AVAILABLE 0xC00000ABu
#define NT_PIPE_EMPTY             0xC00000D9u

struct pipe {
	struct m_object obj;
	uint32_t direction; /* ACCESS_* */
	uint32_t max;
	uint32_t count;
	struct instance *instances; /* oldest first */
};

enum pipe_state {
	STATE_LISTENING,
	STATE_CONNECTED,
	STATE_CLOSING, /* one end is closed */
	STATE_DISCONNECTED,
};

struct end {
	struct m_object obj;
	struct instance *instance; /* NULL: a client that was thrown off */
	bool server;
};

struct instance {
	struct instance *next;
	struct pipe *pipe; /* counted */
	enum pipe_state state;
	bool nowait;
	struct end *server; /* borrowed; NULL once closed */
	struct end *client;
	struct m_queue to_server;
	struct m_queue to_client;
	struct gu_sqos sqos;     /* of the client */
	struct m_token *context; /* counted; what the server can act as */
	bool read;               /* of this client, by the server */
	/* The ConnectNamedPipe that waits: it succeeds where a later one
	 * would answer ERROR_PIPE_CONNECTED. */
	const struct gu_call *waiter;
};

struct message {
	struct m_link link;
	struct m_token *context; /* counted; dynamic tracking only */
	size_t len;
	char data[];
};

/* storage */

static void queue_clear(struct m_world *w, struct m_queue *q)
{
	struct message *m;

	while ((m = m_queue_pop(q))) {
		m_token_unref(w, m->context);
		gu_free(m);
	}
}

static void
set_context(struct m_world *w, struct instance *in, struct m_token *context)
{
	m_token_unref(w, in->context);
	in->context = context;
}

static void pipe_forget(struct pipe *pipe, const struct instance *in)
{
	struct instance **at = &pipe->instances;

	while (*at != in) {
		at = &(*at)->next;
	}
	*at = in->next;
	pipe->count--;
}

static void instance_free(struct m_world *w, struct instance *in)
{
	queue_clear(w, &in->to_server);
	queue_clear(w, &in->to_client);
	set_context(w, in, NULL);
	if (!w->closing) { /* or the pipe may be gone already */
		pipe_forget(in->pipe, in);
		m_object_unref(w, &in->pipe->obj);
	}
	gu_free(in);
}

static void end_destroy(struct m_world *w, struct m_object *obj)
{
	struct end *e = (struct end *)obj;
	struct instance *in = e->instance;

	if (!in) {
		return;
	}
	/* What was sent to the closed end is lost; what it sent stays. */
	if (e->server) {
		in->server = NULL;
		queue_clear(w, &in->to_server);
	} else {
		in->client = NULL;
		queue_clear(w, &in->to_client);
	}
	if (in->state == STATE_CONNECTED) {
		in->state = STATE_CLOSING;
	}
	if (!in->server && !in->client) {
		instance_free(w, in);
	}
}

/* A new end with one reference. It carries the pipe's name and a copy of its
 * descriptor, so that it can stand for the pipe. */
static enum gu_rc
end_new(struct m_ctx *c, struct instance *in, bool server, struct end **out)
{
	struct gu_sd sd = GU_SD_INIT;
	struct end *e = gu_calloc(1, sizeof(*e));
	enum gu_rc rc;

	if (!e) {
		return gu_err_nomem(c->err);
	}
	rc = gu_sd_copy(&sd, &in->pipe->obj.sd, c->err);
	if (rc) {
		gu_free(e);
		return rc;
	}
	m_object_init(c->w, &e->obj, GU_OBJ_pipe, in->pipe->obj.name, &sd);
	e->obj.destroy = end_destroy;
	e->server = server;
	*out = e;
	return GU_RC_OK;
}

/* A listening instance of `pipe`, of which it takes over one reference. */
static enum gu_rc
instance_new(struct m_ctx *c, struct pipe *pipe, struct instance **out)
{
	struct instance *in = gu_calloc(1, sizeof(*in));
	struct instance **at = &pipe->instances;
	enum gu_rc rc;

	if (!in) {
		m_object_unref(c->w, &pipe->obj);
		return gu_err_nomem(c->err);
	}
	while (*at) {
		at = &(*at)->next;
	}
	*at = in;
	in->pipe = pipe;
	pipe->count++;
	in->state = STATE_LISTENING;
	in->nowait = (m_uint(c, 3, 0) & MODE_NOWAIT) != 0;
	rc = end_new(c, in, true, &in->server);
	if (rc) {
		instance_free(c->w, in);
		return rc;
	}
	in->server->instance = in;
	*out = in;
	return GU_RC_OK;
}

/* NULL in `*out` when the caller may not give it its descriptor: `*nt`. */
static enum gu_rc pipe_new(struct m_ctx *c, uint32_t direction, uint32_t max,
			   struct pipe **out, uint32_t *nt)
{
	const char *name = gu_arena_strdup(&c->w->arena, m_str(c, 0));
	struct pipe *pipe = gu_calloc(1, sizeof(*pipe));
	const struct m_place place = { .type = GU_OBJ_pipe };
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc;

	if (!pipe || !name) {
		gu_free(pipe);
		return gu_err_nomem(c->err);
	}
	*out = NULL;
	rc = m_sd_for_new(c, m_str(c, 1), &place, &sd, nt);
	if (rc || *nt) {
		gu_free(pipe);
		return rc;
	}
	m_object_init(c->w, &pipe->obj, GU_OBJ_pipe, name, &sd);
	m_object_publish(c->w, &pipe->obj);
	pipe->direction = direction;
	pipe->max = max;
	*out = pipe;
	return GU_RC_OK;
}

/* the server's side */

bool m_is_pipe_name(const char *name)
{
	static const char prefix[] = "\\\\.\\pipe\\";

	return !gu_strncasecmp(name, prefix, sizeof(prefix) - 1) &&
	       name[sizeof(prefix) - 1] != '\0';
}

static uint32_t server_access(uint32_t direction)
{
	const struct gu_objtype_row *row = gu_objtype_row(GU_OBJ_pipe);
	uint32_t access = 0;

	if (direction & ACCESS_INBOUND) {
		access |= row->map.read;
	}
	if (direction & ACCESS_OUTBOUND) {
		access |= row->map.write;
	}
	return access;
}

/* Ends the call with a handle; the reference it was made with goes over to
 * the handle. */
static enum gu_rc give_end(struct m_ctx *c, struct end *e, uint32_t granted)
{
	enum gu_rc rc = m_answer_handle(c, &e->obj, granted);

	m_object_unref(c->w, &e->obj);
	return rc;
}

/* The descriptor given with a further instance is not used, but it must be
 * one. */
static enum gu_rc check_sddl(struct m_ctx *c)
{
	const char *sddl = m_str(c, 1);
	struct gu_sd sd = GU_SD_INIT;
	enum gu_rc rc = sddl ? gu_sddl_parse(&sd, sddl, &c->w->machine, c->err)
			     : GU_RC_OK;

	gu_sd_release(&sd);
	return rc;
}

static enum gu_rc
further_instance(struct m_ctx *c, struct pipe *pipe, uint32_t mode)
{
	uint32_t access = server_access(mode & ACCESS_DUPLEX);
	struct instance *in;
	uint32_t granted = 0;
	uint32_t nt = m_open_check(c, &pipe->obj, access | CREATE_PIPE_INSTANCE,
				   0, &granted);
	enum gu_rc rc;

	if (!gu_nt_success(nt)) {
		return m_answer_nt(c, nt);
	}
	if (pipe->count >= pipe->max) {
		m_undecide(c);
		return m_answer_nt(c, NT_INSTANCE_NOT_AVAILABLE);
	}
	if ((mode & FIRST_PIPE_INSTANCE) ||
	    (mode & ACCESS_DUPLEX) != pipe->direction) {
		m_undecide(c);
		return m_answer_nt(c, GU_NT_ACCESS_DENIED);
	}
	rc = check_sddl(c);
	if (!rc) {
		m_object_ref(&pipe->obj);
		rc = instance_new(c, pipe, &in);
	}
	if (!rc) {
		rc = give_end(c, in->server, granted);
	}
	return rc ? rc : m_answer_ok_with(c, GU_ERROR_ALREADY_EXISTS);
}

static enum gu_rc first_instance(struct m_ctx *c, uint32_t mode, uint32_t max)
{
	uint32_t direction = mode & ACCESS_DUPLEX;
	uint32_t nt = m_create_check(c);
	struct pipe *pipe;
	struct instance *in;
	enum gu_rc rc;

	if (!gu_nt_success(nt)) {
		return m_answer_nt(c, nt);
	}
	rc = pipe_new(c, direction, max, &pipe, &nt);
	if (!rc && nt) {
		return m_answer_nt(c, nt);
	}
	if (!rc) {
		rc = instance_new(c, pipe, &in);
	}
	return rc ? rc : give_end(c, in->server, server_access(direction));
}

enum gu_rc m_fn_CreateNamedPipe(struct m_ctx *c)
{
	const char *name = m_str(c, 0);
	uint32_t mode = m_uint(c, 2, ACCESS_DUPLEX);
	uint32_t max = m_uint(c, 4, UNLIMITED_INSTANCES);
	struct m_object *obj;

	if (!m_is_pipe_name(name)) {
		return m_answer_nt(c, GU_NT_OBJECT_NAME_INVALID);
	}
	if (!(mode & ACCESS_DUPLEX) || max < 1 || max > UNLIMITED_INSTANCES) {
		return m_answer_nt(c, GU_NT_INVALID_PARAMETER);
	}
	obj = m_object_find(c->w, GU_OBJ_pipe, name);
	return obj ? further_instance(c, (struct pipe *)obj, mode)
		   : first_instance(c, mode, max);
}

/* The pipe end that argument 0 is a handle to, or NULL and the status with
 * which a pipe control code fails. Such codes ask no right of the handle. */
static struct end *find_end(const struct m_ctx *c, uint32_t *nt)
{
	const struct m_handle *h = m_handle(c, m_ref(c, 0));

	if (!h) {
		*nt = GU_NT_INVALID_HANDLE;
		return NULL;
	}
	if (h->object->type == GU_OBJ_file ||
	    h->object->type == GU_OBJ_directory) {
		*nt = GU_NT_INVALID_DEVICE_REQUEST;
		return NULL;
	}
	if (h->object->type != GU_OBJ_pipe) {
		*nt = GU_NT_OBJECT_TYPE_MISMATCH;
		return NULL;
	}
	return (struct end *)h->object;
}

/* The same, server ends only. */
static struct instance *find_instance(const struct m_ctx *c, uint32_t *nt)
{
	struct end *e = find_end(c, nt);

	if (e && !e->server) {
		*nt = GU_NT_ILLEGAL_FUNCTION;
		return NULL;
	}
	return e ? e->instance : NULL;
}

static enum gu_rc wait_for_client(struct m_ctx *c, struct instance *in)
{
	if (in->nowait) {
		return m_answer_nt(c, GU_NT_PIPE_LISTENING);
	}
	in->waiter = c->call;
	return GU_RC_PENDING;
}

/* The call that waited, when it is tried again. */
static enum gu_rc end_of_wait(struct m_ctx *c, struct instance *in)
{
	if (in->state == STATE_LISTENING) {
		return GU_RC_PENDING;
	}
	in->waiter = NULL;
	return in->state == STATE_DISCONNECTED
		       ? m_answer_nt(c, GU_NT_PIPE_DISCONNECTED)
		       : m_answer_ok(c);
}

enum gu_rc m_fn_ConnectNamedPipe(struct m_ctx *c)
{
	uint32_t nt;
	struct instance *in = find_instance(c, &nt);

	if (!in) {
		return m_answer_nt(c, nt);
	}
	if (in->waiter == c->call) {
		return end_of_wait(c, in);
	}
	switch (in->state) {
	case STATE_LISTENING:
		return wait_for_client(c, in);
	case STATE_CONNECTED:
		return m_answer_nt(c, GU_NT_PIPE_CONNECTED);
	case STATE_CLOSING:
		return m_answer_nt(c, GU_NT_PIPE_CLOSING);
	case STATE_DISCONNECTED:
		in->state = STATE_LISTENING;
		return in->nowait ? m_answer_ok(c) : wait_for_client(c, in);
	}
	return m_answer_nt(c, GU_NT_INVALID_PARAMETER);
}

enum gu_rc m_fn_DisconnectNamedPipe(struct m_ctx *c)
{
	uint32_t nt;
	struct instance *in = find_instance(c, &nt);

	if (!in) {
		return m_answer_nt(c, nt);
	}
	if (in->state == STATE_DISCONNECTED) {
		return m_answer_nt(c, GU_NT_PIPE_DISCONNECTED);
	}
	if (in->client) {
		in->client->instance = NULL;
		in->client = NULL;
	}
	queue_clear(c->w, &in->to_server);
	queue_clear(c->w, &in->to_client);
	set_context(c->w, in, NULL);
	in->state = STATE_DISCONNECTED;
	return m_answer_ok(c);
}

enum gu_rc m_fn_ImpersonateNamedPipeClient(struct m_ctx *c)
{
	uint32_t nt;
	const struct instance *in = find_instance(c, &nt);
	enum gu_rc rc;

	if (!in) {
		return m_answer_nt(c, nt);
	}
	if (!in->context ||
	    (!in->read && !c->w->settings.static_pipe_before_read)) {
		return m_answer_nt(c, GU_NT_CANNOT_IMPERSONATE);
	}
	rc = m_impersonate(c, c->thread, in->context, true, &nt);
	return rc ? rc : m_answer_nt(c, nt);
}

/* the client's side */

static struct instance *find_listening(const struct pipe *pipe)
{
	struct instance *in = pipe->instances;

	while (in && in->state != STATE_LISTENING) {
		in = in->next;
	}
	return in;
}

/* A client may not read a pipe on which the server only reads, and so on. */
static bool against_direction(const struct pipe *pipe, uint32_t granted)
{
	return ((granted & READ_DATA) && pipe->direction == ACCESS_INBOUND) ||
	       ((granted & WRITE_DATA) && pipe->direction == ACCESS_OUTBOUND);
}

static enum gu_rc connect_client(struct m_ctx *c, struct instance *in,
				 uint32_t granted, const struct gu_sqos *sqos)
{
	struct m_token *context = NULL;
	struct end *e;
	uint32_t nt = GU_NT_SUCCESS;
	enum gu_rc rc = GU_RC_OK;

	if (!sqos->dynamic) {
		rc = m_capture(c, c->thread, sqos, &context, &nt);
	}
	if (rc) {
		return rc;
	}
	if (!gu_nt_success(nt)) {
		m_undecide(c);
		return m_answer_nt(c, nt);
	}
	rc = end_new(c, in, false, &e);
	if (!rc) {
		rc = give_end(c, e, granted);
	}
	if (rc) {
		m_token_unref(c->w, context);
		return rc;
	}
	e->instance = in;
	in->client = e;
	in->state = STATE_CONNECTED;
	in->sqos = *sqos;
	in->read = false;
	set_context(c->w, in, context);
	return GU_RC_OK;
}

enum gu_rc m_pipe_open(struct m_ctx *c, const char *name, uint32_t access,
		       uint32_t flags, const struct gu_value *sqos)
{
	struct gu_sqos qos = m_sqos_or(sqos, true);
	struct m_object *obj = m_object_find(c->w, GU_OBJ_pipe, name);
	struct instance *in;
	uint32_t granted = 0;
	uint32_t nt;
	enum gu_rc rc;

	(void)flags;
	if (!obj) {
		rc = m_open_nothing(c, GU_OBJ_pipe, name, access, &nt);
		return rc ? rc : m_answer_nt(c, nt);
	}
	nt = m_open_check(c, obj, access, 0, &granted);
	if (!gu_nt_success(nt)) {
		return m_answer_nt(c, nt);
	}
	in = find_listening((struct pipe *)obj);
	if (!in || against_direction(in->pipe, granted)) {
		m_undecide(c);
		return m_answer_nt(c, in ? GU_NT_ACCESS_DENIED
					 : GU_NT_PIPE_NOT_AVAILABLE);
	}
	return connect_client(c, in, granted, &qos);
}

/* messages */

/* Why an end without anything to read can go no further, or success. */
static uint32_t end_status(const struct end *e)
{
	if (!e->instance) {
		return GU_NT_PIPE_DISCONNECTED;
	}
	switch (e->instance->state) {
	case STATE_LISTENING:
		return GU_NT_PIPE_LISTENING;
	case STATE_DISCONNECTED:
		return GU_NT_PIPE_DISCONNECTED;
	case STATE_CLOSING:
		return GU_NT_PIPE_BROKEN;
	case STATE_CONNECTED:
		break;
	}
	return GU_NT_SUCCESS;
}

static enum gu_rc read_nothing(struct m_ctx *c, const struct end *e)
{
	uint32_t nt = end_status(e);

	if (gu_nt_success(nt) && e->server && e->instance->nowait) {
		nt = NT_PIPE_EMPTY;
	}
	return gu_nt_success(nt) ? GU_RC_PENDING : m_answer_nt(c, nt);
}

enum gu_rc m_pipe_read(struct m_ctx *c, struct m_handle *h)
{
	struct end *e = (struct end *)h->object;
	struct instance *in = e->instance;
	struct message *m = NULL;
	struct m_queue *q;
	enum gu_rc rc;

	if (!(h->granted & READ_DATA)) {
		return m_answer_nt(c, GU_NT_ACCESS_DENIED);
	}
	if (in) {
		q = e->server ? &in->to_server : &in->to_client;
		m = m_queue_first(q);
	}
	if (!m) {
		return read_nothing(c, e);
	}
	rc = m_set_text(c, m->data, m->len);
	if (rc) {
		return rc;
	}
	if (e->server) {
		in->read = true;
		if (m->context) {
			set_context(c->w, in, m->context);
		}
	}
	m_queue_pop(q);
	gu_free(m);
	return m_answer_ok(c);
}

enum gu_rc
m_pipe_write(struct m_ctx *c, struct m_handle *h, const char *data, size_t len)
{
	struct end *e = (struct end *)h->object;
	struct m_token *context = NULL;
	struct message *m;
	uint32_t nt = end_status(e);
	enum gu_rc rc = GU_RC_OK;

	if (!(h->granted & WRITE_DATA)) {
		nt = GU_NT_ACCESS_DENIED;
	} else if (nt == GU_NT_PIPE_BROKEN) {
		nt = GU_NT_PIPE_CLOSING;
	} else if (gu_nt_success(nt) && !e->server &&
		   e->instance->sqos.dynamic) {
		rc = m_capture(c, c->thread, &e->instance->sqos, &context, &nt);
	}
	if (rc || !gu_nt_success(nt)) {
		return rc ? rc : m_answer_nt(c, nt);
	}
	m = gu_calloc(1, sizeof(*m) + len);
	if (!m) {
		m_token_unref(c->w, context);
		return gu_err_nomem(c->err);
	}
	m->context = context;
	m->len = len;
	if (len) {
		memcpy(m->data, data, len);
	}
	m_queue_push(e->server ? &e->instance->to_client
			       : &e->instance->to_server,
		     &m->link);
	m_set_uint(c, len);
	return m_answer_ok(c);
}
