/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A gallery of 6,000 persons with three portraits each: time to store it, time from start to ready
 * with it on the disk, search in it, the health check, and resident memory with one version and
 * while a new one is enrolled behind it.
 *
 * Exits with 1 when it is not ready within 3 s or takes over 140 MB, what the lane's 256 MB leave
 * beside the models.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "gatehouse/base/log.h"
#include "support/folder.h"
#include "support/gallery/specimen_voyage.h"
#include "support/gallery/synthetic.h"

enum {
	PERSONS = 6000,
	PORTRAITS = 3,
	SEARCHES = 50
};

#define READY_MS 3000.0
#define MEMORY_MB 140.0

static struct specimen_gallery set;

static double now_ms(void)
{
	return (double)gh_clock_system()->monotonic_us(gh_clock_system()) * 1e-3;
}

static double status_mb(const char *key)
{
	char line[256];
	double kilobytes = 0.0;
	FILE *file = fopen("/proc/self/status", "r");

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, key, strlen(key)) == 0)
			kilobytes = atof(line + strlen(key));
	if (file)
		fclose(file);
	return kilobytes / 1024.0;
}

static void load(uint32_t version)
{
	struct specimen_voyage specimen;

	specimen_init(&specimen, 0xa1, version, PERSONS, PORTRAITS);
	if (specimen_load(&set, &specimen) != GH_OK)
		exit(1);
	specimen_finish(&specimen);
}

static double enrol(void)
{
	double start = now_ms();

	specimen_enrol_all(&set);
	return now_ms() - start;
}

static double search(void)
{
	double best = 1e30;

	for (int i = 0; i < SEARCHES; i++) {
		struct gh_template probe;
		struct gh_search found;
		double start;

		fake_template((uint64_t)i * 100, 1000, &probe);
		start = now_ms();
		if (gh_gallery_search(set.gallery, &probe, &found, NULL) != GH_OK ||
			found.candidates[0].score < found.threshold.score)
			exit(1);
		if (now_ms() - start < best)
			best = now_ms() - start;
	}
	return best;
}

int main(void)
{
	double before_mb;
	double ready_ms;
	double held_mb;
	double start;

	gh_log_set_level(GH_LOG_ERROR);
	if (folder_set_up(NULL) != 0)
		return 1;
	specimen_gallery_init(&set, folder_path());
	if (specimen_gallery_start(&set, NULL) != GH_OK)
		return 1;
	load(1);
	printf("enrolment without the networks, check and store: %.0f ms\n", enrol());
	specimen_gallery_stop(&set);

	before_mb = status_mb("VmRSS:");
	start = now_ms();
	if (specimen_gallery_start(&set, NULL) != GH_OK ||
		gh_gallery_state(set.gallery).templates != PERSONS * PORTRAITS)
		return 1;
	ready_ms = now_ms() - start;
	held_mb = status_mb("VmRSS:") - before_mb;
	printf("ready after %.0f ms, resident memory +%.1f MB\n", ready_ms, held_mb);
	printf("search: %.3f ms\n", search());
	load(2);
	printf("next version, all portraits known: %.0f ms\n", enrol());
	printf("resident now +%.1f MB, at the most %.1f MB in all\n",
		status_mb("VmRSS:") - before_mb, status_mb("VmHWM:"));
	specimen_gallery_finish(&set);
	folder_tear_down(NULL);
	return ready_ms <= READY_MS && held_mb <= MEMORY_MB ? 0 : 1;
}
