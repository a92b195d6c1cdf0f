/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a settings file line by line through inih, and keeps to the table. */
#include "gatehouse/settings/settings.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include <ini.h>

#include "gatehouse/base/file.h"
#include "table.h"
#include "value.h"

#define FILE_MAX_BYTES ((size_t)256 * 1024)

/* A file being read. line counts from 1; lines has where each key stood, 0 for not at all. */
struct reading {
	struct gh_settings *settings;
	const char *name;
	struct gh_view rest;
	unsigned line;
	unsigned lines[GH_ROWS_MAX];
	struct gh_error error;
	unsigned error_line;
};

/* Two keys of which the first has to be below the second, or not above it. */
struct order {
	size_t low;
	size_t high;
	bool may_be_equal;
};

#define BELOW(section, low_, high_) \
	{ \
		offsetof(struct gh_settings, section.low_), \
			offsetof(struct gh_settings, section.high_), false \
	}
#define NOT_ABOVE(section, low_, high_) \
	{ \
		offsetof(struct gh_settings, section.low_), \
			offsetof(struct gh_settings, section.high_), true \
	}

static const struct order orders[] = {
	BELOW(vision, zone_left_permille, zone_right_permille),
	BELOW(vision, zone_top_permille, zone_bottom_permille),
	BELOW(vision, luminance_min_permille, luminance_max_permille),
	NOT_ABOVE(vision, frames_min, frames_max),
	NOT_ABOVE(exposure, lamp_rest_permille, lamp_start_permille),
	BELOW(transaction, warning_before_ms, document_timeout_ms),
	BELOW(transaction, warning_before_ms, capture_timeout_ms),
	NOT_ABOVE(uplink, backoff_first_ms, backoff_max_ms),
	NOT_ABOVE(uplink, renew_alarm_days, renew_warn_days),
};

void gh_settings_default(struct gh_settings *settings)
{
	memset(settings, 0, sizeof(*settings));
	for (size_t i = 0; i < gh_rows_length; i++) {
		enum gh_status status =
			gh_value_parse(&gh_rows[i], gh_rows[i].preset, settings, NULL);

		assert(status == GH_OK);
		(void)status;
	}
}

/* The first failure of the file counts, as that is where a person looks first. */
static void fail(struct reading *reading, unsigned line, const char *reason)
{
	if (reading->error_line != 0 && reading->error_line <= line)
		return;
	reading->error_line = line;
	gh_error_set(&reading->error, GH_SETTINGS, "%s:%u: %s", reading->name, line, reason);
}

static bool is_known_section(const uint8_t *name, size_t length)
{
	for (size_t i = 0; i < gh_row_sections_length; i++)
		if (strlen(gh_row_sections[i].name) == length &&
			memcmp(gh_row_sections[i].name, name, length) == 0)
			return true;
	return false;
}

/* inih tells of a section only by its first key, and passes over what follows the bracket. */
static const char *find_section_fault(struct gh_view line)
{
	const uint8_t *end = memchr(line.data, ']', line.length_bytes);
	size_t length;

	if (!end)
		return "a section that does not end with ]";
	length = (size_t)(end - line.data) - 1;
	if (!is_known_section(line.data + 1, length))
		return "no such section";
	for (end++; end < line.data + line.length_bytes; end++) {
		if (*end == ';' || *end == '#')
			break;
		if (*end != ' ' && *end != '\t' && *end != '\r')
			return "something behind the ] of a section";
	}
	return NULL;
}

static const char *find_text_fault(struct gh_view line)
{
	while (line.length_bytes > 0) {
		uint32_t code_point;
		size_t taken = gh_utf8_decode(line, &code_point);
		bool is_end = code_point == '\r' && line.length_bytes == 1;

		if (taken == 0)
			return "not UTF-8";
		if ((code_point < 0x20 && code_point != '\t' && !is_end) || code_point == 0x7F)
			return "a control character";
		line.data += taken;
		line.length_bytes -= taken;
	}
	return NULL;
}

/* inih would take an indented line for more of the value above it. */
static const char *find_indent_fault(struct gh_view line)
{
	size_t i = 0;

	while (i < line.length_bytes && strchr(" \t\r", line.data[i]))
		i++;
	if (i == 0 || i == line.length_bytes || line.data[i] == '#' || line.data[i] == ';')
		return NULL;
	return "indented: a setting begins at the start of its line";
}

