/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records by the thousand: encoded and read back they are the same. The schema's test uses the same
 * program to print the tables and records, and to judge what it made of them:
 *
 *	--fields           the tables of fields and rules as JSON
 *	--print COUNT      records, addenda and heartbeats, one JSON a line
 *	--judge            reads lines of JSON, answers each with "ok" or the status and the error
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/encounter/specimen.h"
#include "tables.h"

enum {
	LINE_BYTES = 256 * 1024
};

static const char *const kind_names[GH_FIELD_KINDS] = {
	[GH_FIELD_TEXT] = "text",
	[GH_FIELD_PERSONAL] = "personal",
	[GH_FIELD_CONST] = "const",
	[GH_FIELD_LATER] = "later",
	[GH_FIELD_BOOL] = "bool",
	[GH_FIELD_COUNT32] = "integer",
	[GH_FIELD_COUNT64] = "integer",
	[GH_FIELD_SIGNED] = "integer",
	[GH_FIELD_NUMBER] = "number",
	[GH_FIELD_ID] = "id",
	[GH_FIELD_TIME] = "time",
	[GH_FIELD_HEX] = "hex",
	[GH_FIELD_WORD] = "word",
	[GH_FIELD_WORDS] = "words",
	[GH_FIELD_GROUP] = "group",
};

static void print_fields(const struct gh_field *fields, size_t count)
{
	putchar('[');
	for (size_t i = 0; i < count; i++) {
		const struct gh_field *f = &fields[i];

		printf("%s{\"key\":\"%s\",\"kind\":\"%s\",\"nullable\":%s,\"size\":%zu,"
		       "\"min\":%.17g,\"max\":%.17g,\"set\":\"%s\",\"words\":[",
			i ? ",\n" : "", f->key, kind_names[f->kind], f->nullable ? "true" : "false",
			f->size, f->min, f->max, f->set ? f->set : "");
		for (unsigned w = 0; f->words && w < f->words->count; w++)
			printf("%s\"%s\"", w ? "," : "", f->words->name(w));
		printf("],\"fields\":");
		print_fields(f->fields, f->field_count);
		putchar('}');
	}
	putchar(']');
}

static void print_table(const char *name, const struct gh_field_table *table,
	const struct gh_rule *rules, size_t rule_count)
{
	printf("\"%s\":{\"fields\":", name);
	print_fields(table->fields, table->count);
	printf(",\"rules\":{");
	for (size_t i = 0; i < rule_count; i++)
		printf("%s\"%s\":\"%s: %s\"", i ? ",\n" : "", rules[i].name, rules[i].pointer,
			rules[i].text);
	printf("}}");
}

static int print_tables(void)
{
	putchar('{');
	print_table("encounter", &gh_encounter_table, gh_encounter_rules, gh_encounter_rule_count);
	putchar(',');
	print_table("addendum", &gh_addendum_table, gh_addendum_rules, gh_addendum_rule_count);
	putchar(',');
	print_table("heartbeat", &gh_heartbeat_table, NULL, 0);
	puts("}");
	return 0;
}

static int print_records(uint64_t count)
{
	for (uint64_t seed = 0; seed < 3 * count; seed++) {
		struct gh_bytes json = GH_BYTES_EMPTY;
		struct gh_error error = GH_ERROR_NONE;
		struct gh_encounter encounter;
		struct gh_addendum addendum;
		struct gh_heartbeat heartbeat;
		enum gh_status status;

		specimen_encounter(seed, &encounter);
		specimen_addendum(seed, &addendum);
		specimen_heartbeat(seed, &heartbeat);
		status = seed < count      ? gh_encounter_encode(&encounter, &json, &error)
			: seed < 2 * count ? gh_addendum_encode(&addendum, &json, &error)
					   : gh_heartbeat_encode(&heartbeat, &json, &error);
		if (status != GH_OK) {
			fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, error.text);
			return 1;
		}
		printf("%.*s\n", (int)json.length_bytes, (const char *)json.data);
		gh_bytes_finish(&json);
	}
	return 0;
}

/* A line is an addendum where it says so anywhere: the test makes sure that it is clear. */
static enum gh_status judge(char *line, struct gh_error *error)
{
	struct gh_encounter encounter;
	struct gh_addendum addendum;
	struct gh_heartbeat heartbeat;
	struct gh_view json = gh_view_of_text(line + 1);

	if (line[0] == 'h')
		return gh_heartbeat_decode(json, &heartbeat, error);
	if (line[0] == 'a')
		return gh_addendum_decode(json, &addendum, error);
	return gh_encounter_decode(json, &encounter, error);
}

