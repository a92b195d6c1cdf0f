/* SPDX-License-Identifier: Apache-2.0 */
/* Names, texts and remedies of the statuses, from the one list. */
#include "gatehouse/base/status.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "lower.h"

struct row {
	char name[WORD_BYTES];
	const char *text;
	enum gh_remedy remedy;
};

#define STATUS_ROW(name, remedy, text) { #name, text, GH_REMEDY_##remedy },
static struct row rows[] = { GH_STATUS_LIST(STATUS_ROW) };

#define STATUS_FITS(name, remedy, text) _Static_assert(sizeof(#name) <= WORD_BYTES, #name);
GH_STATUS_LIST(STATUS_FITS)

static pthread_once_t rows_once = PTHREAD_ONCE_INIT;

static void lower_rows(void)
{
	for (size_t i = 0; i < GH_STATUS_COUNT; i++)
		lower(rows[i].name);
}

static bool known(enum gh_status status)
{
	return (unsigned)status < GH_STATUS_COUNT;
}

const char *gh_status_name(enum gh_status status)
{
	pthread_once(&rows_once, lower_rows);
	return known(status) ? rows[status].name : "unknown";
}

const char *gh_status_text(enum gh_status status)
{
	return known(status) ? rows[status].text : "a status that is not in the list";
}

enum gh_remedy gh_status_remedy(enum gh_status status)
{
	return known(status) ? rows[status].remedy : GH_REMEDY_DEVELOPER;
}

const char *gh_remedy_name(enum gh_remedy remedy)
{
	switch (remedy) {
	case GH_REMEDY_NONE:
		return "none";
	case GH_REMEDY_TRAVELLER:
		return "traveller";
	case GH_REMEDY_OFFICER:
		return "officer";
	case GH_REMEDY_LATER:
		return "later";
	case GH_REMEDY_TECHNICIAN:
		return "technician";
	case GH_REMEDY_DEVELOPER:
		return "developer";
	}
	return "unknown";
}
