/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What following people costs beside the detector: association of five faces, learning the
 * subject's looks, and finding it in a frame without a face; CPU time of this thread, and
 * the same as shares of one run of the detector's session on such a frame (gh_vision_look()).
 *
 *	vision_track [RUNS]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "gatehouse/vision/vision.h"

#include "support/drawn_face.h"
#include "support/vision/models.h"
#include "watch.h"

enum {
	WIDTH = 1280,
	HEIGHT = 720,
	FACES = 5
};

static uint8_t rgb[3 * WIDTH * HEIGHT];
static struct gh_watch watch;
static struct gh_resizer resizer;

static double cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static void tell(const char *what, double ms, double peer_ms)
{
	printf("%-28s %7.3f ms  %5.1f %% of a look\n", what, ms, 100.0 * ms / peer_ms);
}

static double look_ms(int runs)
{
	struct gh_frame frame = models_frame(rgb, WIDTH, HEIGHT);
	struct gh_vision_options options;
	struct gh_vision *vision;
	struct gh_presence presence;
	double from;

	if (!models_options(&options) || gh_vision_create(&options, &vision, NULL) != GH_OK)
		exit(77);
	(void)!gh_vision_look(vision, &frame, &presence, NULL);
	from = cpu_ms();
	for (int i = 0; i < runs; i++) {
		frame.capture_us += 33333;
		if (gh_vision_look(vision, &frame, &presence, NULL) != GH_OK)
			exit(1);
	}
	from = (cpu_ms() - from) / runs;
	gh_vision_destroy(vision);
	return from;
}

static double associate_ms(int runs, uint64_t *now_us)
{
	const struct gh_box zone = { 320, 0, 960, 720 };
	double from = cpu_ms();

	for (int i = 0; i < runs; i++, *now_us += 33333) {
		struct gh_faces faces = { .count = FACES };
		struct gh_presence presence;

		for (int f = 0; f < FACES; f++)
			faces.list[f].box = (struct gh_box){ 100.0f + 220.0f * (float)f,
				200.0f + (float)(i % 3), 250.0f + 220.0f * (float)f, 400.0f };
		gh_tracks_update(&watch.tracks, &faces, *now_us);
		gh_watch_update(&watch, &faces, &zone, &presence);
	}
	return (cpu_ms() - from) / runs;
}

int main(int argc, char **argv)
{
	const struct drawn_canvas canvas = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
	const struct gh_image image = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
	struct drawn_face face = drawn_face_usual(640, 330, 280);
	struct gh_track track = { .id = 1, .box = { 530, 190, 750, 470 } };
	struct gh_sight sight = { &image, &resizer, 1000000 };
	int runs = argc > 1 ? atoi(argv[1]) : 50, found = 0;
	double peer, keep = 0.0, first = 0.0, find = 0.0;

	drawn_fill(&canvas, 150, 155, 160);
	drawn_face_paint(&canvas, &face);
	if (runs < 1 || gh_watch_init(&watch, 200, NULL) != GH_OK ||
		gh_resizer_init(&resizer, WIDTH, 320, NULL) != GH_OK)
		return 1;
	peer = look_ms(runs);
	for (int i = 0; i < runs; i++) {
		struct gh_box box;
		double at[4] = { cpu_ms() };

		sight.time_us += 1000000;
		track.seen_us = sight.time_us;
		gh_follower_learn(&watch.follower, &sight, &track);
		at[1] = cpu_ms();
		sight.time_us += 33333;
		found += gh_follower_find(&watch.follower, &sight, &track, &box);
		at[2] = cpu_ms();
		found += gh_follower_find(&watch.follower, &sight, &track, &box);
		at[3] = cpu_ms();
		keep += (at[1] - at[0]) / runs;
		first += (at[2] - at[1]) / runs;
		find += (at[3] - at[2]) / runs;
	}
	printf("a look (unpack, detect)      %7.3f ms\n", peer);
	tell("associate five faces", associate_ms(1000 * runs, &sight.time_us), peer);
	tell("keep looks, once a second", keep, peer);
	tell("first frame without a face", first, peer);
	tell("each one after it", find, peer);
	printf("found %d of %d\n", found, 2 * runs);
	gh_watch_finish(&watch);
	gh_resizer_finish(&resizer);
	return found == 2 * runs ? 0 : 1;
}