static const char *find_fault(struct gh_view line, size_t room)
{
	const char *fault;

	if (line.length_bytes + 2 > room)
		return "the line is too long";
	fault = find_text_fault(line);
	if (!fault)
		fault = find_indent_fault(line);
	if (!fault && line.length_bytes > 0 && line.data[0] == '[')
		fault = find_section_fault(line);
	return fault;
}

/* The next line in the way of fgets(); NULL at the end, or where reading stops for a fault. */
static char *read_line(char *text, int room, void *context)
{
	struct reading *reading = context;
	struct gh_view line = reading->rest;
	const uint8_t *end;
	const char *fault;

	if (line.length_bytes == 0)
		return NULL;
	reading->line++;
	end = memchr(line.data, '\n', line.length_bytes);
	if (end)
		line.length_bytes = (size_t)(end - line.data);
	fault = find_fault(line, (size_t)room);
	if (fault) {
		fail(reading, reading->line, fault);
		return NULL;
	}
	memcpy(text, line.data, line.length_bytes);
	memcpy(text + line.length_bytes, "\n", 2);
	reading->rest.data += line.length_bytes + (end ? 1 : 0);
	reading->rest.length_bytes -= line.length_bytes + (end ? 1 : 0);
	return text;
}

static const struct gh_row *find_row(const char *section, const char *key)
{
	for (size_t i = 0; i < gh_rows_length; i++)
		if (strcmp(gh_rows[i].section, section) == 0 && strcmp(gh_rows[i].key, key) == 0)
			return &gh_rows[i];
	return NULL;
}

static enum gh_status take(struct reading *reading, const char *section, const char *key,
	const char *value, struct gh_error *error)
{
	const struct gh_row *row = find_row(section, key);
	unsigned *line;

	if (!row && section[0] == '\0')
		return gh_error_set(error, GH_SETTINGS, "%s: stands before the first section", key);
	if (!row)
		return gh_error_set(error, GH_SETTINGS, "[%s] has no key '%s'", section, key);
	line = &reading->lines[row - gh_rows];
	if (*line != 0)
		return gh_error_set(error, GH_SETTINGS, "%s: given before, in line %u", key, *line);
	*line = reading->line;
	return gh_value_parse(row, value, reading->settings, error);
}

/* inih's handler: what it returns is of no use to us, as it knows no reasons. */
static int handle(void *context, const char *section, const char *key, const char *value)
{
	struct reading *reading = context;
	struct gh_error error = GH_ERROR_NONE;

	if (take(reading, section, key, value, &error) != GH_OK)
		fail(reading, reading->line, error.text);
	return 1;
}

static uint32_t number_at(const struct gh_settings *settings, size_t offset)
{
	uint32_t number;

	memcpy(&number, (const char *)settings + offset, sizeof(number));
	return number;
}

static const struct gh_row *row_at(size_t offset)
{
	size_t i = 0;

	while (gh_rows[i].offset != offset)
		i++;
	return &gh_rows[i];
}

static void check_order(struct reading *reading, const struct order *order)
{
	uint32_t low = number_at(reading->settings, order->low);
	uint32_t high = number_at(reading->settings, order->high);
	const struct gh_row *low_row = row_at(order->low);
	const struct gh_row *high_row = row_at(order->high);
	unsigned low_line = reading->lines[low_row - gh_rows];
	unsigned high_line = reading->lines[high_row - gh_rows];
	struct gh_error error;

	if (low < high || (order->may_be_equal && low == high))
		return;
	gh_error_set(&error, GH_SETTINGS, "[%s] %s (%u) is not below %s%s (%u)", low_row->section,
		low_row->key, (unsigned)low, order->may_be_equal ? "or equal to " : "",
		high_row->key, (unsigned)high);
	fail(reading, low_line > high_line ? low_line : high_line, error.text);
}

/* Host and port behind a scheme that is known, and nobody's name in front of them. */
static bool is_proxy_url(const char *text)
{
	static const char *const schemes[] = { "http://", "https://", "socks5h://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t length = strlen(schemes[i]);

		if (strncmp(text, schemes[i], length) == 0)
			return text[length] != '\0' && !strpbrk(text + length, "/?#@ \\");
	}
	return text[0] == '\0';
}