static int judge_lines(void)
{
	char *line = malloc(LINE_BYTES);

	if (!line)
		return 1;
	while (fgets(line, LINE_BYTES, stdin)) {
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status;

		line[strcspn(line, "\n")] = '\0';
		status = judge(line, &error);
		if (status == GH_OK)
			puts("ok");
		else
			printf("%s %s\n", gh_status_name(status), error.text);
	}
	free(line);
	return 0;
}

static uint64_t rounds(void)
{
	const char *is_long = getenv("GATEHOUSE_LONG");

	return is_long && is_long[0] == '1' ? 1000000 : 7000;
}

static uint64_t first_seed(void)
{
	const char *seed = getenv("GATEHOUSE_SEED");
	uint64_t first = seed ? strtoull(seed, NULL, 0) : 1;

	print_message("seed %llu\n", (unsigned long long)first);
	return first;
}

/* Each by itself, because they have bytes between them; then they are made alike for the rest. */
static void expect_same_measures(struct gh_encounter_quality *a, struct gh_encounter_quality *b)
{
	for (size_t i = 0; i < GH_MEASURE_COUNT; i++) {
		struct gh_encounter_measure *of_a = &a->measures[i], *of_b = &b->measures[i];

		assert_memory_equal(&of_a->native, &of_b->native, sizeof(of_a->native));
		assert_memory_equal(&of_a->component, &of_b->component, sizeof(of_a->component));
		assert_int_equal(of_a->suspected, of_b->suspected);
	}
	memset(a->measures, 0, sizeof(a->measures));
	memset(b->measures, 0, sizeof(b->measures));
}

static void test_encounters_come_back_the_same(void **context)
{
	uint64_t first = first_seed();

	for (uint64_t seed = first; seed < first + rounds(); seed++) {
		struct gh_bytes json = GH_BYTES_EMPTY;
		struct gh_bytes again = GH_BYTES_EMPTY;
		struct gh_error error = GH_ERROR_NONE;
		struct gh_encounter before;
		struct gh_encounter after;

		memset(&before, 0, sizeof(before));
		memset(&after, 0, sizeof(after));
		specimen_encounter(seed, &before);
		assert_int_equal(gh_encounter_encode(&before, &json, &error), GH_OK);
		assert_int_equal(gh_encounter_decode(gh_bytes_view(&json), &after, &error), GH_OK);
		assert_memory_equal(
			&before.comparison, &after.comparison, sizeof(after.comparison));
		assert_int_equal(gh_encounter_encode(&after, &again, &error), GH_OK);
		assert_true(gh_view_equal(gh_bytes_view(&json), gh_bytes_view(&again)));
		expect_same_measures(&before.quality, &after.quality);
		assert_memory_equal(&before, &after, sizeof(after));
		gh_bytes_finish(&again);
		gh_bytes_finish(&json);
	}
}

static void test_addenda_come_back_the_same(void **context)
{
	uint64_t first = first_seed();

	for (uint64_t seed = first; seed < first + rounds(); seed++) {
		struct gh_bytes json = GH_BYTES_EMPTY;
		struct gh_error error = GH_ERROR_NONE;
		struct gh_addendum before;
		struct gh_addendum after;

		memset(&after, 0, sizeof(after));
		specimen_addendum(seed, &before);
		assert_int_equal(gh_addendum_encode(&before, &json, &error), GH_OK);
		assert_int_equal(gh_addendum_decode(gh_bytes_view(&json), &after, &error), GH_OK);
		assert_memory_equal(&before, &after, sizeof(after));
		gh_bytes_finish(&json);
	}
}

static void test_heartbeats_come_back_the_same(void **context)
{
	uint64_t first = first_seed();

	for (uint64_t seed = first; seed < first + rounds(); seed++) {
		struct gh_bytes json = GH_BYTES_EMPTY;
		struct gh_error error = GH_ERROR_NONE;
		struct gh_heartbeat before;
		struct gh_heartbeat after;

		memset(&after, 0, sizeof(after));
		specimen_heartbeat(seed, &before);
		assert_int_equal(gh_heartbeat_encode(&before, &json, &error), GH_OK);
		assert_int_equal(gh_heartbeat_decode(gh_bytes_view(&json), &after, &error), GH_OK);
		assert_memory_equal(&before, &after, sizeof(after));
		gh_bytes_finish(&json);
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encounters_come_back_the_same),
		cmocka_unit_test(test_addenda_come_back_the_same),
		cmocka_unit_test(test_heartbeats_come_back_the_same),
	};

	if (argc == 2 && strcmp(argv[1], "--fields") == 0)
		return print_tables();
	if (argc == 3 && strcmp(argv[1], "--print") == 0)
		return print_records(strtoull(argv[2], NULL, 0));
	if (argc == 2 && strcmp(argv[1], "--judge") == 0)
		return judge_lines();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
