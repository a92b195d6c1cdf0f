/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests: look at a PAXLST file, and make or renew a voyage's bundle of it. */
#include "gatehouse/manifest/paxlst.h"

#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/file.h"
#include "gatehouse/manifest/bundle.h"
#include "gatehouse/manifest/finding.h"
#include "gatehouse/manifest/portraits.h"
#include "command.h"
#include "tables.h"

#define HALF_DAY_MINUTES 840

/* Of a day's lists in one file, sent in parts; nobody sends more. */
#define INTERCHANGES_MAX 256

static int64_t now_ms(void)
{
	const struct gh_clock *clock = gh_clock_system();

	return clock->real_ms(clock);
}

/* The interchanges of a file; those sent again are left out. */
struct list {
	struct interchange {
		struct gh_paxlst paxlst;
		size_t number; /* in the file, from 1 */
	} * items;
	size_t count;
};

static void list_finish(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		gh_paxlst_finish(&list->items[i].paxlst);
	free(list->items);
	*list = (struct list){ NULL, 0 };
}

static struct gh_view bytes_of(struct gh_view file, const struct gh_paxlst *one)
{
	return (struct gh_view){ file.data + one->begin_bytes, one->end_bytes - one->begin_bytes };
}

/* Sent again, to the byte: a reference alone may be used for every list of a day. */
static bool repeats(struct gh_view file, const struct list *list, const struct gh_paxlst *one)
{
	for (size_t i = 0; i < list->count; i++)
		if (gh_view_equal(bytes_of(file, &list->items[i].paxlst), bytes_of(file, one)))
			return true;
	return false;
}

/* Takes one over, on failure as well. */
static enum gh_status list_add(
	struct list *list, struct gh_paxlst *one, size_t number, struct gh_error *error)
{
	struct interchange *items;

	items = realloc(list->items, (list->count + 1) * sizeof(items[0]));
	if (!items) {
		gh_paxlst_finish(one);
		return gh_error_set(error, GH_NO_MEMORY, "%zu interchanges", list->count + 1);
	}
	list->items = items;
	list->items[list->count++] = (struct interchange){ *one, number };
	return GH_OK;
}

static enum gh_status parse_all(struct gh_view file, struct list *list, struct gh_error *error)
{
	size_t number = 0;
	size_t from_bytes = 0;
	enum gh_status status;
	bool more;

	do {
		struct gh_paxlst one;

		if (++number > INTERCHANGES_MAX)
			return gh_error_set(
				error, GH_TOO_LARGE, "more than %d interchanges", INTERCHANGES_MAX);
		status = gh_paxlst_parse_from(file, from_bytes, now_ms(), &one, error);
		if (status != GH_OK && number > 1)
			return gh_error_wrap(error, "interchange %zu", number);
		if (status != GH_OK)
			return status;
		from_bytes = one.end_bytes;
		more = one.more;
		if (repeats(file, list, &one))
			gh_paxlst_finish(&one);
		else
			status = list_add(list, &one, number, error);
	} while (status == GH_OK && more);
	return status;
}

static enum gh_status read_paxlst(struct call *call, struct list *list)
{
	struct gh_bytes file = GH_BYTES_EMPTY;
	enum gh_status status =
		gh_file_read(call->words[0], GH_PAXLST_BYTES_MAX, &file, &call->error);

	if (status != GH_OK)
		return status;
	status = parse_all(gh_bytes_view(&file), list, &call->error);
	if (status != GH_OK)
		gh_error_wrap(&call->error, "%s", call->words[0]);
	gh_bytes_finish(&file);
	return status;
}

/* Bring the voyage on by all that the file says, in the file's order. */
static enum gh_status apply_all(
	struct call *call, const struct list *list, int minutes, struct gh_voyage *voyage)
{
	enum gh_status status = GH_OK;

