/* SPDX-License-Identifier: MIT */
#include "world.h"

#include "text.h"

#include "banned.h"

void m_object_init(struct m_world *w, struct m_object *obj,
		   enum gu_objtype type, const char *name, struct gu_sd *sd)
{
	obj->type = type;
	obj->refs = 1;
	obj->name = name;
	obj->sd = *sd;
	*sd = (struct gu_sd)GU_SD_INIT;
	obj->prev = NULL;
	obj->next = w->objects;
	if (w->objects) {
		w->objects->prev = obj;
	}
	w->objects = obj;
}

void m_object_ref(struct m_object *obj)
{
	obj->refs++;
}

static void unlink_object(struct m_world *w, struct m_object *obj)
{
	if (obj->prev) {
		obj->prev->next = obj->next;
	} else {
		w->objects = obj->next;
	}
	if (obj->next) {
		obj->next->prev = obj->prev;
	}
}

static void unpublish(struct m_world *w, struct m_object *obj);

void m_object_free(struct m_world *w, struct m_object *obj)
{
	unlink_object(w, obj);
	unpublish(w, obj);
	if (obj->destroy) {
		obj->destroy(w, obj);
	}
	gu_sd_release(&obj->sd);
	gu_free(obj);
}

void m_object_unref(struct m_world *w, struct m_object *obj)
{
	if (!obj || w->closing || --obj->refs) {
		return;
	}
	m_object_free(w, obj);
}

void m_item_unref(struct m_world *w, void *obj)
{
	m_object_unref(w, obj);
}

/* A name without what is written in several ways. */
struct canon {
	unsigned root; /* prefix that counts, by number; 0: none */
	const char *p;
	size_t n;
};

struct prefix {
	const char *text;
	unsigned root;
};

static const struct prefix file_prefixes[] = {
	{ "\\??\\", 0 },
	{ "\\\\?\\", 0 },
	{ "\\\\.\\", 0 },
	{ NULL, 0 },
};

static const struct prefix key_prefixes[] = {
	{ "HKEY_LOCAL_MACHINE", 1 },
	{ "HKLM", 1 },
	{ "\\Registry\\Machine", 1 },
	{ "HKEY_CURRENT_USER", 2 },
	{ "HKCU", 2 },
	{ "HKEY_USERS", 3 },
	{ "HKU", 3 },
	{ "\\Registry\\User", 3 },
	{ "HKEY_CLASSES_ROOT", 4 },
	{ "HKCR", 4 },
	{ NULL, 0 },
};

static const struct prefix pipe_prefixes[] = {
	{ "\\\\.\\pipe\\", 0 },
	{ "\\??\\pipe\\", 0 },
	{ "\\Device\\NamedPipe\\", 0 },
	{ NULL, 0 },
};

/* All processes run in one session, where these are the same place. */
static const struct prefix kernel_prefixes[] = {
	{ "Local\\", 0 },
	{ "Global\\", 0 },
	{ "\\BaseNamedObjects\\", 0 },
	{ NULL, 0 },
};

static const struct prefix no_prefixes[] = { { NULL, 0 } };

static const struct prefix *prefixes(enum gu_objtype type)
{
	switch (type) {
	case GU_OBJ_file:
	case GU_OBJ_directory:
		return file_prefixes;
	case GU_OBJ_key:
		return key_prefixes;
	case GU_OBJ_pipe:
		return pipe_prefixes;
	case GU_OBJ_event:
	case GU_OBJ_mutex:
	case GU_OBJ_semaphore:
	case GU_OBJ_job:
	case GU_OBJ_section:
		return kernel_prefixes;
	case GU_OBJ_process:
	case GU_OBJ_thread:
	case GU_OBJ_token:
	case GU_OBJ_service:
	case GU_OBJ_port:
	case GU_OBJ_COUNT:
		break;
	}
	return no_prefixes;
}

static char fold(char ch)
{
	if (ch >= 'A' && ch <= 'Z') {
		return (char)(ch + ('a' - 'A'));
	}
	return ch == '/' ? '\\' : ch;
}

static struct canon canonical(enum gu_objtype type, const char *name)
{
	struct canon c = { .root = 0, .p = name, .n = 0 };

