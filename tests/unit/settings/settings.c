/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the settings file: every key by its own row, every refusal with its line. */
#include "gatehouse/settings/settings.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/base/file.h"
#include "support/folder.h"
#include "table.h"

static void accept(const char *text, struct gh_settings *settings)
{
	struct gh_error error = GH_ERROR_NONE;

	if (gh_settings_parse(gh_view_of_text(text), "f", settings, &error) != GH_OK)
		fail_msg("%s", error.text);
}

/* The text is refused with exactly this story, and the settings are the defaults. */
static void refuse_view(struct gh_view text, const char *story)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_settings settings;
	struct gh_settings untouched;

	assert_int_equal(gh_settings_parse(text, "f", &settings, &error), GH_SETTINGS);
	assert_int_equal(error.status, GH_SETTINGS);
	assert_string_equal(error.text, story);
	gh_settings_default(&untouched);
	assert_memory_equal(&settings, &untouched, sizeof(settings));
}

static void refuse(const char *text, const char *story)
{
	refuse_view(gh_view_of_text(text), story);
}

static void an_empty_file_is_all_defaults(void **state)
{
	struct gh_settings settings;

	accept("", &settings);
	assert_string_equal(settings.lane.id, "lane-1");
	assert_int_equal(settings.lane.purpose, GH_PURPOSE_DEMO);
	assert_int_equal(settings.lane.direction, GH_DIRECTION_EXIT);
	assert_false(settings.lane.rehearsal);
	assert_string_equal(settings.camera.driver, "");
	assert_string_equal(settings.vision.engine, "onnxruntime");
	assert_true(settings.vision.flip);
	assert_int_equal(settings.gallery.fpir_target_ppm, 3000);
	assert_int_equal(settings.gallery.drop_after_departure_minutes, 120);
	assert_int_equal(settings.gallery.hours_max, 96);
	assert_int_equal(settings.retention.other_hours, 96);
	assert_true(settings.outbox.size_max_bytes == UINT64_C(2147483648));
	assert_int_equal(settings.log.level, GH_LOG_INFO);
}

static void a_file_as_people_write_it(void **state)
{
	struct gh_settings settings;

	accept("# a lane\r\n"
	       "\r\n"
	       "[lane] ; the lane\r\n"
	       "id = north-3\r\n"
	       "port=XXPRT\n"
	       "purpose = service ; real\n"
	       "mode: booth\n"
	       "traffic = sea\n"
	       "\t; indented comment\n"
	       "rehearsal = yes\n"
	       "[camera]\n"
	       "driver = camera/replay\n"
	       "address = /var/lib/a folder/b\n"
	       "options = loop=yes,rate=30\n"
	       "width_px = 640\n"
	       "[outbox]\n"
	       "size_max_bytes = 1099511627776\n"
	       "[log]\n"
	       "level = debug\n"
	       "[lane]\n"
	       "notice_file = caf\xC3\xA9.txt",
		&settings);
	assert_string_equal(settings.lane.id, "north-3");
	assert_string_equal(settings.lane.port, "XXPRT");
	assert_int_equal(settings.lane.purpose, GH_PURPOSE_SERVICE);
	assert_int_equal(settings.lane.mode, GH_MODE_BOOTH);
	assert_int_equal(settings.lane.traffic, GH_TRAFFIC_SEA);
	assert_true(settings.lane.rehearsal);
	assert_string_equal(settings.lane.notice_file, "caf\xC3\xA9.txt");
	assert_string_equal(settings.camera.driver, "camera/replay");
	assert_string_equal(settings.camera.address, "/var/lib/a folder/b");
	assert_string_equal(settings.camera.options, "loop=yes,rate=30");
	assert_int_equal(settings.camera.width_px, 640);
	assert_int_equal(settings.camera.height_px, 720);
	assert_true(settings.outbox.size_max_bytes == UINT64_C(1099511627776));
	assert_int_equal(settings.log.level, GH_LOG_DEBUG);
}

