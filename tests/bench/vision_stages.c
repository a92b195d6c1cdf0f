/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each stage of the chain in milliseconds, the networks also as a share of what one core can do at
 * most: fused multiply-adds from registers, measured right beside them in the same run.
 *
 *	vision_stages [onnxruntime|opencv]
 *
 * Times are CPU time of the thread, the best of many runs: on a machine that is shared the share
 * of the peak stays meaningful because both are taken in turn.
 *
 * Multiply-adds of the networks were counted from the published ONNX graphs: for each convolution
 * output size x kernel size x input channels of its group, for each transposed one the same with
 * the input size, and the weights of each matrix product. Activations, additions and the
 * multiplications that the prepared PReLU costs are not counted, so the share is that of useful
 * work alone.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/support/peak.h"
#include "chain.h"
#include "kernels.h"
#include "photo.h"
#include "scene.h"
#include "support/drawn_face.h"
#include "support/vision/models.h"
#include "support/vision/shipped.h"

enum {
	WIDTH = 1280,
	HEIGHT = 720,
	RUNS = 60
};

static uint8_t rgb[3 * WIDTH * HEIGHT];
static uint8_t nv12[WIDTH * HEIGHT * 3 / 2];

/* Everything the stages work on. */
struct bench {
	struct gh_chain chain;
	struct gh_viewer viewer;
	struct gh_frame frame;
	struct gh_scene scene;
	struct gh_faces faces;
	struct gh_description description;
	struct gh_quality quality;
	struct gh_template made;
	struct gh_picture photo;
	struct gh_network *extra; /* CenterFace */
};

static void must(enum gh_status status, const struct gh_error *error)
{
	if (status == GH_OK)
		return;
	fprintf(stderr, "vision_stages: %s\n", error->text);
	exit(1);
}

static void unpack(struct bench *bench)
{
	struct gh_error error = GH_ERROR_NONE;

	must(gh_viewer_show(&bench->viewer, &bench->frame, &bench->scene, &error), &error);
}

static void crop_for_detect(struct bench *bench)
{
	struct gh_canvas canvas = { &bench->scene.image, 0.0f };
	struct gh_box box = gh_canvas_box(&canvas, 4.0f / 3.0f);

	gh_network_show(
		bench->chain.networks[GH_ROLE_DETECTOR], &bench->chain.resizer, canvas.image, &box);
}

static void run(struct gh_network *network)
{
	struct gh_error error = GH_ERROR_NONE;

	must(gh_network_run(network, &error), &error);
}

static void run_detect(struct bench *bench)
{
	run(bench->chain.networks[GH_ROLE_DETECTOR]);
}

static void detect(struct bench *bench)
{
	struct gh_canvas canvas = { &bench->scene.image, 0.0f };
	struct gh_error error = GH_ERROR_NONE;

	must(gh_chain_detect(&bench->chain, &canvas, &bench->faces, &error), &error);
}

static void run_landmark(struct bench *bench)
{
	run(bench->chain.networks[GH_ROLE_LANDMARKS]);
}

static void describe(struct bench *bench)
{
	struct gh_stage stage = bench->scene.stage;
	struct gh_error error = GH_ERROR_NONE;

	must(gh_chain_describe(&bench->chain, &bench->scene.image, &bench->faces.list[0], &stage,
		     &bench->description, &bench->quality, &error),
		&error);
}

static void align(struct bench *bench)
{
	struct gh_alignment alignment = { bench->description.landmarks.five, gh_aligned_points,
		ALIGNED_SIDE_PX };

	gh_align(&bench->scene.image, &bench->chain.reducer, &alignment, &bench->description.map,
		bench->chain.aligned);
}

static void run_pose(struct bench *bench)
{
	run(bench->chain.networks[GH_ROLE_POSE]);
}

static void pose(struct bench *bench)
{
	struct gh_error error = GH_ERROR_NONE;

	must(gh_head_pose(bench->chain.networks[GH_ROLE_POSE], &bench->chain.resizer,
		     &bench->scene.image, &bench->faces.list[0].box, &bench->description.pose,
		     &error),
		&error);
}

static void run_eye(struct bench *bench)
{
	run(bench->chain.networks[GH_ROLE_EYES]);
}

static void run_liveness(struct bench *bench)
{
	run(bench->chain.networks[GH_ROLE_LIVENESS]);
}

static void liveness(struct bench *bench)
{
	struct gh_error error = GH_ERROR_NONE;

	must(gh_liveness(bench->chain.networks[GH_ROLE_LIVENESS], &bench->chain.resizer,
		     &bench->scene.image, &bench->faces.list[0].box,
		     &bench->description.attack_log_odds, &error),
		&error);
}

static void measure(struct bench *bench)
{
	struct gh_measured measured = { .face = &bench->faces.list[0],
		.landmarks = &bench->description.landmarks,
		.map = &bench->description.map,
		.aligned = bench->chain.aligned,
		.image = &bench->scene.image };
	struct gh_stage stage = bench->scene.stage;

	stage.faces = &bench->faces;
	gh_measure(&measured, &stage, &bench->quality);
}

