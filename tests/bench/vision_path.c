/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole vision path at 1280x720 as a lane calls it: gh_vision_observe() on a drawn face, in
 * NV12 and MJPEG, every network of the chain and the template with its flip in each frame.
 *
 *	vision_path [onnxruntime|opencv] [FRAMES]
 *
 * Passages of STANDING frames, as of a person who stands: what is done once a person (the second
 * detector's word, whether the head is upright, the photograph) is in their first frame only.
 * Passages of one frame have all of that in each frame, as if somebody else stood there every time.
 *
 * Frames a second on one core by CPU time of the thread, over all frames; and the share of the
 * core's peak that the useful multiply-adds of the networks make up (CenterFace's are not counted);
 * the peak is measured in the same run, in turn.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/vision/picture.h"
#include "gatehouse/vision/vision.h"

#include "bench/support/peak.h"
#include "kernels.h"
#include "support/drawn_face.h"
#include "support/vision/models.h"

enum {
	WIDTH = 1280,
	HEIGHT = 720,
	STANDING = 8,
	TARGET_FRAMES = 40
};

/*
 * fr_detect, fr_landmark twice, fr_feature twice, fr_pose, fr_eye twice, fr_liveness: counted from
 * the published graphs, see vision_stages.c.
 */
#define MILLION_MULTIPLY_ADDS \
	(100.418560 + 2 * 15.593472 + 2 * 221.161984 + 144.086744 + 2 * 1.200000 + 104.154240)

static uint8_t rgb[3 * WIDTH * HEIGHT];
static uint8_t packed[3 * WIDTH * HEIGHT];

static void draw(void)
{
	const struct drawn_canvas canvas = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
	struct drawn_face face = drawn_face_usual(640, 330, 280);

	drawn_fill(&canvas, 150, 155, 160);
	drawn_face_paint(&canvas, &face);
	drawn_noise(&canvas, 5, 6); /* a camera's, so that the JPEG is of a usual size */
}

static struct gh_frame nv12_frame(void)
{
	struct gh_frame frame = models_frame(rgb, WIDTH, HEIGHT);

	memset(packed, 128, sizeof(packed));
	for (size_t i = 0; i < WIDTH * HEIGHT; i++)
		packed[i] = (uint8_t)(16 +
			(66 * rgb[3 * i] + 129 * rgb[3 * i + 1] + 25 * rgb[3 * i + 2] + 128) / 256);
	frame.format = GH_PIXEL_NV12;
	frame.planes[0] = (struct gh_plane){ packed, WIDTH, WIDTH * HEIGHT };
	frame.planes[1] = (struct gh_plane){ packed + WIDTH * HEIGHT, WIDTH, WIDTH * HEIGHT / 2 };
	return frame;
}

static struct gh_frame mjpeg_frame(void)
{
	struct gh_picture picture = { WIDTH, HEIGHT, { rgb, sizeof(rgb), sizeof(rgb) } };
	struct gh_frame frame = models_frame(rgb, WIDTH, HEIGHT);
	size_t length = sizeof(packed);

	if (gh_picture_encode_jpeg(&picture, 90, packed, &length, NULL) != GH_OK)
		exit(1);
	frame.format = GH_PIXEL_MJPEG;
	frame.planes[0] = (struct gh_plane){ packed, 0, (uint32_t)length };
	return frame;
}

/* One frame; its CPU time in milliseconds. */
static double observe(struct gh_vision *vision, struct gh_frame *frame, bool *sampled)
{
	struct gh_observation observation;
	struct gh_error error = GH_ERROR_NONE;
	double from = peak_now_ms(), took;

	if (gh_vision_observe(vision, frame, &observation, &error) != GH_OK) {
		fprintf(stderr, "vision_path: %s\n", error.text);
		exit(1);
	}
	took = peak_now_ms() - from;
	frame->sequence++;
	frame->capture_us += 33333;
	*sampled = observation.sample != NULL;
	gh_sample_release(observation.sample);
	return took;
}

static bool measure(struct gh_vision *vision, const char *name, struct gh_frame frame, int frames)
{
	double sum = 0, best = INFINITY, peak = 0, share;
	int samples = 0;

	frame.capture_us = 1000000;
	for (int i = 0; i < frames; i++) {
		bool sampled;
		double took = observe(vision, &frame, &sampled);

		sum += took;
		best = fmin(best, took);
		samples += sampled;
		if (i % 20 == 0)
			peak = fmax(peak, peak_gflops());
		if (sampled)
			gh_vision_wipe(vision);
	}
	share = 100 * 2 * MILLION_MULTIPLY_ADDS / (sum / frames) / peak;
	printf("  %-6s %4d frames, %3d samples: mean %6.2f ms (%.1f a second), best %6.2f ms, "
	       "%.1f %% of %.1f GFLOP/s\n",
		name, frames, samples, sum / frames, 1e3 * frames / sum, best, share, peak);
	if (samples == 0) {
		fprintf(stderr, "vision_path: no passage ended with a sample\n");
		exit(1);
	}
	return 1e3 * frames / sum >= TARGET_FRAMES;
}

/* Both formats in passages of so many frames; whether the target was reached. */
static bool measure_passages(struct gh_vision_options options, uint32_t length, int frames)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_vision *vision;
	bool reached;

	options.frames_min = length;
	options.frames_max = length;
	options.settle_ms = 0;
	if (gh_vision_create(&options, &vision, &error) != GH_OK) {
		fprintf(stderr, "vision_path: %s\n", error.text);
		exit(1);
	}
	printf("%s, our kernels for %s, one thread, passages of %u frames of %dx%d\n",
		gh_vision_engine_name(vision), gh_kernel_instructions(), length, WIDTH, HEIGHT);
	reached = measure(vision, "NV12", nv12_frame(), frames);
	reached = measure(vision, "MJPEG", mjpeg_frame(), frames) && reached;
	gh_vision_destroy(vision);
	return reached;
}

int main(int argc, char **argv)
{
	struct gh_vision_options options;
	long frames = argc > 2 ? strtol(argv[2], NULL, 10) : 120;
	bool reached;

	if (!models_options(&options))
		return 77;
	if (frames < 20 || frames > 100000)
		return 2;
	if (argc > 1)
		options.engine = argv[1];
	draw();
	measure_passages(options, 1, (int)frames);
	reached = measure_passages(options, STANDING, (int)frames);
	printf("wanted of a person who stands: %d frames a second: %s\n", TARGET_FRAMES,
		reached ? "reached" : "not reached");
	return reached ? 0 : 1;
}
