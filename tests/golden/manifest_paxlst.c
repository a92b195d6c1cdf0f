/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PAXLST as it occurs: every tests/golden/paxlst/NAME.edi is read as of 24 November 2026 and must
 * give what stands in NAME.txt. In the .edi files \xHH is a byte and \ at the end of a line takes
 * the line break away. `golden_manifest_paxlst --write` writes the .txt files, to be read before
 * they are committed.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/file.h"
#include "gatehouse/manifest/paxlst.h"

enum {
	FILES_MAX = 200,
	PATH_BYTES = 1024,
	FILE_BYTES_MAX = 1 << 20
};

static const char *folder(void)
{
	static char path[PATH_BYTES];
	const char *source = getenv("GATEHOUSE_SOURCE_DIR");

	snprintf(path, sizeof(path), "%s/tests/golden/paxlst", source ? source : ".");
	return path;
}

static void place(const char *name, const char *suffix, char *path, size_t size)
{
	int length = snprintf(path, size, "%s/%.63s%s", folder(), name, suffix);

	assert_in_range(length, 1, size - 1);
}

static void read_text(const char *name, const char *suffix, struct gh_bytes *bytes)
{
	char path[PATH_BYTES + 256];
	struct gh_error error = GH_ERROR_NONE;

	place(name, suffix, path, sizeof(path));
	if (gh_file_read(path, FILE_BYTES_MAX, bytes, &error) != GH_OK)
		fail_msg("%s", error.text);
}

/* Undo the escapes in place. */
static void unescape(struct gh_bytes *bytes)
{
	size_t used = 0;

	for (size_t i = 0; i < bytes->length_bytes; i++) {
		const uint8_t *at = bytes->data + i;
		size_t left = bytes->length_bytes - i;
		char digits[3] = "";

		if (left >= 2 && at[0] == '\\' && at[1] == '\n') {
			i++;
		} else if (left >= 4 && at[0] == '\\' && at[1] == 'x') {
			memcpy(digits, at + 2, 2);
			bytes->data[used++] = (uint8_t)strtoul(digits, NULL, 16);
			i += 3;
		} else {
			bytes->data[used++] = at[0];
		}
	}
	bytes->length_bytes = used;
}

