/* SPDX-License-Identifier: MIT */
#ifndef GU_FINDINGS_H
#define GU_FINDINGS_H

#include "record.h"

/* Hygiene rules: breaches seen by watching the calls of a traced world, and
 * by nothing else; but `prediction`, which is prediction.h's. Rules, CWEs and
 * texts are listed once, in rule.def. */
enum gu_rule {
#define GU_RULE(id, name, cwe, doc) GU_RULE_##id,
#include "rule.def"
#undef GU_RULE
	GU_RULE_COUNT,
};
const char *gu_rule_name(enum gu_rule rule); /* "silent-downgrade" */
const char *gu_rule_cwe(enum gu_rule rule);  /* "CWE-273" */
const char *gu_rule_doc(enum gu_rule rule);
GU_MUST_CHECK bool gu_rule_parse(enum gu_rule *out, const char *name);

struct gu_findings; /* is also a gu_observer */

/* `r` is borrowed: findings become rows there. */
GU_MUST_CHECK enum gu_rc gu_findings_new(struct gu_recorder *r,
					 struct gu_findings **out,
					 struct gu_err *err);
void gu_findings_free(struct gu_findings *f);
struct gu_observer *gu_findings_observer(struct gu_findings *f);

/* Forgets the scenario before. */
void gu_findings_begin(struct gu_findings *f);

/* The script expects to be found out: one finding of a rule, whether it was
 * seen already or is still to come. */
GU_MUST_CHECK enum gu_rc gu_findings_expect(struct gu_findings *f,
					    enum gu_rule rule, int line,
					    struct gu_err *err);

/* The scenario is over: leaks are found (`w` is the trace world), and every
 * finding is judged: declared is a pass, undeclared a fail, declared but not
 * seen a fail at the declaration's line. */
void gu_findings_end(struct gu_findings *f, struct gu_world *w);

#endif
