/* SPDX-License-Identifier: MIT */
#include "access_gate.h"
#include "access_pass.h"

#include "banned.h"

#define STATUS_SUCCESS   0u
#define STATUS_DENIED    0xC0000022u
#define STATUS_PRIVILEGE 0xC0000061u

/* What privileges give to an open for backup, next to the type's own generic
 * rights. Keys know no FILE_TRAVERSE: there the bit is another right. */
#define BACKUP_GIVES (GU_READ_CONTROL | GU_ACCESS_SYSTEM_SECURITY)
#define RESTORE_GIVES \
	(GU_WRITE_DAC | GU_WRITE_OWNER | GU_ACCESS_SYSTEM_SECURITY | GU_DELETE)
#define FILE_TRAVERSE 0x20u

struct check {
	const struct gu_access_request *req;
	bool maximum;
	uint32_t need;         /* asked for by name and not granted yet */
	uint32_t by_privilege; /* granted ahead of the DACL */
	uint32_t allowed;      /* what the mandatory label leaves */
	uint32_t ceiling;      /* what trust label and filters leave at all */
	struct gu_why ceiling_why;
	uint32_t status;
	gu_privset used;
	struct gu_why why;
	struct gu_condition_source conditions;
	struct gu_object_node *nodes;
	size_t count;
	struct gu_object_node single; /* where there is no list */
};

uint32_t gu_mask_map(uint32_t mask, const struct gu_generic_mapping *map)
{
	if (!(mask & GU_GENERIC_BITS)) {
		return mask;
	}
	if (mask & GU_GENERIC_READ) {
		mask |= map->read;
	}
	if (mask & GU_GENERIC_WRITE) {
		mask |= map->write;
	}
	if (mask & GU_GENERIC_EXECUTE) {
		mask |= map->execute;
	}
	if (mask & GU_GENERIC_ALL) {
		mask |= map->all;
	}
	return mask & ~GU_GENERIC_BITS;
}

static bool deny_by(struct check *c, const struct gu_why *why)
{
	c->status = STATUS_DENIED;
	c->why = *why;
	return false;
}

static bool deny(struct check *c, uint32_t code, uint32_t bits)
{
	const struct gu_why why = { .code = code, .bits = bits };

	return deny_by(c, &why);
}

static void tell(const struct check *c, enum gu_access_stage stage,
		 const struct gu_why *what)
{
	const struct gu_access_step step = { .stage = stage,
					     .code = what->code,
					     .bits = what->bits,
					     .left = c->need,
					     .detail = what->detail,
					     .ace = what->ace };

	gu_access_tell(c->req, &step);
}

/* Marks `bits` as given by a privilege. */
static void grant_privilege(struct check *c, enum gu_priv priv, uint32_t bits)
{
	uint32_t hit = c->need & bits;

	if (c->maximum) {
		hit |= bits & ~(uint32_t)GU_ACCESS_SYSTEM_SECURITY;
	}
	if (!hit) {
		return;
	}
	c->need &= ~hit;
	c->by_privilege |= hit;
	c->used |= GU_PRIV_BIT(priv);
	c->why = (struct gu_why){ .code = GU_REASON_FROM_PRIVILEGE,
				  .bits = hit,
				  .detail = priv };
	tell(c, GU_STAGE_PRIVILEGE, &c->why);
}

static void check_backup(struct check *c)
{
	const struct gu_token *token = c->req->token;
	const struct gu_generic_mapping *map = c->req->map;
	uint32_t traverse = map->execute & FILE_TRAVERSE;

	if (!(c->req->flags & GU_CHECK_BACKUP_INTENT)) {
		return;
	}
	if (gu_token_has_priv(token, GU_PRIV_Backup)) {
		grant_privilege(c, GU_PRIV_Backup,
				BACKUP_GIVES | map->read | traverse);
	}
	if (gu_token_has_priv(token, GU_PRIV_Restore)) {
		grant_privilege(c, GU_PRIV_Restore, RESTORE_GIVES | map->write);
	}
}