	for (size_t i = 0; i < list->count && status == GH_OK; i++)
		status = gh_voyage_apply(voyage, &list->items[i].paxlst, minutes, &call->error);
	if (status != GH_OK)
		gh_error_wrap(&call->error, "%s", call->words[0]);
	return status;
}

static void add_warnings(const struct interchange *one, json_t *warnings)
{
	const struct gh_paxlst *paxlst = &one->paxlst;

	for (size_t i = 0; i < paxlst->warning_count; i++)
		json_array_append_new(warnings,
			json_pack("{s:I,s:i,s:I,s:s}", "interchange", (json_int_t)one->number,
				"segment", (int)paxlst->warnings[i].segment, "offset_bytes",
				(json_int_t)paxlst->warnings[i].offset_bytes, "text",
				paxlst->warnings[i].text));
}

static json_t *warnings_json(const struct list *list)
{
	json_t *warnings = json_array();

	for (size_t i = 0; i < list->count; i++)
		add_warnings(&list->items[i], warnings);
	return warnings;
}

static json_t *findings_json(const struct gh_findings *findings)
{
	json_t *list = json_array();

	for (size_t i = 0; i < findings->count; i++)
		json_array_append_new(list,
			json_pack("{s:s,s:i,s:i}", "finding",
				gh_finding_name(findings->items[i].kind), "row",
				(int)findings->items[i].row, "another_row",
				(int)findings->items[i].another_row));
	return list;
}

static json_t *voyage_json(const struct gh_voyage *voyage)
{
	char id[GH_ID_TEXT_BYTES];
	char departure[GH_TIME_TEXT_BYTES];

	gh_id_format(&voyage->id, id);
	gh_time_format(voyage->departure_ms, departure);
	return json_pack("{s:s?,s:i,s:s,s:s,s:s,s:s,s:s?,s:b,s:I}", "id",
		gh_id_is_none(&voyage->id) ? NULL : id, "version", (int)voyage->version, "carrier",
		voyage->carrier, "number", voyage->number, "from", voyage->from, "to", voyage->to,
		"departure", voyage->departure_ms ? departure : NULL, "test", voyage->test,
		"persons", (json_int_t)voyage->person_count);
}

static json_t *portraits_json(const struct gh_portraits *portraits)
{
	struct gh_portraits_counts counts = gh_portraits_counts(portraits);

	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "files",
		(json_int_t)counts.files, "ignored", (json_int_t)counts.ignored, "badly_named",
		(json_int_t)counts.badly_named, "matched", (json_int_t)counts.matched, "unmatched",
		(json_int_t)counts.unmatched, "unreadable", (json_int_t)counts.unreadable,
		"doubtful", (json_int_t)counts.doubtful, "beyond", (json_int_t)counts.beyond,
		"persons_with", (json_int_t)counts.persons_with, "persons_without",
		(json_int_t)counts.persons_without);
}

static void print_report(const json_t *report)
{
	const json_t *voyage = json_object_get(report, "voyage");
	const json_t *portraits = json_object_get(report, "portraits");
	const char *departure = json_string_value(json_object_get(voyage, "departure"));
	json_t *item;
	size_t i;

	printf("%s %s, %s to %s, %s: %" JSON_INTEGER_FORMAT
	       " persons, version %" JSON_INTEGER_FORMAT "\n",
		json_string_value(json_object_get(voyage, "carrier")),
		json_string_value(json_object_get(voyage, "number")),
		json_string_value(json_object_get(voyage, "from")),
		json_string_value(json_object_get(voyage, "to")),
		departure ? departure : "no time of departure",
		json_integer_value(json_object_get(voyage, "persons")),
		json_integer_value(json_object_get(voyage, "version")));
	if (json_is_object(portraits))
		printf("portraits: %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
		       " files matched, %" JSON_INTEGER_FORMAT " persons without one\n",
			json_integer_value(json_object_get(portraits, "matched")),
			json_integer_value(json_object_get(portraits, "files")),
			json_integer_value(json_object_get(portraits, "persons_without")));
	json_array_foreach(json_object_get(report, "warnings"), i, item)
		printf("warning: interchange %" JSON_INTEGER_FORMAT
		       ", segment %" JSON_INTEGER_FORMAT ": %s\n",
			json_integer_value(json_object_get(item, "interchange")),
			json_integer_value(json_object_get(item, "segment")),
			json_string_value(json_object_get(item, "text")));
	json_array_foreach(json_object_get(report, "findings"), i, item)
		printf("row %" JSON_INTEGER_FORMAT ": %s\n",
			json_integer_value(json_object_get(item, "row")),
			json_string_value(json_object_get(item, "finding")));
}