	for (const struct prefix *p = prefixes(type); p->text; p++) {
		size_t n = strlen(p->text);

		if (!gu_strncasecmp(name, p->text, n)) {
			c.root = p->root;
			c.p = name + n;
			break;
		}
	}
	c.n = strlen(c.p);
	while (c.n > 1 && fold(c.p[c.n - 1]) == '\\') {
		c.n--;
	}
	return c;
}

static bool canon_equal(const struct canon *a, const struct canon *b)
{
	if (a->root != b->root || a->n != b->n) {
		return false;
	}
	for (size_t i = 0; i < a->n; i++) {
		if (fold(a->p[i]) != fold(b->p[i])) {
			return false;
		}
	}
	return true;
}

/* Files and directories share one name space. */
static enum gu_objtype space(enum gu_objtype type)
{
	return type == GU_OBJ_directory ? GU_OBJ_file : type;
}

static struct m_object **
bucket(struct m_world *w, enum gu_objtype type, const struct canon *c)
{
	uint32_t h = 2166136261u ^ (uint32_t)space(type) ^ (c->root << 8);

	for (size_t i = 0; i < c->n; i++) {
		h = (h ^ (unsigned char)fold(c->p[i])) * 16777619u;
	}
	return &w->names[h % M_BUCKETS];
}

void m_object_publish(struct m_world *w, struct m_object *obj)
{
	struct canon c = canonical(obj->type, obj->name);
	struct m_object **at = bucket(w, obj->type, &c);

	while (*at) {
		at = &(*at)->chain;
	}
	*at = obj;
	obj->chain = NULL;
	obj->named = true;
}

static void unpublish(struct m_world *w, struct m_object *obj)
{
	struct canon c;
	struct m_object **at;

	if (!obj->named) {
		return;
	}
	c = canonical(obj->type, obj->name);
	for (at = bucket(w, obj->type, &c); *at; at = &(*at)->chain) {
		if (*at == obj) {
			*at = obj->chain;
			break;
		}
	}
	obj->named = false;
}

static struct m_object *
find(struct m_world *w, enum gu_objtype type, const struct canon *want)
{
	struct m_object *obj = *bucket(w, type, want);

	for (; obj; obj = obj->chain) {
		struct canon have;

		if (space(obj->type) != space(type)) {
			continue;
		}
		have = canonical(obj->type, obj->name);
		if (canon_equal(&have, want)) {
			break;
		}
	}
	return obj;
}

struct m_object *
m_object_find(struct m_world *w, enum gu_objtype type, const char *name)
{
	struct canon want = canonical(type, name);

	return find(w, type, &want);
}

struct m_object *m_object_parent(struct m_world *w, enum gu_objtype type,
				 const char *name, size_t up)
{
	struct canon want = canonical(type, name);

	for (; up; up--) {
		if (!want.n) {
			return NULL;
		}
		do {
			want.n--;
		} while (want.n && fold(want.p[want.n]) != '\\');
	}
	return want.n || want.root ? find(w, type, &want) : NULL;
}

struct m_object *m_object_of(struct m_world *w, struct gu_ref ref)
{
	void *p = m_item(w, ref);

	if (!p) {
		return NULL;
	}
	switch (ref.kind) {
	case GU_REF_OBJECT:
		return p;
	case GU_REF_TOKEN:
		return &((struct m_token *)p)->obj;
	case GU_REF_PROCESS:
		return &((struct m_process *)p)->obj;
	case GU_REF_THREAD:
		return &((struct m_thread *)p)->obj;
	case GU_REF_HANDLE:
		return ((struct m_handle *)p)->object;
	case GU_REF_NONE:
	case GU_REF_ACCOUNT:
	case GU_REF_DDE_SERVICE:
	case GU_REF_HCONV:
	case GU_REF_HWND:
	case GU_REF_RPC_SERVER:
	case GU_REF_RPC_BINDING:
	case GU_REF_RPC_CALL:
	case GU_REF_CTXT:
	case GU_REF_COM_SERVER:
	case GU_REF_COM_PROXY:
	case GU_REF_COM_CALL:
	case GU_REF_SOCKET:
	case GU_REF_MESSAGE:
	case GU_REF_KIND_COUNT:
		break;
	}
	return NULL;
}
