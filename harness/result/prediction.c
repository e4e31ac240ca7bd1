/* SPDX-License-Identifier: MIT */
#include "prediction.h"

#include "alloc.h"
#include "banned.h"

struct gu_predictions {
	struct gu_observer
		observer; /* first: the observer is the predictions */
	struct gu_recorder *recorder;
	struct gu_buf text;
	/* The one before: scenarios ask the same again and again. The recorder
	 * keeps equal bases once, so that its pointer stands for the content
	 * until the scenario ends. */
	const struct gu_basis *basis;
	enum gu_objtype type;
	bool opens;
	struct gu_prediction last;
};

/* What a file's directory may give or refuse over its head. */
enum { FROM_DIRECTORY = GU_DELETE | 0x80 /* FILE_READ_ATTRIBUTES */ };

static bool has_directory(enum gu_objtype type)
{
	return type == GU_OBJ_file || type == GU_OBJ_directory;
}

/* SeDebugPrivilege opens processes and threads past their descriptors. */
static bool debug_opens(const struct gu_token *token, enum gu_objtype type)
{
	return (type == GU_OBJ_process || type == GU_OBJ_thread) &&
	       gu_token_has_priv(token, GU_PRIV_Debug);
}

static void by_level(const struct gu_basis *basis, struct gu_prediction *out)
{
	*out = (struct gu_prediction){
		.reason = { .code = GU_REASON_LEVEL,
			    .level = (uint8_t)basis->token->level,
			    .bits = basis->desired },
	};
}

static void by_debug(const struct gu_basis *basis,
		     const struct gu_generic_mapping *map,
		     struct gu_prediction *out)
{
	uint32_t mask = basis->desired & GU_MAXIMUM_ALLOWED
				? map->all
				: gu_mask_map(basis->desired, map);

	*out = (struct gu_prediction){
		.granted = true,
		.mask = mask,
		.reason = { .code = GU_REASON_FROM_PRIVILEGE,
			    .bits = mask,
			    .detail = GU_PRIV_Debug },
	};
}

enum gu_rc gu_predict(const struct gu_basis *basis, enum gu_objtype type,
		      bool opens, struct gu_prediction *out, struct gu_err *err)
{
	const struct gu_token *token = basis->token;
	const struct gu_access_request request = {
		.sd = basis->sd,
		.token = token,
		.map = &gu_objtype_row(type)->map,
		.desired = basis->desired,
		.flags = basis->flags,
	};
	struct gu_access_result result;

	if (opens && token->type == GU_TOKEN_IMPERSONATION &&
	    token->level < GU_LEVEL_IMPERSONATION) {
		by_level(basis, out);
		return GU_RC_OK;
	}
	if (opens && basis->desired && debug_opens(token, type)) {
		by_debug(basis, request.map, out);
		return GU_RC_OK;
	}
	gu_access_check(&request, &result);
	if (result.rc) {
		return gu_err_nomem(err);
	}
	*out = (struct gu_prediction){ .granted = result.granted,
				       .mask = result.mask,
				       .reason = result.reason };
	return GU_RC_OK;
}

/* All but AccessCheck, which asks about a token that it is given. */
static bool is_open(enum gu_fn fn)
{
	return fn != GU_FN_AccessCheck;
}

/* What the target answered, where that was a decision. */
struct answer {
	bool granted;
	uint32_t mask; /* 0: it did not say */
};

static struct answer answer_of(const struct gu_record *row)
{
	bool opens = is_open(row->fn);
	uint32_t mask = row->decision.granted;

	return (struct answer){
		.granted = mask || (opens && row->status.ok),
		.mask = mask,
	};
}

static bool can_be_predicted(const struct gu_record *row)
{
	enum gu_objtype type = row->decision.type;
	uint32_t code = row->decision.reason.code;

	if (!row->decision.made || !row->basis || type == GU_OBJ_NONE ||
	    code == GU_REASON_DENIED_PARENT_ACE ||
	    code == GU_REASON_ALLOWED_PARENT_ACE) {
		return false;
	}
	if (!row->basis->sd && !row->basis->below_level) {
		return false;
	}
	/* What was read afterwards is what it set. */
	return row->fn != GU_FN_SetNamedSecurityInfo || !row->status.ok;
}

/* True where a directory above, of which nothing is known, may have made the
 * difference. */
static bool may_be_the_directory(const struct gu_record *row,
				 const struct gu_prediction *p,
				 const struct answer *a)
{
	const struct gu_basis *basis = row->basis;
	struct gu_prediction own;
	struct gu_basis rest = *basis;

	if (!has_directory(row->decision.type)) {
		return false;
	}
	if (!a->granted) {
		return !gu_token_has_priv(basis->token, GU_PRIV_ChangeNotify);
	}
	if (p->granted) {
		return !((p->mask ^ a->mask) & ~(uint32_t)FROM_DIRECTORY);
	}
	rest.desired = gu_mask_map(basis->desired,
				   &gu_objtype_row(row->decision.type)->map) &
		       ~(uint32_t)FROM_DIRECTORY;
	return !rest.desired ||
	       (!gu_predict(&rest, row->decision.type, true, &own, NULL) &&
		own.granted);
}