static bool check_gate(struct check *c, enum gu_access_stage stage,
		       const struct gu_gate *gate, uint32_t *allowed)
{
	const struct gu_why why = { .code = gate->code,
				    .bits = c->maximum
						    ? ~gate->leaves
						    : c->need & ~gate->leaves,
				    .ace = gate->ace };

	if (gate->open) {
		return true;
	}
	*allowed &= gate->leaves;
	if (allowed == &c->ceiling) {
		c->ceiling_why = why;
	}
	tell(c, stage, &why);
	if (c->need & ~gate->leaves) {
		const struct gu_why refusal = { .code = gate->code,
						.bits = c->need & ~gate->leaves,
						.ace = gate->ace };

		return deny_by(c, &refusal);
	}
	return true;
}

static bool check_trust(struct check *c)
{
	struct gu_gate gate;

	gu_gate_trust(c->req, &gate);
	return check_gate(c, GU_STAGE_TRUST, &gate, &c->ceiling);
}

static bool check_filters(struct check *c)
{
	const struct gu_sd *sd = c->req->sd;

	for (uint32_t i = 0; gu_sd_has_sacl(sd) && i < sd->sacl.count; i++) {
		const struct gu_ace *ace = &sd->sacl.aces[i];
		struct gu_gate gate;

		if (ace->type != GU_ACE_ACCESS_FILTER ||
		    (ace->flags & GU_ACE_INHERIT_ONLY)) {
			continue;
		}
		gu_gate_filter(c->req, &c->conditions, ace, &gate);
		if (!check_gate(c, GU_STAGE_FILTER, &gate, &c->ceiling)) {
			return false;
		}
	}
	return true;
}

static bool check_integrity(struct check *c)
{
	struct gu_gate gate;

	gu_gate_integrity(c->req, &gate);
	return check_gate(c, GU_STAGE_INTEGRITY, &gate, &c->allowed);
}

static bool check_system_security(struct check *c)
{
	struct gu_why why = { .code = GU_REASON_MISSING_PRIVILEGE,
			      .bits = GU_ACCESS_SYSTEM_SECURITY,
			      .detail = GU_PRIV_Security };

	if (!(c->need & GU_ACCESS_SYSTEM_SECURITY)) {
		return true;
	}
	if (!gu_token_has_priv(c->req->token, GU_PRIV_Security)) {
		tell(c, GU_STAGE_PRIVILEGE, &why);
		deny_by(c, &why);
		c->status = STATUS_PRIVILEGE;
		return false;
	}
	grant_privilege(c, GU_PRIV_Security, GU_ACCESS_SYSTEM_SECURITY);
	return true;
}

static bool check_privileges(struct check *c)
{
	const struct gu_token *token = c->req->token;

	if (!check_system_security(c)) {
		return false;
	}
	if (c->need & GU_WRITE_OWNER) {
		if (gu_token_has_priv(token, GU_PRIV_TakeOwnership)) {
			grant_privilege(c, GU_PRIV_TakeOwnership,
					GU_WRITE_OWNER);
		} else if (gu_token_has_priv(token, GU_PRIV_Relabel)) {
			grant_privilege(c, GU_PRIV_Relabel, GU_WRITE_OWNER);
		}
	}
	return true;
}

static struct gu_pass pass_of(struct check *c, enum gu_view view)
{
	const struct gu_sd *sd = c->req->sd;

	return (struct gu_pass){
		.req = c->req,
		.conditions = &c->conditions,
		.dacl = gu_sd_has_dacl(sd) ? &sd->dacl : NULL,
		.view = view,
		.stage = GU_STAGE_DACL,
		.maximum = c->maximum,
		.need = c->need,
		.nodes = c->nodes,
		.count = c->count,
	};
}

/* What all passes so far grant to each node. */
static void nodes_narrow(struct check *c, uint32_t spared)
{
	for (size_t i = 0; i < c->count; i++) {
		c->nodes[i].allowed &= c->nodes[i].granted | spared;
	}
}

/* A further pass, which can only take away from what is granted: of a
 * restricted token, of an AppContainer, of a central access rule. `spared` bits
 * need no second grant. */
