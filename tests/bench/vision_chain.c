/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The full chain on every frame of 1280x720, for each format a camera delivers, as the lane does:
 * gh_vision_observe() over passages of two frames that each end with a sample.
 *
 *	vision_chain [onnxruntime|opencv] [PASSAGES]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gatehouse/vision/picture.h"
#include "gatehouse/vision/vision.h"

#include "kernels.h"
#include "support/drawn_face.h"
#include "support/vision/models.h"

enum {
	WIDTH = 1280,
	HEIGHT = 720,
	PASSAGES_MAX = 10000
};

static uint8_t rgb[3 * WIDTH * HEIGHT];
static uint8_t packed[3 * WIDTH * HEIGHT];
static double cpu_ms[2 * PASSAGES_MAX];
static double wall_ms[2 * PASSAGES_MAX];

static double now_ms(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void draw(void)
{
	const struct drawn_canvas canvas = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
	struct drawn_face face = drawn_face_usual(640, 330, 280);

	drawn_fill(&canvas, 150, 155, 160);
	drawn_face_paint(&canvas, &face);
	drawn_noise(&canvas, 5, 6); /* a camera's, so that the JPEG is of a usual size */
}

static uint8_t luma(size_t i)
{
	return (uint8_t)(16 +
		(66 * rgb[3 * i] + 129 * rgb[3 * i + 1] + 25 * rgb[3 * i + 2] + 128) / 256);
}

static struct gh_frame frame_of(enum gh_pixel_format format)
{
	struct gh_picture picture = { WIDTH, HEIGHT, { rgb, sizeof(rgb), sizeof(rgb) } };
	struct gh_frame frame = models_frame(rgb, WIDTH, HEIGHT);
	size_t length = sizeof(packed);
	size_t step = format == GH_PIXEL_YUYV ? 2 : 1;

	frame.format = format;
	if (format == GH_PIXEL_RGB24)
		return frame;
	memset(packed, 128, sizeof(packed));
	for (size_t i = 0; i < WIDTH * HEIGHT; i++)
		packed[step * i] = luma(i);
	frame.planes[0] = (struct gh_plane){ packed, (uint32_t)step * WIDTH,
		(uint32_t)step * WIDTH * HEIGHT };
	if (format == GH_PIXEL_NV12)
		frame.planes[1] =
			(struct gh_plane){ packed + WIDTH * HEIGHT, WIDTH, WIDTH * HEIGHT / 2 };
	if (format == GH_PIXEL_MJPEG) {
		if (gh_picture_encode_jpeg(&picture, 90, packed, &length, NULL) != GH_OK)
			exit(1);
		frame.planes[0] = (struct gh_plane){ packed, 0, (uint32_t)length };
	}
	return frame;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(double *values, size_t count, double share)
{
	qsort(values, count, sizeof(values[0]), ascending);
	return values[(size_t)(share * (double)(count - 1) + 0.5)];
}

static void measure(struct gh_vision *vision, enum gh_pixel_format format, size_t passages)
{
	struct gh_frame frame = frame_of(format);
	size_t frames = 0, samples = 0;

	for (size_t i = 0; i < passages; i++) {
		for (int f = 0; f < 2; f++, frames++) {
			struct gh_observation observation;
			struct gh_error error = GH_ERROR_NONE;
			double cpu = now_ms(CLOCK_THREAD_CPUTIME_ID),
			       wall = now_ms(CLOCK_MONOTONIC);

			if (gh_vision_observe(vision, &frame, &observation, &error) != GH_OK) {
				fprintf(stderr, "vision_chain: %s\n", error.text);
				exit(1);
			}
			cpu_ms[frames] = now_ms(CLOCK_THREAD_CPUTIME_ID) - cpu;
			wall_ms[frames] = now_ms(CLOCK_MONOTONIC) - wall;
			samples += observation.sample != NULL;
			gh_sample_release(observation.sample);
		}
		gh_vision_wipe(vision);
	}
	printf("%-6s %5zu frames %4zu samples: CPU p50 %6.2f p95 %6.2f, wall p50 %6.2f p95 %6.2f "
	       "ms\n",
		gh_pixel_format_name(format), frames, samples, quantile(cpu_ms, frames, 0.5),
		quantile(cpu_ms, frames, 0.95), quantile(wall_ms, frames, 0.5),
		quantile(wall_ms, frames, 0.95));
	if (samples != passages) {
		fprintf(stderr, "vision_chain: a passage ended without its sample\n");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static const enum gh_pixel_format formats[] = { GH_PIXEL_NV12, GH_PIXEL_YUYV,
		GH_PIXEL_MJPEG, GH_PIXEL_RGB24, GH_PIXEL_GREY };
	struct gh_vision_options options;
	struct gh_error error = GH_ERROR_NONE;
	struct gh_vision *vision;
	long passages = argc > 2 ? strtol(argv[2], NULL, 10) : 100;

	if (!models_options(&options))
		return 77;
	if (passages < 1 || passages > PASSAGES_MAX)
		return 2;
	if (argc > 1)
		options.engine = argv[1];
	if (gh_vision_create(&options, &vision, &error) != GH_OK) {
		fprintf(stderr, "vision_chain: %s\n", error.text);
		return 1;
	}
	printf("%s, our kernels for %s, one thread, all stages on every frame of %dx%d\n",
		gh_vision_engine_name(vision), gh_kernel_instructions(), WIDTH, HEIGHT);
	draw();
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		measure(vision, formats[i], (size_t)passages);
	gh_vision_destroy(vision);
	return 0;
}