/* Rights that Windows gives along with a stronger one, whatever the
 * descriptor says of them (its documentation of PROCESS_QUERY_INFORMATION,
 * THREAD_QUERY_INFORMATION and THREAD_SET_INFORMATION). */
static uint32_t given_along(enum gu_objtype type, uint32_t mask)
{
	uint32_t also = 0;

	if (type == GU_OBJ_process && (mask & 0x400)) {
		also |= 0x1000;
	}
	if (type == GU_OBJ_thread && (mask & 0x40)) {
		also |= 0x800;
	}
	if (type == GU_OBJ_thread && (mask & 0x20)) {
		also |= 0x400;
	}
	return also;
}

static bool differs(const struct gu_record *row, const struct gu_prediction *p)
{
	const struct answer a = answer_of(row);

	uint32_t more = a.mask & ~p->mask;

	if (p->granted == a.granted &&
	    (!p->granted || !a.mask ||
	     (!(p->mask & ~a.mask) &&
	      !(more & ~given_along(row->decision.type, p->mask))))) {
		return false;
	}
	return !may_be_the_directory(row, p, &a);
}

static void add_granted(struct gu_buf *out, bool granted, uint32_t mask,
			enum gu_objtype type)
{
	gu_buf_adds(out, granted ? "granted" : "denied");
	if (granted && mask) {
		gu_buf_addc(out, ' ');
		gu_rights_format(mask, type, out);
	}
}

/* "open of event x as MACHINE\\bob, asking for EVENT_MODIFY_STATE, was granted
 * EVENT_MODIFY_STATE; predicted: denied, since ..." */
static void tell(struct gu_buf *out, const struct gu_record *row,
		 const struct gu_prediction *p)
{
	const struct gu_decision *d = &row->decision;
	const struct answer a = answer_of(row);

	gu_buf_addf(out, "%s of %s %s as %s, asking for ",
		    gu_fn_row(row->fn)->name, gu_objtype_row(d->type)->name,
		    d->object ? d->object : "without a name",
		    row->who.name ? row->who.name : "an unnamed identity");
	gu_rights_format(d->asked, d->type, out);
	gu_buf_adds(out, ", was ");
	add_granted(out, a.granted, a.mask, d->type);
	if (!row->status.ok) {
		gu_buf_adds(out, " with ");
		gu_record_status(&row->status, out);
	}
	gu_buf_adds(out, "; predicted: ");
	add_granted(out, p->granted, p->mask, d->type);
	gu_buf_adds(out, " (");
	gu_reason_format(&p->reason, out);
	gu_buf_addc(out, ')');
}

static void report(struct gu_predictions *p, const struct gu_record *row,
		   const struct gu_event *e)
{
	struct gu_record about = *row; /* rows move */
	struct gu_record *finding;
	uint32_t step;

	gu_buf_reset(&p->text);
	tell(&p->text, row, &p->last);
	if (p->text.oom) {
		gu_recorder_lose(p->recorder);
		return;
	}
	step = gu_recorder_finding(
		p->recorder, e->call->thread, &e->before, e->via, e->call->line,
		gu_rule_name(GU_RULE_prediction),
		gu_rule_cwe(GU_RULE_prediction), p->text.data, GU_VERDICT_NONE);
	finding = step ? gu_recorder_row(p->recorder, step) : NULL;
	if (finding) {
		finding->fn = about.fn;
		finding->basis = about.basis;
		finding->object = about.decision.object;
		finding->decision.type = about.decision.type;
	}
}

static void on_call(struct gu_observer *self, const struct gu_event *e)
{
	struct gu_predictions *p = (struct gu_predictions *)self;
	uint32_t step = gu_recorder_step(p->recorder);
	const struct gu_record *row;
	bool opens;

	row = step && !e->injected ? gu_recorder_row(p->recorder, step) : NULL;
	if (!row || !can_be_predicted(row)) {
		return;
	}
	opens = is_open(row->fn);
	if (row->basis != p->basis || row->decision.type != p->type ||
	    opens != p->opens) {
		p->basis = NULL;
		if (gu_predict(row->basis, row->decision.type, opens, &p->last,
			       NULL)) {
			gu_recorder_lose(p->recorder);
			return;
		}
		p->basis = row->basis;
		p->type = row->decision.type;
		p->opens = opens;
	}
	if (differs(row, &p->last)) {
		report(p, row, e);
	}
}

enum gu_rc gu_predictions_new(struct gu_recorder *r,
			      struct gu_predictions **out, struct gu_err *err)
{
	struct gu_predictions *p = gu_calloc(1, sizeof(*p));

	if (!p) {
		return gu_err_nomem(err);
	}
	p->observer.call = on_call;
	p->recorder = r;
	gu_buf_init(&p->text);
	*out = p;
	return GU_RC_OK;
}

void gu_predictions_free(struct gu_predictions *p)
{
	if (!p) {
		return;
	}
	gu_buf_release(&p->text);
	gu_free(p);
}

void gu_predictions_begin(struct gu_predictions *p)
{
	p->basis = NULL;
}

struct gu_observer *gu_predictions_observer(struct gu_predictions *p)
{
	return &p->observer;
}