static void check_proxy(struct reading *reading)
{
	const struct gh_settings_uplink *uplink = &reading->settings->uplink;
	const char *credentials = uplink->proxy_credentials;
	unsigned line =
		reading->lines[row_at(offsetof(struct gh_settings, uplink.proxy_url)) - gh_rows];
	unsigned credentials_line =
		reading->lines[row_at(offsetof(struct gh_settings, uplink.proxy_credentials)) -
			gh_rows];

	if (!is_proxy_url(uplink->proxy_url))
		fail(reading, line,
			"[uplink] proxy_url is not http, https or socks5h with host and port");
	else if (strncmp(uplink->proxy_url, "https:", 6) == 0 && uplink->proxy_ca_file[0] == '\0')
		fail(reading, line, "[uplink] a proxy by https needs proxy_ca_file");
	/* The value is not repeated: somebody may have written a password. */
	if (credentials[0] != '\0' && strncmp(credentials, "provider:", 9) != 0)
		fail(reading, credentials_line,
			"[uplink] proxy_credentials is not provider:NAME: no password here");
}

static void check_uplink(struct reading *reading)
{
	const struct gh_settings_uplink *uplink = &reading->settings->uplink;
	const struct gh_row *row = row_at(offsetof(struct gh_settings, uplink.url));

	check_proxy(reading);
	if (uplink->url[0] == '\0')
		return;
	if (uplink->ca_file[0] == '\0' || uplink->certificate_file[0] == '\0' ||
		uplink->key_file[0] == '\0')
		fail(reading, reading->lines[row - gh_rows],
			"[uplink] url needs ca_file, certificate_file and key_file");
}

static void check_issuer(struct reading *reading)
{
	const struct gh_settings_central *central = &reading->settings->central;
	const struct gh_row *file =
		row_at(offsetof(struct gh_settings, central.issuer_certificate_file));
	const struct gh_row *port = row_at(offsetof(struct gh_settings, central.enrol_port));

	if (central->issuer_certificate_file[0] != '\0' && central->issuer_key_file[0] == '\0')
		fail(reading, reading->lines[file - gh_rows],
			"[central] issuer_certificate_file needs issuer_key_file");
	if (central->issuer_certificate_file[0] == '\0' && central->enrol_port != 0)
		fail(reading, reading->lines[port - gh_rows],
			"[central] enrol_port needs issuer_certificate_file");
}

static void check_metrics(struct reading *reading)
{
	const struct gh_settings_metrics *metrics = &reading->settings->metrics;
	const struct gh_row *row = row_at(offsetof(struct gh_settings, metrics.listen_port));
	bool none = metrics->certificate_file[0] == '\0' && metrics->key_file[0] == '\0' &&
		metrics->ca_file[0] == '\0';
	bool all = metrics->certificate_file[0] != '\0' && metrics->key_file[0] != '\0' &&
		metrics->ca_file[0] != '\0';

	if (!none && !all)
		fail(reading, reading->lines[row - gh_rows],
			"[metrics] certificate_file, key_file and ca_file: one needs the others");
}

static void read_all(struct reading *reading)
{
	int stopped = ini_parse_stream(read_line, reading, handle, reading);

	if (stopped > 0)
		fail(reading, (unsigned)stopped, "neither section, setting nor comment");
	else if (stopped < 0)
		gh_error_set(&reading->error, GH_NO_MEMORY, "%s", reading->name);
	if (reading->error.status != GH_OK)
		return;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		check_order(reading, &orders[i]);
	check_uplink(reading);
	check_issuer(reading);
	check_metrics(reading);
}

/* inih would take the mark off its copy of the first line only, behind our look at the line. */
static struct gh_view without_mark(struct gh_view text)
{
	static const uint8_t mark[] = { 0xEF, 0xBB, 0xBF };

	if (text.length_bytes < sizeof(mark) || memcmp(text.data, mark, sizeof(mark)) != 0)
		return text;
	return (struct gh_view){ text.data + sizeof(mark), text.length_bytes - sizeof(mark) };
}

enum gh_status gh_settings_parse(
	struct gh_view text, const char *name, struct gh_settings *settings, struct gh_error *error)
{
	struct reading reading = { .settings = settings, .name = name, .rest = without_mark(text) };

	gh_settings_default(settings);
	read_all(&reading);
	if (reading.error.status == GH_OK)
		return GH_OK;
	gh_settings_default(settings);
	return gh_error_set(error, reading.error.status, "%s", reading.error.text);
}

enum gh_status gh_settings_load(
	const char *path, struct gh_settings *settings, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(path, FILE_MAX_BYTES, &text, error);

	if (status == GH_OK)
		status = gh_settings_parse(gh_bytes_view(&text), path, settings, error);
	else
		gh_settings_default(settings);
	gh_bytes_finish(&text);
	return status;
}
