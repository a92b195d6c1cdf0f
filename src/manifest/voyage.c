/* SPDX-License-Identifier: Apache-2.0 */
/* A voyage in memory. */
#include "gatehouse/manifest/voyage.h"

#include <stdlib.h>
#include <string.h>

#include "document.h"

const char *gh_boarding_name(enum gh_boarding boarding)
{
	static const char *const names[] = {
		[GH_BOARDING_LISTED] = "listed",
		[GH_BOARDING_ON_BOARD] = "on_board",
		[GH_BOARDING_NOT_ON_BOARD] = "not_on_board",
		[GH_BOARDING_REMOVED] = "removed",
	};
	size_t i = (size_t)boarding;

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : "unknown";
}

const char *gh_person_kind_name(enum gh_person_kind kind)
{
	static const char *const names[] = {
		[GH_PERSON_PASSENGER] = "passenger",
		[GH_PERSON_CREW] = "crew",
		[GH_PERSON_TRANSIT] = "transit",
	};
	size_t i = (size_t)kind;

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : "unknown";
}

void gh_voyage_finish(struct gh_voyage *voyage)
{
	if (!voyage)
		return;
	gh_wipe(voyage->persons, voyage->person_count * sizeof(voyage->persons[0]));
	free(voyage->persons);
	*voyage = (struct gh_voyage){ .persons = NULL };
}

enum gh_status gh_voyage_copy(
	const struct gh_voyage *voyage, struct gh_voyage *copy, struct gh_error *error)
{
	struct gh_person *persons = NULL;

	*copy = (struct gh_voyage){ .persons = NULL };
	if (voyage->person_count > 0) {
		persons = calloc(voyage->person_count, sizeof(persons[0]));
		if (!persons)
			return gh_error_set(error, GH_NO_MEMORY, "copy of a voyage");
		memcpy(persons, voyage->persons, voyage->person_count * sizeof(persons[0]));
	}
	*copy = *voyage;
	copy->persons = persons;
	return GH_OK;
}

size_t gh_voyage_find_document(const struct gh_voyage *voyage, const char *number,
	const char *issuer, const struct gh_person **person)
{
	struct gh_personal wanted;
	char issuer_wanted[4] = "";
	size_t found = 0;

	*person = NULL;
	if (issuer && !gh_document_issuer_set(issuer_wanted, gh_view_of_text(issuer)))
		return 0;
	gh_document_number_set(&wanted, gh_view_of_text(number));
	for (size_t i = 0; wanted.text[0] && i < voyage->person_count; i++) {
		const struct gh_person *candidate = &voyage->persons[i];

		if (candidate->boarding == GH_BOARDING_REMOVED ||
			strcmp(candidate->document.number.text, wanted.text) != 0)
			continue;
		if (issuer_wanted[0] && candidate->document.issuer[0] &&
			strcmp(candidate->document.issuer, issuer_wanted) != 0)
			continue;
		if (found++ == 0)
			*person = candidate;
	}
	gh_wipe(&wanted, sizeof(wanted));
	return found;
}

int gh_person_age(const struct gh_person *person, int64_t at_ms)
{
	char today[9];
	int years;

	if (!gh_date_is_real(person->birth))
		return -1;
	gh_date_of(at_ms, today);
	if (strcmp(person->birth, today) > 0)
		return -1;
	years = gh_date_number(today) / 10000 - gh_date_number(person->birth) / 10000;
	return strcmp(person->birth + 4, today + 4) > 0 ? years - 1 : years;
}
