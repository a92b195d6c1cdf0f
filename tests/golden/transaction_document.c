/* SPDX-License-Identifier: Apache-2.0 */
/* docs/transaction.md shows the table that is the code: its diagrams and its rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gatehouse/transaction/machine.h"
#include "support/document.h"

#define PRINT(text, ...) assert_int_equal(gh_bytes_print(text, NULL, __VA_ARGS__), GH_OK)

static const char *mode_word(unsigned modes)
{
	if (modes == GH_ROW_BOTH)
		return "both";
	return modes == GH_ROW_EGATE ? "egate" : "booth";
}

/* The words over one arrow: every trigger that leads from one state to the other. */
static void print_arrow(
	struct gh_bytes *text, enum gh_state from, enum gh_state to, enum gh_mode mode)
{
	size_t count;
	const struct gh_edge *edges = gh_machine_table(&count);
	bool begun = false;

	for (size_t i = 0; i < count; i++) {
		if (edges[i].from != from || edges[i].to != to || !(edges[i].modes >> mode & 1))
			continue;
		if (!begun)
			PRINT(text, "\t%s --> %s: ", gh_state_name(from), gh_state_name(to));
		PRINT(text, "%s%s", begun ? ", " : "", gh_trigger_name(edges[i].on));
		begun = true;
	}
	if (begun)
		PRINT(text, "\n");
}

/* States and the ways between them; what leads nowhere else is in the table only. */
static void print_diagram(struct gh_bytes *text, enum gh_mode mode)
{
	PRINT(text, "```mermaid\nstateDiagram-v2\n\t[*] --> %s\n", gh_state_name(GH_STATE_MANUAL));
	for (unsigned from = 0; from < GH_STATE_COUNT; from++)
		for (unsigned to = 0; to < GH_STATE_COUNT; to++)
			if (from != to)
				print_arrow(text, (enum gh_state)from, (enum gh_state)to, mode);
	PRINT(text, "```\n");
}

static void diagram_is_the_tables(const char *part, enum gh_mode mode)
{
	struct gh_bytes text = GH_BYTES_EMPTY;

	print_diagram(&text, mode);
	assert_true(document_has("transaction.md", part, &text));
	gh_bytes_finish(&text);
}

static void the_egates_diagram_is_the_tables(void **unused)
{
	(void)unused;
	diagram_is_the_tables("egate", GH_MODE_EGATE);
}

static void the_booths_diagram_is_the_tables(void **unused)
{
	(void)unused;
	diagram_is_the_tables("booth", GH_MODE_BOOTH);
}

static void the_rows_are_the_tables(void **unused)
{
	size_t count;
	const struct gh_edge *edges = gh_machine_table(&count);
	struct gh_bytes text = GH_BYTES_EMPTY;

	(void)unused;
	PRINT(&text, "| state | on | modes | to | step |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < count; i++)
		PRINT(&text, "| %s | %s | %s | %s | %s |\n", gh_state_name(edges[i].from),
			gh_trigger_name(edges[i].on), mode_word(edges[i].modes),
			edges[i].from == edges[i].to ? "stays" : gh_state_name(edges[i].to),
			edges[i].run_name);
	assert_true(document_has("transaction.md", "rows", &text));
	gh_bytes_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_egates_diagram_is_the_tables),
		cmocka_unit_test(the_booths_diagram_is_the_tables),
		cmocka_unit_test(the_rows_are_the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
