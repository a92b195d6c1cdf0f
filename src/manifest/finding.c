/* SPDX-License-Identifier: Apache-2.0 */
/* The check of a voyage's persons. */
#include "gatehouse/manifest/finding.h"

#include <stdlib.h>
#include <string.h>

#include "document.h"

enum {
	EXPIRY_YEARS_MAX = 50,
	AGE_YEARS_MAX = 130
};

const char *gh_finding_name(enum gh_finding_kind kind)
{
	static const char *const names[GH_FINDING_KINDS] = {
		[GH_FINDING_NO_NAME] = "no_name",
		[GH_FINDING_NO_DOCUMENT] = "no_document",
		[GH_FINDING_NO_ISSUER] = "no_issuer",
		[GH_FINDING_NO_PORTRAIT] = "no_portrait",
		[GH_FINDING_DUPLICATE_DOCUMENT] = "duplicate_document",
		[GH_FINDING_DOCUMENT_EXPIRED] = "document_expired",
		[GH_FINDING_EXPIRY_IMPLAUSIBLE] = "expiry_implausible",
		[GH_FINDING_NO_BIRTH] = "no_birth",
		[GH_FINDING_BIRTH_IMPLAUSIBLE] = "birth_implausible",
	};

	return (size_t)kind < GH_FINDING_KINDS ? names[kind] : "unknown";
}

void gh_findings_finish(struct gh_findings *findings)
{
	if (!findings)
		return;
	free(findings->items);
	*findings = (struct gh_findings){ NULL, 0, 0 };
}

static bool add(
	struct gh_findings *findings, enum gh_finding_kind kind, uint32_t row, uint32_t another_row)
{
	if (findings->count == findings->capacity) {
		size_t capacity = findings->capacity ? findings->capacity * 2 : 64;
		struct gh_finding *items = realloc(findings->items, capacity * sizeof(items[0]));

		if (!items)
			return false;
		findings->items = items;
		findings->capacity = capacity;
	}
	findings->items[findings->count++] = (struct gh_finding){ kind, row, another_row };
	return true;
}

static int years_between(const char *earlier, const char *later)
{
	return gh_date_number(later) / 10000 - gh_date_number(earlier) / 10000;
}

static bool check_birth(struct gh_findings *findings, const struct gh_person *p, const char *today)
{
	if (p->birth[0] == '\0')
		return add(findings, GH_FINDING_NO_BIRTH, p->row, 0);
	if (!gh_date_is_real(p->birth) || strcmp(p->birth, today) > 0 ||
		years_between(p->birth, today) > AGE_YEARS_MAX)
		return add(findings, GH_FINDING_BIRTH_IMPLAUSIBLE, p->row, 0);
	return true;
}

static bool check_expiry(struct gh_findings *findings, const struct gh_person *p, const char *today)
{
	const char *expiry = p->document.expiry;

	if (expiry[0] == '\0')
		return true;
	if (!gh_date_is_real(expiry) || abs(years_between(today, expiry)) > EXPIRY_YEARS_MAX)
		return add(findings, GH_FINDING_EXPIRY_IMPLAUSIBLE, p->row, 0);
	if (strcmp(expiry, today) < 0)
		return add(findings, GH_FINDING_DOCUMENT_EXPIRED, p->row, 0);
	return true;
}

static bool check_document(struct gh_findings *findings, const struct gh_document_index *index,
	const struct gh_person *p)
{
	const struct gh_person *first;
	bool several;

	if (p->document.number.text[0] == '\0')
		return add(findings, GH_FINDING_NO_DOCUMENT, p->row, 0);
	if (p->document.issuer[0] == '\0' && !add(findings, GH_FINDING_NO_ISSUER, p->row, 0))
		return false;
	first = gh_document_index_find(index, &p->document, &several);
	if (several && first->row != p->row)
		return add(findings, GH_FINDING_DUPLICATE_DOCUMENT, p->row, first->row);
	return true;
}

static bool check_person(struct gh_findings *findings, const struct gh_document_index *index,
	const struct gh_person *p, const char *today)
{
	if (!p->surname.text[0] && !p->given_names.text[0] &&
		!add(findings, GH_FINDING_NO_NAME, p->row, 0))
		return false;
	if (p->portrait_count == 0 && !add(findings, GH_FINDING_NO_PORTRAIT, p->row, 0))
		return false;
	return check_document(findings, index, p) && check_birth(findings, p, today) &&
		check_expiry(findings, p, today);
}

enum gh_status gh_voyage_check(const struct gh_voyage *voyage, int64_t at_ms,
	struct gh_findings *findings, struct gh_error *error)
{
	struct gh_document_index index;
	enum gh_status status;
	char today[9];

	*findings = (struct gh_findings){ NULL, 0, 0 };
	gh_date_of(at_ms, today);
	status = gh_document_index_make(&index, voyage, error);
	for (size_t i = 0; status == GH_OK && i < voyage->person_count; i++) {
		const struct gh_person *person = &voyage->persons[i];

		if (person->boarding != GH_BOARDING_REMOVED &&
			!check_person(findings, &index, person, today))
			status = gh_error_set(error, GH_NO_MEMORY, "findings of a voyage");
	}
	gh_document_index_finish(&index);
	if (status != GH_OK)
		gh_findings_finish(findings);
	return status;
}