static void unknown_names_are_refused(void **state)
{
	refuse("[lane]\n\nidd = x\n", "f:3: [lane] has no key 'idd'");
	refuse("[lane]\nlevel = info\n", "f:2: [lane] has no key 'level'");
	refuse("[lanes]\nid = x\n", "f:1: no such section");
	refuse("# empty, yet unknown\n[lanes]\n", "f:2: no such section");
	refuse("[]\n", "f:1: no such section");
	refuse("[ lane ]\n", "f:1: no such section");
	refuse("id = x\n", "f:1: id: stands before the first section");
	refuse("[lane]\n= x\n", "f:2: [lane] has no key ''");
	refuse("[lane]\nID = x\n", "f:2: [lane] has no key 'ID'");
}

static void keys_given_twice_are_refused(void **state)
{
	refuse("[lane]\nid = a\nid = a\n", "f:3: id: given before, in line 2");
	refuse("[lane]\nid = a\n[log]\nlevel = info\n[lane]\nport = P\nid = b\n",
		"f:7: id: given before, in line 2");
}

static void lines_that_are_no_settings_are_refused(void **state)
{
	refuse("[lane]\nid\n", "f:2: neither section, setting nor comment");
	refuse("[lane\nid = x\n", "f:1: a section that does not end with ]");
	refuse("[lane] id = x\n", "f:1: something behind the ] of a section");
	refuse("[lane]\nid = x\n  continued\n",
		"f:3: indented: a setting begins at the start of its line");
	refuse("\xEF\xBB\xBF[nowhere]\n", "f:1: no such section");
	refuse("\xEF\xBB\xBF id = x\n", "f:1: indented: a setting begins at the start of its line");
	refuse("[lane]\n id = x\n", "f:2: indented: a setting begins at the start of its line");
}

/* What is wrong first is told, whether inih or we found it. */
static void the_first_fault_is_told(void **state)
{
	refuse("[lane]\nid\nid = !\nnone = 1\n", "f:2: neither section, setting nor comment");
	refuse("[lane]\nmode = car\nid\n", "f:2: mode: 'car' is not what it takes: egate or booth");
	refuse("[lane]\nmode = car\n[nowhere]\n",
		"f:2: mode: 'car' is not what it takes: egate or booth");
}

static void bytes_that_are_no_text_are_refused(void **state)
{
	static const char zero[] = "[lane]\nid = a\0b\n";

	refuse("[lane]\nid = caf\xE9\n", "f:2: not UTF-8");
	refuse("# caf\xC3\n", "f:1: not UTF-8");
	refuse("[lane]\nid = a\x1B[2J\n", "f:2: a control character");
	refuse("[lane]\rid = a\n", "f:1: a control character");
	refuse_view((struct gh_view){ (const uint8_t *)zero, sizeof(zero) - 1 },
		"f:2: a control character");
}

static void long_lines_are_refused(void **state)
{
	char text[600] = "[camera]\naddress = ";
	size_t length = strlen(text);
	struct gh_settings settings;

	memset(text + length, 'a', 188);
	text[length + 188] = '\n';
	accept(text, &settings);
	assert_int_equal(strlen(settings.camera.address), 188);
	memset(text + length, 'a', 400);
	text[length + 400] = '\n';
	refuse(text, "f:2: the line is too long");
	memset(text, '#', 300);
	refuse(text, "f:1: the line is too long");
}

static void numbers_are_whole_and_without_units(void **state)
{
	static const char *const wrong[] = { "5s", "5 s", "-5", "+5000", "5e3", "0x1388", "5.0", "",
		"5_000", "99", "60001", "99999999999999999999999999", "18446744073709556616" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[128];
		char story[256];

		snprintf(text, sizeof(text), "[uplink]\nbackoff_first_ms = %s\n", wrong[i]);
		snprintf(story, sizeof(story),
			"f:2: backoff_first_ms: '%s' is not what it takes: 100 to 60000", wrong[i]);
		refuse(text, story);
	}
	refuse("[outbox]\nitems_max = 4294967396\n",
		"f:2: items_max: '4294967396' is not what it takes: 100 to 10000000");
}

