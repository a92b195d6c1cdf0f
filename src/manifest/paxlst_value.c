/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a PAXLST message: codes, numbers, dates, names. */
#include <stdio.h>
#include <string.h>

#include "document.h"
#include "gatehouse/base/clock.h"
#include "paxlst_reader.h"

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static char upper(uint8_t c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

bool gh_paxlst_code(struct gh_view view, char *code, size_t size)
{
	memset(code, 0, size);
	/* "D<<" as it stands in the document's own zone. */
	while (view.length_bytes > 0 && view.data[view.length_bytes - 1] == '<')
		view.length_bytes--;
	if (view.length_bytes == 0 || view.length_bytes >= size)
		return false;
	for (size_t i = 0; i < view.length_bytes; i++) {
		code[i] = upper(view.data[i]);
		if (!is_digit((uint8_t)code[i]) && !(code[i] >= 'A' && code[i] <= 'Z')) {
			memset(code, 0, size);
			return false;
		}
	}
	return true;
}

bool gh_paxlst_number(struct gh_view view, uint64_t *number)
{
	*number = 0;
	if (view.length_bytes == 0 || view.length_bytes > 18)
		return false;
	for (size_t i = 0; i < view.length_bytes; i++) {
		if (!is_digit(view.data[i]))
			return false;
		*number = *number * 10 + (uint64_t)(view.data[i] - '0');
	}
	return true;
}

static int digits(const uint8_t *text, size_t count)
{
	int value = 0;

	for (size_t i = 0; i < count; i++)
		value = value * 10 + (text[i] - '0');
	return value;
}

static int year_of(const char *date)
{
	return digits((const uint8_t *)date, 4);
}

/* A two-digit year: the latest that is not in the future, or the one nearest to today. */
static int full_year(const char *today, int year, enum gh_paxlst_century century)
{
	int this_year = year_of(today);
	int full = this_year - this_year % 100 + year;

	if (century == GH_CENTURY_BIRTH)
		return full > this_year ? full - 100 : full;
	if (full - this_year > 49)
		return full - 100;
	return this_year - full > 50 ? full + 100 : full;
}

/* Digits of a date or time: how many of them are the year, and whether a clock time follows. */
struct layout {
	size_t length;
	size_t year;
	bool has_time;
};

static const struct layout layouts[] = {
	{ 6, 2, false },
	{ 8, 4, false },
	{ 10, 2, true },
	{ 12, 4, true },
};

/*
 * 2379: 101 YYMMDD, 102 CCYYMMDD, 201 YYMMDDHHMM, 203 CCYYMMDDHHMM. The length says it as well, and
 * is believed where the two disagree. Any other code (2 is DDMMYY) is not read here.
 */
static const struct layout *layout_of(struct gh_view value, struct gh_view format)
{
	static const char *const codes[] = { "", "101", "102", "201", "203" };
	bool known = false;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		known |= gh_view_equal(format, gh_view_of_text(codes[i]));
	for (size_t i = 0; known && i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].length == value.length_bytes)
			return &layouts[i];
	return NULL;
}

static bool all_digits(struct gh_view value)
{
	for (size_t i = 0; i < value.length_bytes; i++)
		if (!is_digit(value.data[i]))
			return false;
	return value.length_bytes > 0;
}

/* CCYYMMDD of a year and four digits; false when there is no such day. */
static bool put_date(int year, const uint8_t *month_and_day, char date[9])
{
	for (size_t i = 4; i-- > 0; year /= 10)
		date[i] = (char)('0' + year % 10);
	memcpy(date + 4, month_and_day, 4);
	date[8] = '\0';
	return gh_date_is_real(date);
}

/* The date part; *date is set only where the day exists. */
static bool to_date(const char *today, struct gh_view value, const struct layout *layout,
	enum gh_paxlst_century century, char date[9])
{
	const uint8_t *month_and_day = value.data + layout->year;
	int year = digits(value.data, layout->year);
	char tried[9];

	if (layout->year == 2)
		year = full_year(today, year, century);
	if (!put_date(year, month_and_day, tried))
		return false;
	/* Born this year, but later than today: the century before. */
	if (century == GH_CENTURY_BIRTH && layout->year == 2 && strcmp(tried, today) > 0 &&
		!put_date(year - 100, month_and_day, tried))
		return false;
	memcpy(date, tried, sizeof(tried));
	return true;
}

bool gh_paxlst_date(const struct gh_paxlst_reader *reader, unsigned element,
	enum gh_paxlst_century century, char date[9])
{
	struct gh_view value = gh_edifact_trimmed(&reader->in, element, 2);
	const struct layout *layout = layout_of(value, gh_edifact_trimmed(&reader->in, element, 3));

	date[0] = '\0';
	return layout && all_digits(value) && to_date(reader->today, value, layout, century, date);
}

static bool to_time(const char *date, const uint8_t *clock, int64_t *time_ms)
{
	char text[32];

	snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:00Z", date, date + 4, date + 6,
		clock ? (const char *)clock : "00", clock ? (const char *)clock + 2 : "00");
	return gh_time_parse(text, time_ms, NULL) == GH_OK;
}

static bool read_time(
	const char *today, struct gh_view value, const struct layout *layout, int64_t *time_ms)
{
	char date[9];

	*time_ms = 0;
	return layout && all_digits(value) &&
		to_date(today, value, layout, GH_CENTURY_NEAREST, date) &&
		to_time(date, layout->has_time ? value.data + layout->year + 4 : NULL, time_ms);
}

bool gh_paxlst_time(const struct gh_paxlst_reader *reader, unsigned element, int64_t *time_ms)
{
	struct gh_view value = gh_edifact_trimmed(&reader->in, element, 2);
	struct gh_view format = gh_edifact_trimmed(&reader->in, element, 3);

	return read_time(reader->today, value, layout_of(value, format), time_ms);
}

bool gh_paxlst_sent(const struct gh_paxlst_reader *reader, int64_t *time_ms)
{
	struct gh_view date = gh_edifact_trimmed(&reader->in, 4, 1);
	struct gh_view clock = gh_edifact_trimmed(&reader->in, 4, 2);
	uint8_t both[12];
	struct gh_view value = { both, date.length_bytes + clock.length_bytes };

	*time_ms = 0;
	if ((date.length_bytes != 6 && date.length_bytes != 8) || clock.length_bytes != 4)
		return false;
	memcpy(both, date.data, date.length_bytes);
	memcpy(both + date.length_bytes, clock.data, clock.length_bytes);
	return read_time(
		reader->today, value, layout_of(value, (struct gh_view){ NULL, 0 }), time_ms);
}

void gh_paxlst_name(struct gh_paxlst_reader *reader, struct gh_view view, struct gh_personal *name)
{
	bool odd = false;

	if (!gh_charset_decode(reader->charset, view, name, &odd))
		gh_paxlst_warn(
			reader, "a name or number was cut to %zu bytes", sizeof(name->text) - 1);
	if (odd && !reader->odd_bytes) {
		reader->odd_bytes = true;
		gh_paxlst_warn(reader,
			"bytes that syntax %s does not allow, here for the first time",
			reader->in.syntax_id);
	}
}