static bool
check_again(struct check *c, struct gu_pass *p, uint32_t code, uint32_t spared)
{
	uint32_t before = c->nodes[0].allowed;

	p->need &= ~spared;
	if (!gu_pass_run(p) && !c->status) {
		const struct gu_why why = { .code = code,
					    .bits = p->why.bits,
					    .ace = p->why.ace };

		deny_by(c, &why);
	}
	nodes_narrow(c, spared);
	if (!c->status && c->maximum && before && !c->nodes[0].allowed) {
		deny(c, code, before);
	}
	return c->status == STATUS_SUCCESS ||
	       (c->req->flags & GU_CHECK_ALL_NODES);
}

static bool check_restricted(struct check *c)
{
	const struct gu_token *token = c->req->token;
	uint32_t reads = c->req->map->read | c->req->map->execute;
	struct gu_pass p = pass_of(c, GU_VIEW_RESTRICTED);

	if (!gu_token_is_restricted(token)) {
		return true;
	}
	p.stage = GU_STAGE_RESTRICTED;
	return check_again(c, &p, GU_REASON_RESTRICTED,
			   token->flags & GU_TOKEN_WRITE_RESTRICTED ? reads
								    : 0);
}

static bool check_container(struct check *c)
{
	struct gu_pass p = pass_of(c, GU_VIEW_CONTAINER);

	if (!gu_sid_is_set(&c->req->token->package)) {
		return true;
	}
	p.stage = GU_STAGE_CONTAINER;
	return check_again(c, &p, GU_REASON_NOT_GRANTED_TO_APPCONTAINER, 0);
}

/* Rules without a condition, or whose condition holds, each have their say. */
static bool check_policy(struct check *c, const struct gu_central_policy *cap)
{
	for (size_t i = 0; i < cap->rule_count; i++) {
		const struct gu_central_rule *rule = &cap->rules[i];
		struct gu_pass p = pass_of(c, GU_VIEW_TOKEN);
		bool go_on;

		if (rule->condition &&
		    gu_condition_ask_bytes(&c->conditions, rule->condition,
					   rule->condition_len) !=
			    GU_TRI_TRUE) {
			continue;
		}
		p.dacl = rule->dacl;
		p.stage = GU_STAGE_POLICY;
		go_on = check_again(c, &p, GU_REASON_NOT_GRANTED_BY_CAPE, 0);
		if (c->why.code == GU_REASON_NOT_GRANTED_BY_CAPE) {
			/* The rule's ACEs are not the descriptor's. */
			c->why.ace = NULL;
		}
		if (!go_on) {
			return false;
		}
	}
	return true;
}

static bool check_policies(struct check *c)
{
	const struct gu_sd *sd = c->req->sd;

	for (uint32_t i = 0; gu_sd_has_sacl(sd) && i < sd->sacl.count; i++) {
		const struct gu_ace *ace = &sd->sacl.aces[i];
		struct gu_central_recovery recovery;

		if (ace->type == GU_ACE_SCOPED_POLICY_ID &&
		    !(ace->flags & GU_ACE_INHERIT_ONLY) &&
		    !check_policy(
			    c, gu_central_find(c->req, &ace->sid, &recovery))) {
			return false;
		}
	}
	return true;
}

static void check_dacl(struct check *c)
{
	struct gu_pass p = pass_of(c, GU_VIEW_TOKEN);
	bool all_nodes = c->req->flags & GU_CHECK_ALL_NODES;

	for (size_t i = 0; i < c->count; i++) {
		c->nodes[i].allowed = UINT32_MAX;
	}
	if (!gu_pass_run(&p)) {
		deny_by(c, &p.why);
	} else if (p.why.code) {
		c->why = p.why;
	}
	nodes_narrow(c, 0);
	if ((c->status && !all_nodes) || !check_restricted(c) ||
	    !check_container(c)) {
		return;
	}
	check_policies(c);
}

/* What is granted to a node in the end. */
static uint32_t node_total(const struct check *c, size_t node)
{
	return ((c->nodes[node].allowed & c->allowed) | c->by_privilege) &
	       c->ceiling;
}