static void texts_have_their_forms(void **state)
{
	refuse("[lane]\nid =\n",
		"f:2: id: '' is not what it takes: 1 to 31 of A-Z a-z "
		"0-9 _ . -, the last two not first");
	refuse("[lane]\nid = a/b\n",
		"f:2: id: 'a/b' is not what it takes: 1 to 31 of A-Z "
		"a-z 0-9 _ . -, the last two not first");
	refuse("[lane]\nid = ..\n",
		"f:2: id: '..' is not what it takes: "
		"1 to 31 of A-Z a-z 0-9 _ . -, the last two not first");
	refuse("[lane]\nport = ABCDEFGHIJKL\n",
		"f:2: port: 'ABCDEFGHIJKL' is not what it takes: 1 to "
		"11 of A-Z a-z 0-9 _ . -, the last two not first");
	refuse("[gate]\ndriver = camera/replay\n",
		"f:2: driver: 'camera/replay' is not what it takes: gate/NAME, or empty");
	refuse("[gate]\ndriver = gate/\n",
		"f:2: driver: 'gate/' is not what it takes: gate/NAME, or empty");
	refuse("[gate]\ndriver = gate/../x\n",
		"f:2: driver: 'gate/../x' is not what it takes: gate/NAME, or empty");
	refuse("[lane]\nrehearsal = true\n",
		"f:2: rehearsal: 'true' is not what it takes: yes or no");
	refuse("[vision]\nengine = tensorrt\n",
		"f:2: engine: 'tensorrt' is not what it takes: onnxruntime or opencv");
	refuse("[log]\nlevel = loud\n",
		"f:2: level: 'loud' is not what it takes: error, warning, notice, info or debug");
	refuse("[lane]\ndata_directory =\n",
		"f:2: data_directory: '' is not what it takes: "
		"a path of at most 199 bytes");
}

static void urls_are_https_and_nothing_behind(void **state)
{
	static const char *const wrong[] = { "http://localhost", "https://", "localhost:8443",
		"https://localhost/", "https://user@localhost", "https://a b", "https://a?b",
		"https://a#b", "ftp://a", "HTTPS://a" };
	struct gh_settings settings;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[128];
		char story[256];

		snprintf(text, sizeof(text), "[uplink]\nurl = %s\n", wrong[i]);
		snprintf(story, sizeof(story),
			"f:2: url: '%s' is not what it takes: "
			"https://HOST or https://HOST:PORT, or empty",
			wrong[i]);
		refuse(text, story);
	}
	accept("[uplink]\nurl = https://[::1]:8443\nca_file = a\ncertificate_file = b\n"
	       "key_file = c\n",
		&settings);
	assert_string_equal(settings.uplink.url, "https://[::1]:8443");
}

static void a_proxy_is_named_without_its_password(void **state)
{
	static const char *const wrong[] = { "proxy:3128", "socks5://proxy:1080", "http://",
		"http://user:word@proxy:3128", "http://proxy:3128/", "ftp://proxy" };
	static const char *const right[] = { "http://proxy:3128", "socks5h://[::1]:1080",
		"https://proxy:3129\nproxy_ca_file = a" };
	struct gh_settings settings;
	char text[128];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "[uplink]\nproxy_url = %s\n", wrong[i]);
		refuse(text,
			"f:2: [uplink] proxy_url is not http, https or socks5h with host and port");
	}
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		snprintf(text, sizeof(text), "[uplink]\nproxy_url = %s\n", right[i]);
		accept(text, &settings);
	}
	refuse("[uplink]\nproxy_url = https://proxy:3129\n",
		"f:2: [uplink] a proxy by https needs proxy_ca_file");
	/* Whoever writes a password there does not find it in the log as well. */
	refuse("[uplink]\nproxy_credentials = specimen:secret\n",
		"f:2: [uplink] proxy_credentials is not provider:NAME: no password here");
	accept("[uplink]\nproxy_credentials = provider:proxy\n", &settings);
}

