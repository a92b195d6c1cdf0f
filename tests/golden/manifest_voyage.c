/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Voyages as JSON: written and read they are the same. The schema's test uses the same program:
 *
 *	--print COUNT      voyages of a few persons, one JSON a line
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

#include "support/manifest/list.h"
#include "voyage_json.h"

enum {
	LINE_BYTES = 256 * 1024
};

/* A voyage of number % 4 persons in which every word and every absence occurs. */
static void make(unsigned number, struct gh_voyage *voyage)
{
	static const char sexes[] = "MFX ";

	list_voyage(voyage, number % 4, number % 3);
	voyage->test = number & 1;
	voyage->arrival_ms = number & 2 ? voyage->arrival_ms : 0;
	voyage->passage_end_ms = number & 4 ? voyage->arrival_ms + 1 : 0;
	for (size_t i = 0; i < voyage->person_count; i++) {
		struct gh_person *person = &voyage->persons[i];
		uint32_t end = 0;

		person->kind = (enum gh_person_kind)(number / 4 % 3);
		person->boarding = (enum gh_boarding)(number / 2 % 4);
		person->sex = sexes[(number + i) % 4];
		if (number & 8)
			memset(&person->document, 0, sizeof(person->document));
		if (number & 16)
			strcpy(person->surname.text, "SP\xc3\x89\x43IMEN \xe6\xa8\xa3");
		for (uint32_t k = 0; k < person->portrait_count; k++) {
			person->portraits[k].offset_bytes = end;
			person->portraits[k].length_bytes = 100 + k;
			end += 100 + k;
		}
	}
}

static void encode(unsigned number, struct gh_bytes *json)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_voyage voyage;

	make(number, &voyage);
	if (gh_voyage_encode(&voyage, json, &error) != GH_OK) {
		fprintf(stderr, "voyage %u: %s\n", number, error.text);
		exit(1);
	}
	gh_voyage_finish(&voyage);
}

static int print_voyages(unsigned count)
{
	for (unsigned number = 0; number < count; number++) {
		struct gh_bytes json = GH_BYTES_EMPTY;

		encode(number, &json);
		for (size_t i = 0; i < json.length_bytes; i++)
			if (json.data[i] != '\n')
				putchar(json.data[i]);
		putchar('\n');
		gh_bytes_finish(&json);
	}
	return 0;
}

static int judge_lines(void)
{
	char *line = malloc(LINE_BYTES);

	if (!line)
		return 1;
	while (fgets(line, LINE_BYTES, stdin)) {
		struct gh_error error = GH_ERROR_NONE;
		struct gh_voyage voyage;
		enum gh_status status;

		line[strcspn(line, "\n")] = '\0';
		status = gh_voyage_decode(gh_view_of_text(line), &voyage, &error);
		if (status == GH_OK)
			puts("ok");
		else
			printf("%s %s\n", gh_status_name(status), error.text);
		gh_voyage_finish(&voyage);
	}
	free(line);
	return 0;
}

static void voyages_come_back_the_same(void **state)
{
	for (unsigned number = 0; number < 96; number++) {
		struct gh_bytes json = GH_BYTES_EMPTY;
		struct gh_bytes again = GH_BYTES_EMPTY;
		struct gh_voyage voyage;

		encode(number, &json);
		assert_int_equal(gh_voyage_decode(gh_bytes_view(&json), &voyage, NULL), GH_OK);
		assert_int_equal(gh_voyage_encode(&voyage, &again, NULL), GH_OK);
		assert_true(gh_view_equal(gh_bytes_view(&json), gh_bytes_view(&again)));
		gh_voyage_finish(&voyage);
		gh_bytes_finish(&again);
		gh_bytes_finish(&json);
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(voyages_come_back_the_same),
	};

	if (argc == 3 && strcmp(argv[1], "--print") == 0)
		return print_voyages((unsigned)strtoul(argv[2], NULL, 0));
	if (argc == 2 && strcmp(argv[1], "--judge") == 0)
		return judge_lines();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