/* MAXIMUM_ALLOWED that comes to nothing is a denial. */
static void check_something(struct check *c)
{
	bool empty = c->req->sd->dacl.count == 0;
	uint32_t before = c->nodes[0].allowed | c->by_privilege;

	if (c->status || node_total(c, 0)) {
		return;
	}
	if (before && (before & c->ceiling)) {
		deny(c, GU_REASON_INTEGRITY, before);
	} else if (before) {
		deny_by(c, &c->ceiling_why);
		c->why.bits = before;
	} else {
		deny(c, empty ? GU_REASON_EMPTY_DACL : GU_REASON_NO_GRANT,
		     GU_MAXIMUM_ALLOWED);
	}
}

static void nodes_finish(struct check *c)
{
	for (size_t i = 0; i < c->count; i++) {
		uint32_t total = node_total(c, i);
		bool ok = !(c->need & ~total) && total;

		c->nodes[i].granted = ok ? total : 0;
		c->nodes[i].status = ok ? STATUS_SUCCESS : STATUS_DENIED;
	}
}

static void nodes_refuse(struct check *c)
{
	for (size_t i = 0; i < c->count; i++) {
		c->nodes[i].granted = 0;
		c->nodes[i].status = c->status;
	}
}

/* The steps of semantics 5.2. */
static void check_run(struct check *c)
{
	uint32_t desired = gu_mask_map(c->req->desired, c->req->map);

	c->maximum = desired & GU_MAXIMUM_ALLOWED;
	c->need = desired & ~(uint32_t)GU_MAXIMUM_ALLOWED;
	if (!desired) {
		deny(c, GU_REASON_NO_ACCESS_ASKED, 0);
	} else if (!c->req->sd) {
		deny(c, GU_REASON_NO_SD, desired);
	} else if (check_trust(c) && check_filters(c)) {
		check_backup(c);
		if (check_integrity(c) && check_privileges(c)) {
			check_dacl(c);
			check_something(c);
			nodes_finish(c);
			return;
		}
	}
	nodes_refuse(c);
}

static void reason_fill(struct gu_reason *reason, const struct check *c)
{
	const struct gu_sd *sd = c->req->sd;
	const struct gu_ace *ace = c->why.ace;
	const struct gu_acl *acl = sd ? &sd->dacl : NULL;
	uint32_t policy;

	*reason = (struct gu_reason){ .code = c->why.code,
				      .bits = c->why.bits,
				      .detail = c->why.detail };
	if (c->why.code == GU_REASON_INTEGRITY) {
		gu_sd_label(sd, &reason->detail, &policy);
		reason->detail2 = c->req->token->integrity;
		ace = gu_sd_label_ace(sd);
		acl = &sd->sacl;
	} else if (c->why.code == GU_REASON_OWNERSHIP) {
		reason->sid = sd->owner;
	} else if (c->why.code == GU_REASON_TRUST_LABEL ||
		   c->why.code == GU_REASON_FILTER_ACE) {
		acl = &sd->sacl;
	}
	if (ace) {
		reason->ace_index = (uint16_t)(ace - acl->aces);
		reason->ace_type = ace->type;
		reason->ace_flags = ace->flags;
		reason->ace_mask = ace->mask;
		reason->sid = ace->sid;
	}
}

static void out_of_memory(struct check *c)
{
	deny(c, GU_REASON_NO_MEMORY, c->need);
	nodes_refuse(c);
}

void gu_access_check(const struct gu_access_request *request,
		     struct gu_access_result *result)
{
	struct check c = { .req = request,
			   .allowed = UINT32_MAX,
			   .ceiling = UINT32_MAX,
			   .conditions = { .req = request },
			   .count = 1 };

	c.nodes = &c.single;
	if (request->type_count) {
		c.nodes = request->nodes;
		c.count = request->type_count;
	}
	check_run(&c);
	if (c.conditions.rc) {
		out_of_memory(&c);
	}
	result->rc = c.conditions.rc;
	result->granted = c.status == STATUS_SUCCESS;
	result->mask = result->granted ? c.nodes[0].granted : 0;
	result->status = c.status;
	result->privileges_used = result->granted ? c.used : 0;
	reason_fill(&result->reason, &c);
	tell(&c, GU_STAGE_RESULT, &c.why);
	gu_condition_source_release(&c.conditions);
}
