/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include "banned.h"

/* ALPC ports. The server has one handle, to its connection port, on which
 * the requests of all clients arrive; each client has a communication port.
 * The client of a request waits for the reply, so that a dynamic context is
 * taken from its thread as late as the server asks for it. */

enum {
	PORT_CONNECT = 0x1,

	FLAG_ANONYMOUS = 0x1,     /* where the client does not allow it */
	FLAG_REQUIRE_LEVEL = 0x2, /* fail below the level in bits 2 and up */
	FLAG_LEVEL_SHIFT = 2,
};

struct port {
	struct m_object obj;
	bool client;
	/* The server's. */
	struct m_queue requests;
	struct port *clients;
	/* A client's. */
	struct port *server; /* NULL: disconnected */
	struct port *next;   /* of the server's clients */
	bool allow;          /* ALPC_PORFLG_ALLOW_IMPERSONATION */
	struct gu_sqos sqos;
	struct m_token *context; /* counted; static tracking */
};

struct request {
	struct m_link link;
	struct gu_ref ref;
	struct port *client;     /* counted */
	const struct port *port; /* that it was sent to; to compare */
	struct m_thread *thread; /* borrowed: threads outlive requests */
};

static void request_free(struct m_world *w, void *p)
{
	struct request *r = p;

	m_object_unref(w, &r->client->obj);
	gu_free(r);
}

static void requests_clear(struct m_world *w, struct port *port)
{
	struct request *r;

	while ((r = m_queue_pop(&port->requests))) {
		request_free(w, r);
	}
}

static void client_disconnect(struct port *client)
{
	struct port **at = &client->server->clients;

	while (*at != client) {
		at = &(*at)->next;
	}
	*at = client->next;
	client->server = NULL;
}

/* The last handle to a port ends its connections, even while requests keep
 * the port. */
static void port_closed(struct m_world *w, struct m_object *obj)
{
	struct port *port = (struct port *)obj;

	if (port->server) {
		client_disconnect(port);
	}
	while (port->clients) {
		client_disconnect(port->clients);
	}
	requests_clear(w, port);
}

static void port_destroy(struct m_world *w, struct m_object *obj)
{
	port_closed(w, obj);
	m_token_unref(w, ((struct port *)obj)->context);
}

/* Takes over `sd`. */
static enum gu_rc
port_new(struct m_ctx *c, const char *name, struct gu_sd *sd, struct port **out)
{
	struct port *port = gu_calloc(1, sizeof(*port));

	if (!port) {
		gu_sd_release(sd);
		return gu_err_nomem(c->err);
	}
	m_object_init(c->w, &port->obj, GU_OBJ_port, name, sd);
	port->obj.closed = port_closed;
	port->obj.destroy = port_destroy;
	*out = port;
	return GU_RC_OK;
}

/* Ends the call with a handle; the reference the port was made with goes over
 * to it. */
static enum gu_rc
give_port(struct m_ctx *c, struct port *port, uint32_t granted)
{
	enum gu_rc rc = m_answer_handle(c, &port->obj, granted);

	m_object_unref(c->w, &port->obj);
	return rc;
}

enum gu_rc m_fn_alpc_create_port(struct m_ctx *c)
{
	const struct m_place place = { .type = GU_OBJ_port };
	uint32_t nt = m_create_check(c);
	struct gu_sd sd = GU_SD_INIT;
	struct port *port;
	const char *name;
	enum gu_rc rc;

	if (gu_nt_success(nt) &&
	    m_object_find(c->w, GU_OBJ_port, m_str(c, 0))) {
		nt = GU_NT_OBJECT_NAME_COLLISION;
	}
	if (!gu_nt_success(nt)) {
		return m_answer_nt(c, nt);
	}
	name = gu_arena_strdup(&c->w->arena, m_str(c, 0));
	if (!name) {
		return gu_err_nomem(c->err);
	}
	rc = m_sd_for_new(c, m_str(c, 1), &place, &sd, &nt);
	if (rc || nt) {
		return rc ? rc : m_answer_nt(c, nt);
	}
	rc = port_new(c, name, &sd, &port);
	if (rc) {
		return rc;
	}
	m_object_publish(c->w, &port->obj);
	return give_port(c, port, gu_objtype_row(GU_OBJ_port)->map.all);
}

/* The port of one side behind an object, or NULL and the status. */
static struct port *port_of(struct m_object *obj, bool client, uint32_t *nt)
{
	struct port *port;

	if (!obj) {
		*nt = GU_NT_INVALID_HANDLE;
		return NULL;
	}
	if (obj->type != GU_OBJ_port) {
		*nt = GU_NT_OBJECT_TYPE_MISMATCH;
		return NULL;
	}
	port = (struct port *)obj;
	if (port->client != client) {
		*nt = GU_NT_INVALID_PORT_HANDLE;
		return NULL;
	}
	return port;
}

/* The same of argument 0, a handle of the caller's. */
static struct port *port_arg(const struct m_ctx *c, bool client, uint32_t *nt)
{
	const struct m_handle *h = m_handle(c, m_ref(c, 0));

	return port_of(h ? h->object : NULL, client, nt);
}

static enum gu_rc
connect_client(struct m_ctx *c, struct port *server, uint32_t granted)
{
	struct gu_sqos sqos = m_sqos_or(m_arg(c, 1), true);
	struct m_token *context = NULL;
	struct gu_sd sd = GU_SD_INIT;
	struct port *port;
	uint32_t nt = GU_NT_SUCCESS;
	enum gu_rc rc = GU_RC_OK;

	if (!sqos.dynamic) {
		rc = m_capture(c, c->thread, &sqos, &context, &nt);
	}
	if (rc) {
		return rc;
	}
	if (!gu_nt_success(nt)) {
		m_undecide(c);
		return m_answer_nt(c, nt);
	}
	rc = gu_sd_copy(&sd, &server->obj.sd, c->err);
	if (!rc) {
		rc = port_new(c, server->obj.name, &sd, &port);
	}
	if (rc) {
		m_token_unref(c->w, context);
		return rc;
	}
	port->client = true;
	port->server = server;
	port->next = server->clients;
	server->clients = port;
	port->allow = m_bool(c, 2, true);
	port->sqos = sqos;
	port->context = context;
	return give_port(c, port, granted);
}

