/* SPDX-License-Identifier: Apache-2.0 */
/* Show the quality of a picture's face, measure by measure. */
#include <string.h>

#include "gatehouse/base/file.h"
#include "gatehouse/base/measures.h"
#include "gatehouse/daemon/compose.h"
#include "gatehouse/vision/enrol.h"
#include "gatehouse/vision/picture.h"
#include "gatehouse/vision/vision.h"
#include "command.h"
#include "tables.h"

static const struct gh_measure_facts *facts_of(int i)
{
	return gh_measure_facts((enum gh_measure_name)i);
}

/* The component, or the word that stands in its place. */
static void format_component(
	const struct gh_measure *measure, const struct gh_measure_facts *facts, char text[16])
{
	if (facts->origin == GH_ORIGIN_FLAG)
		snprintf(text, 16, "%s",
			measure->assessed ? gh_suspicion_name((enum gh_suspicion)measure->suspicion)
					  : "-");
	else if (measure->component == GH_COMPONENT_NOT_ASSESSED)
		snprintf(text, 16, "-");
	else
		snprintf(text, 16, "%d", measure->component);
}

static void print_row(int i, const struct gh_measure *measure)
{
	const struct gh_measure_facts *facts = facts_of(i);
	char native[32] = "not assessed", component[16];

	if (measure->assessed)
		snprintf(native, sizeof(native), "%.4g", (double)measure->native);
	format_component(measure, facts, component);
	printf("0x%02X  %-24s %12s  %-8s %9s  %-7s %s\n", facts->qaa_id, facts->word, native,
		facts->unit, component, facts->better, gh_origin_name(facts->origin));
}

static void print_table(const struct gh_enrolment *enrolment, uint32_t utility_permille)
{
	printf("%-4s  %-24s %12s  %-8s %9s  %-7s %s\n", "id", "measure", "native", "unit",
		"component", "better", "origin");
	for (int i = 0; i < GH_MEASURE_COUNT; i++)
		print_row(i, &enrolment->quality.measures.list[i]);
	printf("\nfaces %u, utility %u of 1000 (our own, not the unified quality), doubt: %s\n",
		enrolment->faces, utility_permille, gh_reason_name(enrolment->reason));
	printf("Formulas of ISO/IEC 29794-5:2025 where the origin is standard; landmarks and pose "
	       "are of\nother models than the reference's, so conformance is not claimed.\n");
}

static json_t *json_of(int i, const struct gh_measure *measure)
{
	const struct gh_measure_facts *facts = facts_of(i);
	char id[8];
	json_t *object;

	snprintf(id, sizeof(id), "0x%02X", facts->qaa_id);
	object = json_pack("{s:s,s:s,s:s,s:s}", "qaa_id", id, "unit", facts->unit, "better",
		facts->better, "origin", gh_origin_name(facts->origin));
	if (!object)
		return NULL;
	json_object_set_new(object, "native",
		measure->assessed ? json_real((double)measure->native)
				  : json_string("not_assessed"));
	if (facts->origin == GH_ORIGIN_FLAG)
		json_object_set_new(object, "suspected",
			json_string(gh_suspicion_name((enum gh_suspicion)measure->suspicion)));
	else
		json_object_set_new(object, "component",
			measure->component != GH_COMPONENT_NOT_ASSESSED
				? json_integer(measure->component)
				: json_string("not_assessed"));
	return object;
}

static int print_json(const struct gh_enrolment *enrolment, uint32_t utility_permille)
{
	json_t *measures = json_object();

	for (int i = 0; i < GH_MEASURE_COUNT; i++)
		json_object_set_new(measures, facts_of(i)->word,
			json_of(i, &enrolment->quality.measures.list[i]));
	return call_print_json(json_pack("{s:I,s:I,s:s,s:o}", "faces", (json_int_t)enrolment->faces,
		"utility_permille", (json_int_t)utility_permille, "doubt",
		gh_reason_name(enrolment->reason), "measures", measures));
}

static enum gh_status measure(
	struct call *call, const struct gh_vision_options *options, struct gh_enrolment *enrolment)
{
	struct gh_enroller *enroller = NULL;
	struct gh_bytes file = GH_BYTES_EMPTY;
	enum gh_status status =
		gh_file_read(call->words[0], GH_PICTURE_BYTES_MAX, &file, &call->error);

	if (status == GH_OK)
		status = gh_enroller_create(options, &enroller, &call->error);
	if (status == GH_OK)
		status = gh_enroller_enrol(enroller, gh_bytes_view(&file), enrolment, &call->error);
	gh_enroller_destroy(enroller);
	gh_bytes_finish(&file);
	return status;
}

static int run_quality(struct call *call)
{
	struct gh_vision_options options = gh_compose_vision(&call->settings);
	struct gh_enrolment enrolment;
	uint32_t utility_permille;
	enum gh_status status;
	int result = EXIT_FINE;

	memset(&enrolment, 0, sizeof(enrolment));
	status = measure(call, &options, &enrolment);
	if (status != GH_OK)
		return call_fail(call, status);
	utility_permille = gh_quality_utility_permille(&enrolment.quality, &options.limits);
	if (call->json)
		result = print_json(&enrolment, utility_permille);
	else
		print_table(&enrolment, utility_permille);
	gh_wipe(&enrolment, sizeof(enrolment));
	return result;
}

const struct command quality_commands[] = {
	{ "quality", "PICTURE", 1, 1,
		"Measure the quality of a picture's face by ISO/IEC 29794-5, value by value.",
		"gatehouse quality portrait.jpg", NULL, run_quality },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