/* What was read, what is odd; exit status 1 when anything is. */
static int report(struct call *call, const struct list *list, const struct gh_voyage *voyage,
	const struct gh_portraits *portraits)
{
	struct gh_findings findings = { 0 };
	enum gh_status status = GH_OK;
	json_t *warnings;
	json_t *all;
	bool odd;

	/* The persons of a change are known by their rows only once it is applied. */
	if (voyage->version > 0)
		status = gh_voyage_check(voyage, now_ms(), &findings, &call->error);
	if (status != GH_OK)
		return call_fail(call, status);
	warnings = warnings_json(list);
	odd = findings.count > 0 || json_array_size(warnings) > 0;
	all = json_pack("{s:o,s:o,s:o,s:s,s:o}", "voyage", voyage_json(voyage), "warnings",
		warnings, "findings", findings_json(&findings), "purpose",
		gh_paxlst_purpose_name(list->items[0].paxlst.purpose), "portraits",
		portraits ? portraits_json(portraits) : json_null());
	gh_findings_finish(&findings);
	if (call->json) {
		call_print_json(all);
	} else {
		print_report(all);
		json_decref(all);
	}
	return odd ? EXIT_FOUND : EXIT_FINE;
}

static bool read_offset(const struct call *call, int *minutes)
{
	const char *text = call_option(call, "--utc-offset", "0");
	char *end;
	long value = strtol(text, &end, 10);

	*minutes = (int)value;
	if (end != text && *end == '\0' && value >= -HALF_DAY_MINUTES && value <= HALF_DAY_MINUTES)
		return true;
	fprintf(stderr, "gatehouse: --utc-offset: minutes from -840 to 840, not \"%s\"\n", text);
	return false;
}

static enum gh_status match_portraits(
	struct call *call, struct gh_voyage *voyage, struct gh_portraits **portraits)
{
	const char *folder = call_option(call, "--portraits", NULL);

	*portraits = NULL;
	return folder ? gh_portraits_match(folder, voyage, portraits, &call->error) : GH_OK;
}

static bool begins_with_change(const struct list *list)
{
	enum gh_paxlst_purpose purpose = list->items[0].paxlst.purpose;

	return purpose != GH_PAXLST_PASSENGERS && purpose != GH_PAXLST_CREW;
}

/* A change has nothing here to be applied to: whom it names is what there is to tell. */
static enum gh_status show_change(const struct gh_paxlst *paxlst, int minutes,
	struct gh_voyage *voyage, struct gh_error *error)
{
	enum gh_status status = gh_voyage_copy(&paxlst->voyage, voyage, error);

	if (status == GH_OK && paxlst->departure_local_ms)
		voyage->departure_ms = paxlst->departure_local_ms - minutes * INT64_C(60000);
	return status;
}

static enum gh_status check_all(
	struct call *call, const struct list *list, int minutes, struct gh_voyage *voyage)
{
	if (begins_with_change(list))
		return show_change(&list->items[0].paxlst, minutes, voyage, &call->error);
	return apply_all(call, list, minutes, voyage);
}