static void keys_that_contradict_each_other(void **state)
{
	struct gh_settings settings;

	refuse("[vision]\nzone_left_permille = 750\n",
		"f:2: [vision] zone_left_permille (750) is not below zone_right_permille (750)");
	refuse("[vision]\nzone_bottom_permille = 10\nzone_top_permille = 20\n",
		"f:3: [vision] zone_top_permille (20) is not below zone_bottom_permille (10)");
	refuse("[vision]\nluminance_max_permille = 5\n",
		"f:2: [vision] luminance_min_permille (15) is not below "
		"luminance_max_permille (5)");
	refuse("[vision]\nframes_min = 4\n",
		"f:2: [vision] frames_min (4) is not below or equal to frames_max (3)");
	refuse("[transaction]\nwarning_before_ms = 30000\ndocument_timeout_ms = 40000\n",
		"f:2: [transaction] warning_before_ms (30000) is not "
		"below capture_timeout_ms (20000)");
	refuse("[transaction]\ndocument_timeout_ms = 8000\n",
		"f:2: [transaction] warning_before_ms (8000) is not "
		"below document_timeout_ms (8000)");
	refuse("[uplink]\nbackoff_first_ms = 2000\nbackoff_max_ms = 1999\n",
		"f:3: [uplink] backoff_first_ms (2000) is not below or "
		"equal to backoff_max_ms (1999)");
	refuse("[uplink]\nurl = https://centre\n",
		"f:2: [uplink] url needs ca_file, certificate_file and key_file");
	refuse("[exposure]\nlamp_rest_permille = 700\n",
		"f:2: [exposure] lamp_rest_permille (700) is not below or equal to "
		"lamp_start_permille (600)");
	accept("[vision]\nframes_min = 3\n", &settings);
	assert_int_equal(settings.vision.frames_min, 3);
}

/* A value of the row other than its default, as text. */
static void other_value(const struct gh_row *row, char text[64])
{
	switch (row->kind) {
	case GH_ROW_NUMBER:
		snprintf(text, 64, "%" PRIu64,
			strtoull(row->preset, NULL, 10) == row->minimum ? row->minimum + 1
									: row->minimum);
		break;
	case GH_ROW_FLAG:
		snprintf(text, 64, "%s", strcmp(row->preset, "yes") == 0 ? "no" : "yes");
		break;
	case GH_ROW_WORD:
		snprintf(text, 64, "%s", row->words->name(row->words->first));
		if (strcmp(text, row->preset) == 0)
			snprintf(text, 64, "%s", row->words->name(row->words->first + 1));
		break;
	case GH_ROW_CHOICE:
		snprintf(text, 64, "%s", row->choices[1] ? row->choices[1] : row->choices[0]);
		break;
	case GH_ROW_DRIVER:
		snprintf(text, 64, "%s/other", row->section);
		break;
	case GH_ROW_URL:
		snprintf(text, 64, "https://other");
		break;
	default:
		snprintf(text, 64, "other");
	}
}

/* Every row writes into its own field and nowhere else. */
static void each_key_changes_its_field_alone(void **state)
{
	struct gh_settings defaults;

	gh_settings_default(&defaults);
	for (size_t i = 0; i < gh_rows_length; i++) {
		const struct gh_row *row = &gh_rows[i];
		struct gh_settings settings;
		struct gh_error error = GH_ERROR_NONE;
		char value[64];
		char text[256];
		size_t from = row->offset;
		size_t to = row->offset + row->size;
		enum gh_status status;

		other_value(row, value);
		snprintf(text, sizeof(text), "[%s]\n%s = %s\n", row->section, row->key, value);
		status = gh_settings_parse(gh_view_of_text(text), "f", &settings, &error);
		/* Alone, these contradict another key's default, which is told as such. */
		if (status != GH_OK &&
			(strstr(error.text, " is not below ") || strstr(error.text, "needs") ||
				strstr(error.text, "[uplink] proxy_")))
			continue;
		assert_int_equal(status, GH_OK);
		assert_memory_equal(&settings, &defaults, from);
		assert_memory_equal(
			(char *)&settings + to, (char *)&defaults + to, sizeof(settings) - to);
		if (strcmp(value, row->preset) != 0)
			assert_memory_not_equal(
				(char *)&settings + from, (char *)&defaults + from, row->size);
	}
}