static void print(struct gh_bytes *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void print(struct gh_bytes *text, const char *format, ...)
{
	char line[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	assert_int_equal(gh_bytes_append(text, line, strlen(line), NULL), GH_OK);
}

static void print_time(struct gh_bytes *text, const char *what, int64_t time_ms)
{
	char written[GH_TIME_TEXT_BYTES] = "unknown";

	if (time_ms != 0) {
		gh_time_format(time_ms, written);
		written[16] = '\0';
	}
	print(text, "%s %s\n", what, written);
}

static void print_person(struct gh_bytes *text, const struct gh_person *p)
{
	print(text, "%u %s|%s|%s|%c|%s|%s|%s|%s|%s|%s|%s|%s\n", (unsigned)p->row,
		gh_person_kind_name(p->kind), p->surname.text, p->given_names.text, p->sex,
		p->birth, p->nationality, p->document.type, p->document.issuer,
		p->document.number.text, p->document.expiry, p->locator.text, p->reference.text);
}

static void describe(struct gh_view file, size_t from_bytes, struct gh_bytes *text)
{
	struct gh_paxlst p;
	size_t end_bytes;
	bool more;
	struct gh_error error = GH_ERROR_NONE;
	int64_t today_ms;
	enum gh_status status;

	assert_int_equal(gh_time_parse("2026-11-24T12:00:00Z", &today_ms, NULL), GH_OK);
	status = gh_paxlst_parse_from(file, from_bytes, today_ms, &p, &error);
	if (status != GH_OK) {
		assert_null(p.voyage.persons);
		print(text, "%s: %s\n", gh_status_name(status), error.text);
		return;
	}
	print(text, "%s%s%s%s%s\n", gh_paxlst_purpose_name(p.purpose),
		p.replaces_list ? " replacing" : "",
		p.boarding_stated && p.on_board_list ? " on board" : "",
		p.boarding_stated && !p.on_board_list ? " not on board" : "",
		p.revision[0] ? " revised" : "");
	print(text, "voyage %s %s from %s to %s, reference %s, revision %s\n", p.voyage.carrier,
		p.voyage.number, p.voyage.from, p.voyage.to, p.reference.text, p.revision);
	print_time(text, "sent", p.sent_ms);
	print_time(text, "departs", p.departure_local_ms);
	print_time(text, "arrives", p.arrival_local_ms);
	for (size_t i = 0; i < p.voyage.person_count; i++)
		print_person(text, &p.voyage.persons[i]);
	for (size_t i = 0; i < p.warning_count; i++)
		print(text, "warning: segment %u: %s\n", (unsigned)p.warnings[i].segment,
			p.warnings[i].text);
	end_bytes = p.end_bytes;
	more = p.more;
	gh_paxlst_finish(&p);
	if (more) {
		print(text, "--- next interchange\n");
		describe(file, end_bytes, text);
	}
}

static char names[FILES_MAX][64];
static size_t name_count;

static int by_name(const void *left, const void *right)
{
	return strcmp(left, right);
}

static void list_names(void)
{
	DIR *dir = opendir(folder());

	if (!dir) {
		fprintf(stderr, "%s cannot be opened\n", folder());
		exit(1);
	}
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		char *dot = strrchr(entry->d_name, '.');

		if (!dot || strcmp(dot, ".edi") != 0 || name_count == FILES_MAX)
			continue;
		snprintf(names[name_count++], sizeof(names[0]), "%.*s", (int)(dot - entry->d_name),
			entry->d_name);
	}
	closedir(dir);
	qsort(names, name_count, sizeof(names[0]), by_name);
}

static void make(const char *name, struct gh_bytes *text)
{
	struct gh_bytes file = GH_BYTES_EMPTY;

	read_text(name, ".edi", &file);
	unescape(&file);
	describe(gh_bytes_view(&file), 0, text);
	gh_bytes_finish(&file);
}

static void every_file_gives_what_is_written(void **state)
{
	size_t differing = 0;

	assert_true(name_count > 40);
	for (size_t i = 0; i < name_count; i++) {
		struct gh_bytes text = GH_BYTES_EMPTY;
		struct gh_bytes expected = GH_BYTES_EMPTY;

		make(names[i], &text);
		read_text(names[i], ".txt", &expected);
		if (!gh_view_equal(gh_bytes_view(&text), gh_bytes_view(&expected))) {
			print_error("%s.edi gives\n%.*s\n", names[i], (int)text.length_bytes,
				(const char *)text.data);
			differing++;
		}
		gh_bytes_finish(&expected);
		gh_bytes_finish(&text);
	}
	print_message("%zu files\n", name_count);
	assert_int_equal(differing, 0);
}

/* Wherever a file is cut, it is refused, or gives all persons that the whole gives. */
static void no_cut_loses_a_person_in_silence(void **state)
{
	for (size_t i = 0; i < name_count; i++) {
		struct gh_bytes file = GH_BYTES_EMPTY;
		struct gh_paxlst whole;

		read_text(names[i], ".edi", &file);
		unescape(&file);
		if (gh_paxlst_parse(gh_bytes_view(&file), 0, &whole, NULL) != GH_OK)
			memset(&whole, 0, sizeof(whole));
		for (size_t cut = 0; cut < file.length_bytes; cut++) {
			struct gh_paxlst p;
			uint8_t *copy = malloc(cut ? cut : 1);

			assert_non_null(copy);
			memcpy(copy, file.data, cut);
			if (gh_paxlst_parse((struct gh_view){ copy, cut }, 0, &p, NULL) == GH_OK) {
				assert_int_equal(p.voyage.person_count, whole.voyage.person_count);
				gh_paxlst_finish(&p);
			}
			free(copy);
		}
		gh_paxlst_finish(&whole);
		gh_bytes_finish(&file);
	}
}

static int write_all(void)
{
	for (size_t i = 0; i < name_count; i++) {
		struct gh_bytes text = GH_BYTES_EMPTY;
		char path[PATH_BYTES + 256];

		make(names[i], &text);
		place(names[i], ".txt", path, sizeof(path));
		if (gh_file_replace(path, gh_bytes_view(&text), 0644, NULL) != GH_OK)
			return 1;
		gh_bytes_finish(&text);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_gives_what_is_written),
		cmocka_unit_test(no_cut_loses_a_person_in_silence),
	};

	list_names();
	if (argc == 2 && strcmp(argv[1], "--write") == 0)
		return write_all();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