static int run_check(struct call *call)
{
	struct list list = { NULL, 0 };
	struct gh_voyage voyage = { 0 };
	struct gh_portraits *portraits = NULL;
	int minutes;
	int result;
	enum gh_status status;

	if (!read_offset(call, &minutes))
		return EXIT_USAGE;
	status = read_paxlst(call, &list);
	if (status == GH_OK)
		status = check_all(call, &list, minutes, &voyage);
	if (status == GH_OK)
		status = match_portraits(call, &voyage, &portraits);
	result =
		status == GH_OK ? report(call, &list, &voyage, portraits) : call_fail(call, status);
	gh_portraits_finish(portraits);
	gh_voyage_finish(&voyage);
	list_finish(&list);
	return result;
}

/* Everything one import holds; finished together. */
struct import {
	struct list list;
	struct gh_voyage voyage;
	struct gh_portraits *portraits;
	struct gh_bundle *earlier; /* its portraits serve on where no folder was given */
};

static enum gh_status open_earlier(struct call *call, struct import *import)
{
	const char *path = call_option(call, "--update", NULL);
	enum gh_status status;

	if (!path)
		return GH_OK;
	status = gh_bundle_open(path, &import->earlier, &call->error);
	if (status == GH_OK)
		status = gh_voyage_copy(
			gh_bundle_voyage(import->earlier), &import->voyage, &call->error);
	return status;
}

static enum gh_status write_bundle(struct call *call, struct import *import)
{
	struct gh_bundle_source source = { 0 };

	if (import->portraits)
		source = gh_portraits_source(import->portraits);
	else if (import->earlier)
		source = gh_bundle_as_source(import->earlier);
	if (call_has(call, "--test"))
		import->voyage.test = true;
	return gh_bundle_write(
		call_option(call, "--out", ""), &import->voyage, &source, &call->error);
}

static enum gh_status import_all(struct call *call, struct import *import, int minutes)
{
	enum gh_status status = read_paxlst(call, &import->list);

	if (status == GH_OK)
		status = open_earlier(call, import);
	if (status == GH_OK)
		status = apply_all(call, &import->list, minutes, &import->voyage);
	if (status == GH_OK)
		status = match_portraits(call, &import->voyage, &import->portraits);
	if (status == GH_OK)
		status = write_bundle(call, import);
	return status;
}

static int run_import(struct call *call)
{
	struct import import = { 0 };
	enum gh_status status;
	int minutes;
	int result;

	if (!call_has(call, "--out")) {
		fputs("gatehouse: manifest import needs --out BUNDLE\n", stderr);
		return EXIT_USAGE;
	}
	if (!read_offset(call, &minutes))
		return EXIT_USAGE;
	status = import_all(call, &import, minutes);
	result = status == GH_OK ? report(call, &import.list, &import.voyage, import.portraits)
				 : call_fail(call, status);
	gh_portraits_finish(import.portraits);
	gh_bundle_close(import.earlier);
	gh_voyage_finish(&import.voyage);
	list_finish(&import.list);
	return result;
}

static const struct option_known check_options[] = {
	{ "--portraits", "FOLDER", "pictures named ISSUER-NUMBER.jpg (png, jp2)" },
	{ "--utc-offset", "MINUTES", "of the local times in the message" },
	{ NULL, NULL, NULL },
};

static const struct option_known import_options[] = {
	{ "--out", "BUNDLE", "the bundle to write" },
	{ "--portraits", "FOLDER", "pictures named ISSUER-NUMBER.jpg (png, jp2)" },
	{ "--update", "BUNDLE", "the version that this message brings on" },
	{ "--utc-offset", "MINUTES", "of the local times in the message" },
	{ "--test", NULL, "a test voyage: no lane in service takes it" },
	{ NULL, NULL, NULL },
};

const struct command manifest_commands[] = {
	{ "manifest check", "PAXLST", 1, 1,
		"Read a PAXLST file and say what is wrong or odd, by segment and row.",
		"gatehouse manifest check flight.edi --portraits portraits/", check_options,
		run_check },
	{ "manifest import", "PAXLST", 1, 1, "Make a voyage's bundle, or its next version.",
		"gatehouse manifest import flight.edi --portraits portraits/ --out flight.bundle",
		import_options, run_import },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