static void both_ends_of_every_range(void **state)
{
	for (size_t i = 0; i < gh_rows_length; i++) {
		const struct gh_row *row = &gh_rows[i];
		const uint64_t values[] = { row->minimum, row->maximum, row->minimum - 1,
			row->maximum + 1 };

		if (row->kind != GH_ROW_NUMBER)
			continue;
		assert_true(row->minimum < row->maximum);
		assert_true(row->size == 8 || row->maximum <= UINT32_MAX);
		for (size_t j = 0; j < 4; j++) {
			struct gh_settings settings;
			struct gh_error error = GH_ERROR_NONE;
			char text[256];

			snprintf(text, sizeof(text), "[%s]\n%s = %" PRIu64 "\n", row->section,
				row->key, values[j]);
			if (gh_settings_parse(gh_view_of_text(text), "f", &settings, &error) ==
				GH_OK)
				assert_true(j < 2);
			else
				assert_true(
					(j >= 2) == !!strstr(error.text, "is not what it takes"));
		}
	}
}

static void keys_are_unique_and_in_known_sections(void **state)
{
	for (size_t i = 0; i < gh_rows_length; i++) {
		size_t found = 0;

		for (size_t j = 0; j < gh_row_sections_length; j++)
			found += strcmp(gh_rows[i].section, gh_row_sections[j].name) == 0;
		assert_int_equal(found, 1);
		for (size_t j = 0; j < i; j++) {
			assert_false(strcmp(gh_rows[i].section, gh_rows[j].section) == 0 &&
				strcmp(gh_rows[i].key, gh_rows[j].key) == 0);
			assert_false(gh_rows[i].offset == gh_rows[j].offset);
		}
	}
}

static void files_are_read_from_disk(void **state)
{
	struct gh_settings settings;
	struct gh_error error = GH_ERROR_NONE;
	const char *path = folder_place("lane.conf");
	char story[512];

	assert_int_equal(gh_settings_load(path, &settings, &error), GH_NOT_FOUND);
	assert_string_equal(settings.lane.id, "lane-1");
	assert_int_equal(
		gh_file_replace(path, gh_view_of_text("[lane]\nid = a-1\n"), 0600, NULL), GH_OK);
	assert_int_equal(gh_settings_load(path, &settings, &error), GH_OK);
	assert_string_equal(settings.lane.id, "a-1");
	assert_int_equal(
		gh_file_replace(path, gh_view_of_text("[lane]\n\nidd = a\n"), 0600, NULL), GH_OK);
	assert_int_equal(gh_settings_load(path, &settings, &error), GH_SETTINGS);
	snprintf(story, sizeof(story), "%s:3: [lane] has no key 'idd'", path);
	assert_string_equal(error.text, story);
}

static void files_beyond_reason_are_refused(void **state)
{
	struct gh_settings settings;
	struct gh_error error = GH_ERROR_NONE;
	const char *path = folder_place("huge.conf");
	struct gh_bytes bytes = GH_BYTES_EMPTY;

	for (int i = 0; i < 30000; i++)
		assert_int_equal(gh_bytes_print(&bytes, NULL, "# comment\n"), GH_OK);
	assert_int_equal(gh_file_replace(path, gh_bytes_view(&bytes), 0600, NULL), GH_OK);
	gh_bytes_finish(&bytes);
	assert_int_equal(gh_settings_load(path, &settings, &error), GH_TOO_LARGE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_is_all_defaults),
		cmocka_unit_test(a_file_as_people_write_it),
		cmocka_unit_test(unknown_names_are_refused),
		cmocka_unit_test(keys_given_twice_are_refused),
		cmocka_unit_test(lines_that_are_no_settings_are_refused),
		cmocka_unit_test(the_first_fault_is_told),
		cmocka_unit_test(bytes_that_are_no_text_are_refused),
		cmocka_unit_test(long_lines_are_refused),
		cmocka_unit_test(numbers_are_whole_and_without_units),
		cmocka_unit_test(texts_have_their_forms),
		cmocka_unit_test(urls_are_https_and_nothing_behind),
		cmocka_unit_test(a_proxy_is_named_without_its_password),
		cmocka_unit_test(keys_that_contradict_each_other),
		cmocka_unit_test(each_key_changes_its_field_alone),
		cmocka_unit_test(both_ends_of_every_range),
		cmocka_unit_test(keys_are_unique_and_in_known_sections),
		cmocka_unit_test(files_are_read_from_disk),
		cmocka_unit_test(files_beyond_reason_are_refused),
	};

	return cmocka_run_group_tests(tests, folder_set_up, folder_tear_down);
}