static void run_feature(struct bench *bench)
{
	run(bench->chain.networks[GH_ROLE_EMBEDDER]);
}

static void embed(struct bench *bench)
{
	struct gh_error error = GH_ERROR_NONE;

	must(gh_chain_embed(&bench->chain, &bench->made, &error), &error);
}

static void take_photo(struct bench *bench)
{
	struct gh_sitting sitting = { &bench->scene.image, &bench->faces, &bench->faces.list[0],
		&bench->description.landmarks };

	gh_photo_take(&sitting, &bench->chain.reducer, &bench->photo);
}

static void run_centerface(struct bench *bench)
{
	run(bench->extra);
}

struct stage {
	const char *name;
	void (*work)(struct bench *);
	double million_multiply_adds; /* 0: no network alone */
};

static const struct stage stages[] = {
	{ "unpack NV12, zone of 1280x720", unpack, 0 },
	{ "crop for the detector", crop_for_detect, 0 },
	{ "  network fr_detect", run_detect, 100.418560 },
	{ "detect, all of it", detect, 0 },
	{ "  network fr_landmark, one pass", run_landmark, 15.593472 },
	{ "  network fr_pose", run_pose, 144.086744 },
	{ "pose, all of it", pose, 0 },
	{ "  network fr_eye, one eye", run_eye, 1.200000 },
	{ "  network fr_liveness", run_liveness, 104.154240 },
	{ "liveness, all of it", liveness, 0 },
	{ "describe: all of these but detect", describe, 0 },
	{ "  align alone", align, 0 },
	{ "  measure alone", measure, 0 },
	{ "  network fr_feature, one face", run_feature, 221.161984 },
	{ "embed with flip", embed, 0 },
	{ "photograph of a best frame", take_photo, 0 },
	{ "(network centerface)", run_centerface, 493.742080 },
};

static void report(struct bench *bench, const struct stage *stage)
{
	double best = INFINITY, peak = 0;

	for (int i = 0; i < 3; i++)
		stage->work(bench);
	for (int i = 0; i < RUNS; i++) {
		double from = peak_now_ms();

		stage->work(bench);
		best = fmin(best, peak_now_ms() - from);
		if (stage->million_multiply_adds > 0 && i % 20 == 0)
			peak = fmax(peak, peak_gflops());
	}
	if (stage->million_multiply_adds > 0) {
		double gflops = 2.0 * stage->million_multiply_adds / best;

		printf("%-34s %8.3f ms  %6.1f GFLOP/s  %5.1f %% of %.1f\n", stage->name, best,
			gflops, 100 * gflops / peak, peak);
	} else {
		printf("%-34s %8.3f ms\n", stage->name, best);
	}
}

static void draw(void)
{
	const struct drawn_canvas canvas = { rgb, WIDTH, HEIGHT, 3 * WIDTH };
	struct drawn_face face = drawn_face_usual(640, 330, 280);

	drawn_fill(&canvas, 150, 155, 160);
	drawn_face_paint(&canvas, &face);
	memset(nv12, 128, sizeof(nv12));
	for (size_t i = 0; i < WIDTH * HEIGHT; i++)
		nv12[i] = (uint8_t)(16 +
			(66 * rgb[3 * i] + 129 * rgb[3 * i + 1] + 25 * rgb[3 * i + 2] + 128) / 256);
}

static void open_centerface(struct bench *bench, const struct gh_vision_options *options)
{
	static struct gh_models models;
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;

	must(gh_models_read(options->models_manifest, &models, &error), &error);
	must(gh_models_load(&models, options->models_directory, "centerface", &bytes, &error),
		&error);
	must(bench->chain.kind->open(
		     shipped("centerface"), gh_bytes_view(&bytes), &bench->extra, &error),
		&error);
	gh_bytes_finish(&bytes);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	struct gh_vision_options options;
	struct gh_error error = GH_ERROR_NONE;

	if (!models_options(&options))
		return 77;
	if (argc > 1)
		options.engine = argv[1];
	must(gh_chain_init(&bench.chain, &options, (struct gh_extent){ WIDTH, HEIGHT },
		     GH_CHAIN_LIVE, &error),
		&error);
	must(gh_viewer_init(&bench.viewer, &options, &error), &error);
	must(gh_bytes_reserve(
		     &bench.photo.rgb, 3 * PHOTO_WIDTH_MAX_PX * PHOTO_HEIGHT_MAX_PX, &error),
		&error);
	open_centerface(&bench, &options);
	draw();
	bench.frame = (struct gh_frame){ .width_px = WIDTH,
		.height_px = HEIGHT,
		.format = GH_PIXEL_NV12,
		.planes = { { nv12, WIDTH, WIDTH * HEIGHT },
			{ nv12 + WIDTH * HEIGHT, WIDTH, WIDTH * HEIGHT / 2 } } };
	printf("%s, our kernels for %s, one thread\n", bench.chain.engine_name,
		gh_kernel_instructions());
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
		report(&bench, &stages[i]);
	gh_network_close(bench.extra);
	gh_picture_finish(&bench.photo);
	gh_viewer_finish(&bench.viewer);
	gh_chain_finish(&bench.chain);
	return 0;
}
