/* SPDX-License-Identifier: Apache-2.0 */
/* Document numbers, their index, and dates. */
#include "document.h"

#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/clock.h"

void gh_document_number_set(struct gh_personal *number, struct gh_view text)
{
	uint8_t kept[sizeof(number->text)];
	size_t used = 0;

	for (size_t i = 0; i < text.length_bytes && used < sizeof(kept); i++) {
		uint8_t c = text.data[i];

		if (c == ' ' || c == '<' || c == '\t')
			continue;
		kept[used++] = c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
	}
	gh_personal_set(number, (struct gh_view){ kept, used });
	gh_wipe(kept, sizeof(kept));
}

bool gh_document_issuer_set(char issuer[4], struct gh_view text)
{
	size_t used = 0;

	memset(issuer, 0, 4);
	for (size_t i = 0; i < text.length_bytes; i++) {
		uint8_t c = text.data[i];

		if (c == ' ' || c == '<')
			continue;
		if (used == 3)
			return false;
		issuer[used++] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
	}
	return true;
}

int gh_document_order(const struct gh_travel_document *a, const struct gh_travel_document *b)
{
	int order = strcmp(a->number.text, b->number.text);

	return order ? order : strcmp(a->issuer, b->issuer);
}

static int by_document(const void *left, const void *right)
{
	const struct gh_person *a = *(struct gh_person *const *)left;
	const struct gh_person *b = *(struct gh_person *const *)right;
	int order = gh_document_order(&a->document, &b->document);

	return order ? order : (a > b) - (a < b);
}

enum gh_status gh_document_index_make(
	struct gh_document_index *index, const struct gh_voyage *voyage, struct gh_error *error)
{
	*index = (struct gh_document_index){ NULL, 0 };
	index->persons = calloc(voyage->person_count + 1, sizeof(struct gh_person *));
	if (!index->persons)
		return gh_error_set(error, GH_NO_MEMORY, "index of documents");
	for (size_t i = 0; i < voyage->person_count; i++) {
		struct gh_person *person = &voyage->persons[i];

		if (person->document.number.text[0] && person->boarding != GH_BOARDING_REMOVED)
			index->persons[index->count++] = person;
	}
	qsort(index->persons, index->count, sizeof(struct gh_person *), by_document);
	return GH_OK;
}

static bool stands_at(
	const struct gh_document_index *index, size_t at, const struct gh_travel_document *document)
{
	return at < index->count && gh_document_order(&index->persons[at]->document, document) == 0;
}

struct gh_person *gh_document_index_find(const struct gh_document_index *index,
	const struct gh_travel_document *document, bool *several)
{
	size_t low = 0;
	size_t high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (gh_document_order(&index->persons[middle]->document, document) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*several = stands_at(index, low, document) && stands_at(index, low + 1, document);
	return stands_at(index, low, document) ? index->persons[low] : NULL;
}

void gh_document_index_finish(struct gh_document_index *index)
{
	free(index->persons);
	*index = (struct gh_document_index){ NULL, 0 };
}

static int number_of(const char *digits, size_t count)
{
	int number = 0;

	for (size_t i = 0; i < count; i++)
		number = number * 10 + (digits[i] - '0');
	return number;
}

static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

int gh_date_number(const char *date)
{
	return number_of(date, 8);
}

bool gh_date_is_real(const char *text)
{
	int month;
	int day;

	if (strlen(text) != 8 || strspn(text, "0123456789") != 8)
		return false;
	month = number_of(text + 4, 2);
	day = number_of(text + 6, 2);
	return month >= 1 && month <= 12 && day >= 1 && day <= days_of(number_of(text, 4), month);
}

void gh_date_of(int64_t real_ms, char date[9])
{
	char text[GH_TIME_TEXT_BYTES];

	gh_time_format(real_ms, text);
	memcpy(date, text, 4);
	memcpy(date + 4, text + 5, 2);
	memcpy(date + 6, text + 8, 2);
	date[8] = '\0';
}
