/* SPDX-License-Identifier: Apache-2.0 */
/* Specimen lists, voyages and pictures. */
#include "support/manifest/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *either(const char *text, const char *usual)
{
	return text ? text : usual;
}

static void must(enum gh_status status, const struct gh_error *error)
{
	if (status == GH_OK)
		return;
	fprintf(stderr, "test support: %s: %s\n", gh_status_name(status), error ? error->text : "");
	abort();
}

void list_begin(struct gh_bytes *text, const struct list *list)
{
	must(gh_bytes_print(text, NULL,
		     "UNB+UNOA:3+S+R+%s+%s'\nUNH+M1+PAXLST:D:05B:UN:IATA'\nBGM+%s'\n",
		     either(list->sent, "261124:0830"), either(list->reference, "REF1"),
		     either(list->bgm, "745")),
		NULL);
	if (list->revision)
		must(gh_bytes_print(text, NULL, "RFF+TN:X:::%s'\n", list->revision), NULL);
	must(gh_bytes_print(text, NULL,
		     "TDT+20+%s'\nLOC+125+UTA'\nDTM+189:%s:201'\nLOC+87+UTB'\n"
		     "DTM+232:2611241515:201'\n",
		     either(list->flight, "ZZ123"), either(list->departure, "2611241200")),
		NULL);
}

void list_person(struct gh_bytes *text, const char *segments)
{
	must(gh_bytes_append(text, segments, strlen(segments), NULL), NULL);
}

void list_specimen(struct gh_bytes *text, unsigned n)
{
	must(gh_bytes_print(text, NULL,
		     "NAD+FL+++SPECIMEN%u:ANNA'\nATT+2++F'\nDTM+329:%u%02u%02u'\nNAT+2+UTO'\n"
		     "RFF+AVF:L%u'\nRFF+ABO:U%u'\nDOC+P+N%07u'\nDTM+36:320415'\nLOC+91+UTO'\n",
		     n, 1950 + n % 50, 1 + n % 12, 1 + n % 28, n / 3, n, n),
		NULL);
}

void list_end(struct gh_bytes *text, const struct list *list)
{
	unsigned segments = 0;

	for (size_t i = 0; i < text->length_bytes; i++)
		segments += text->data[i] == '\'';
	must(gh_bytes_print(text, NULL, "UNT+%u+M1'\nUNZ+1+%s'\n", segments,
		     either(list->reference, "REF1")),
		NULL);
}

void list_parse(const struct gh_bytes *text, struct gh_paxlst *paxlst)
{
	struct gh_error error = GH_ERROR_NONE;

	must(gh_paxlst_parse(gh_bytes_view(text), LIST_TODAY_MS, paxlst, &error), &error);
}

void list_voyage(struct gh_voyage *voyage, unsigned count, uint32_t portraits_each)
{
	static const struct list list;
	struct gh_bytes text = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	struct gh_paxlst paxlst;

	list_begin(&text, &list);
	for (unsigned n = 0; n < count; n++)
		list_specimen(&text, n);
	list_end(&text, &list);
	list_parse(&text, &paxlst);
	*voyage = (struct gh_voyage){ .persons = NULL };
	must(gh_voyage_apply(voyage, &paxlst, 0, &error), &error);
	for (size_t i = 0; i < voyage->person_count; i++)
		voyage->persons[i].portrait_count = portraits_each;
	gh_paxlst_finish(&paxlst);
	gh_bytes_finish(&text);
}

static enum gh_status portrait(void *ctx, const struct gh_person *person, uint32_t index,
	struct gh_bytes *picture, struct gh_error *error)
{
	size_t length = 1 + (person->row * 37 + index * 1009) % 5000;
	enum gh_status status;

	(void)ctx;
	gh_bytes_clear(picture);
	status = gh_bytes_reserve(picture, length, error);
	if (status != GH_OK)
		return status;
	for (size_t i = 0; i < length; i++)
		picture->data[i] = (uint8_t)(person->row * 31 + index * 7 + i * 13);
	picture->length_bytes = length;
	return GH_OK;
}

void list_picture(const struct gh_person *person, uint32_t index, struct gh_bytes *picture)
{
	must(portrait(NULL, person, index, picture, NULL), NULL);
}

struct gh_bundle_source list_pictures(void)
{
	return (struct gh_bundle_source){ NULL, portrait };
}