/* The client names the port by the server's own handle, which is not one of
 * its process. */
enum gu_rc m_fn_alpc_connect(struct m_ctx *c)
{
	struct gu_ref ref = m_ref(c, 0);
	uint32_t nt;
	uint32_t granted = 0;
	struct port *server = port_of(
		ref.kind == GU_REF_HANDLE ? m_object_of(c->w, ref) : NULL,
		false, &nt);

	if (!server) {
		return m_answer_nt(c, nt);
	}
	nt = m_open_check(c, &server->obj, PORT_CONNECT, 0, &granted);
	return gu_nt_success(nt) ? connect_client(c, server, granted)
				 : m_answer_nt(c, nt);
}

enum gu_rc m_fn_alpc_send(struct m_ctx *c)
{
	uint32_t nt;
	struct port *client = port_arg(c, true, &nt);
	struct request *r;

	if (!client) {
		return m_answer_nt(c, nt);
	}
	if (!client->server) {
		return m_answer_nt(c, GU_NT_PORT_DISCONNECTED);
	}
	r = gu_calloc(1, sizeof(*r));
	if (!r) {
		return gu_err_nomem(c->err);
	}
	m_object_ref(&client->obj);
	r->client = client;
	r->port = client->server;
	r->thread = c->thread;
	m_queue_push(&client->server->requests, &r->link);
	return m_answer_ok(c);
}

enum gu_rc m_fn_alpc_receive(struct m_ctx *c)
{
	uint32_t nt;
	struct port *port = port_arg(c, false, &nt);
	struct request *r;
	enum gu_rc rc;

	if (!port) {
		return m_answer_nt(c, nt);
	}
	r = m_queue_first(&port->requests);
	if (!r) {
		return GU_RC_PENDING;
	}
	rc = m_item_add(c->w, GU_REF_MESSAGE, r, request_free, &r->ref, c->err);
	if (rc) {
		return rc;
	}
	m_queue_pop(&port->requests);
	m_set_ref(c, r->ref);
	return m_answer_ok(c);
}

/* The request of argument 1, as long as it waits on the port of argument 0;
 * NULL and the status otherwise. */
static struct request *find_request(const struct m_ctx *c, uint32_t *nt)
{
	const struct port *port = port_arg(c, false, nt);
	struct request *r = m_item_arg(c, 1, GU_REF_MESSAGE);

	if (!port) {
		return NULL;
	}
	if (!r || r->port != port) {
		*nt = GU_NT_REPLY_MESSAGE_MISMATCH;
		return NULL;
	}
	if (!r->client->server) {
		*nt = GU_NT_PORT_DISCONNECTED;
		return NULL;
	}
	return r;
}

enum gu_rc m_fn_alpc_reply(struct m_ctx *c)
{
	uint32_t nt;
	struct request *r = find_request(c, &nt);

	if (!r) {
		return m_answer_nt(c, nt);
	}
	m_item_drop(c->w, r->ref);
	return m_answer_ok(c);
}

/* Counted: whom the server would act as. */
static enum gu_rc take_context(struct m_ctx *c, const struct request *r,
			       uint32_t flags, struct m_token **out,
			       uint32_t *nt)
{
	const struct port *client = r->client;
	enum gu_rc rc = GU_RC_OK;

	*out = NULL;
	*nt = GU_NT_SUCCESS;
	if (client->allow && client->sqos.dynamic) {
		return m_capture(c, r->thread, &client->sqos, out, nt);
	}
	if (client->allow) {
		*out = client->context;
	} else if (flags & FLAG_ANONYMOUS) {
		rc = m_token_anonymous(c->w, out, c->err);
	} else {
		*nt = GU_NT_ACCESS_DENIED;
	}
	if (!rc && *out) {
		m_object_ref(&(*out)->obj);
	}
	return rc;
}

static uint32_t
check_level(const struct m_ctx *c, const struct m_token *token, uint32_t flags)
{
	uint32_t level = flags >> FLAG_LEVEL_SHIFT;

	if (!(flags & FLAG_REQUIRE_LEVEL)) {
		return GU_NT_SUCCESS;
	}
	if (token->data->level < level) {
		return GU_NT_BAD_IMPERSONATION_LEVEL;
	}
	return m_gate(c->w, c->thread->process, token) < level
		       ? GU_NT_ACCESS_DENIED
		       : GU_NT_SUCCESS;
}

enum gu_rc m_fn_NtAlpcImpersonateClientOfPort(struct m_ctx *c)
{
	uint32_t flags = m_uint(c, 2, 0);
	uint32_t nt;
	const struct request *r = find_request(c, &nt);
	struct m_token *token;
	enum gu_rc rc;

	if (!r) {
		return m_answer_nt(c, nt);
	}
	rc = take_context(c, r, flags, &token, &nt);
	if (rc || !gu_nt_success(nt)) {
		return rc ? rc : m_answer_nt(c, nt);
	}
	nt = check_level(c, token, flags);
	if (gu_nt_success(nt)) {
		rc = m_impersonate(c, c->thread, token, true, &nt);
	} else {
		m_offer(c, token);
	}
	m_token_unref(c->w, token);
	return rc ? rc : m_answer_nt(c, nt);
}
