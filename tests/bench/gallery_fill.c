/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fill the gallery of a lane's data folder with a voyage of specimens, as if its portraits had been
 * enrolled: for tests/bench/lane_answer.py, which measures the lane with it.
 *
 *	gallery_fill DATA_FOLDER KEYS_FOLDER CALIBRATION PERSONS PORTRAITS
 */
#include <stdio.h>
#include <stdlib.h>

#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"
#include "support/gallery/specimen_voyage.h"

static struct gh_model_chain chain;

/* The templates are synthetic, but are to be taken for the lane's own networks'. */
void __wrap_gh_enroller_chain(const struct gh_enroller *enroller, struct gh_model_chain *made);

void __wrap_gh_enroller_chain(const struct gh_enroller *enroller, struct gh_model_chain *made)
{
	(void)enroller;
	*made = chain;
}

static void must(enum gh_status status, const struct gh_error *error)
{
	if (status == GH_OK)
		return;
	fprintf(stderr, "gallery_fill: %s\n", error->text);
	exit(1);
}

static void load(struct gh_gallery *gallery, const char *folder, size_t persons, uint32_t portraits)
{
	struct specimen_voyage *specimen = malloc(sizeof(*specimen));
	struct gh_error error = GH_ERROR_NONE;
	const struct gh_clock *clock = gh_clock_system();

	if (!specimen)
		exit(1);
	specimen_init(specimen, 0xa1, 1, persons, portraits);
	specimen->voyage.departure_ms = clock->real_ms(clock) + 2 * HOUR_MS;
	must(gh_gallery_load(gallery, specimen_bundle(specimen, folder), &error), &error);
	specimen_finish(specimen);
	free(specimen);
}

static void enrol(struct gh_gallery *gallery)
{
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = GH_OK;

	while (status == GH_OK)
		status = gh_gallery_enrol_next(gallery, fake_enroller(), &error);
	if (status != GH_NOT_FOUND)
		must(status, &error);
}

int main(int argc, char **argv)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_gallery_options options = { .clock = gh_clock_system(),
		.rows_max = 100000,
		.fpir_target = 0.003,
		.fmr_claim = 5e-4,
		.fmr_look_alike = 1e-5 };
	struct gh_provider *provider;
	struct gh_calibration *calibration;
	struct gh_gallery *gallery;
	char folder[1024];

	if (argc != 6)
		return 64;
	gh_log_set_level(GH_LOG_ERROR);
	must(gh_path_join(argv[1], "gallery", folder, sizeof(folder), &error), &error);
	must(gh_folder_make(argv[1], &error), &error);
	must(gh_folder_make(folder, &error), &error);
	must(gh_provider_open("file", argv[2], &provider, &error), &error);
	must(gh_calibration_open(argv[3], &calibration, &error), &error);
	chain = gh_calibration_facts(calibration)->chain;
	options.folder = folder;
	options.provider = provider;
	options.calibration = calibration;
	options.chain = chain;
	options.active_before_ms = 4 * HOUR_MS;
	options.active_after_ms = 2 * HOUR_MS;
	options.kept_max_ms = 96 * HOUR_MS;
	must(gh_gallery_create(&options, &gallery, &error), &error);
	load(gallery, argv[1], strtoul(argv[4], NULL, 10), (uint32_t)strtoul(argv[5], NULL, 10));
	enrol(gallery);
	printf("%llu templates\n", (unsigned long long)gh_gallery_state(gallery).templates);
	gh_gallery_destroy(gallery);
	gh_calibration_close(calibration);
	gh_provider_close(provider);
	return 0;
}
