/* SPDX-License-Identifier: Apache-2.0 */
/* Metering against a simulated camera, lamp and face: it arrives, stays, and keeps its bounds. */
#include "gatehouse/vision/metering.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/document.h"

#define FRAME_US 33333u
#define LAG_MAX 16
#define SPREAD 9 /* brightnesses a face has */

/* What is in front of the lens, and how the camera follows. */
struct plant {
	float face;    /* luminance in thousandths at 10 ms and gain 1, ambient light 1 */
	float zone;    /* the same of what is around */
	float ambient; /* light of the hall */
	float lamp;    /* what the lamp at full adds to it */
	bool present;
	bool tells;   /* frames say how they were taken */
	uint32_t lag; /* frames from setting to effect */
	float noise;  /* share by which a measure is off */
	uint32_t seed;
	uint64_t frames;
	struct gh_metering_wish line[LAG_MAX + 1]; /* on its way through the camera */
};

static float random_share(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (float)(*seed >> 8) / (float)(1u << 24);
}

static struct gh_metering_options camera(void)
{
	struct gh_metering_options options = gh_metering_options_default();

	options.exposure_us = (struct gh_metering_range){ true, 100, 33000, 10000 };
	options.gain_permille = (struct gh_metering_range){ true, 1000, 16000, 1000 };
	return options;
}

static struct gh_metering_options camera_and_lamp(void)
{
	struct gh_metering_options options = camera();

	options.lamp = true;
	return options;
}

static struct plant plant(float ambient, uint32_t lag)
{
	return (struct plant){
		.face = 200, .zone = 250, .ambient = ambient, .present = true, .lag = lag, .seed = 7
	};
}

static float brightness(const struct plant *p, float at_ten_ms)
{
	const struct gh_metering_wish *now = &p->line[p->lag];
	float light = p->ambient + p->lamp * (float)now->lamp_permille / 1000.0f;

	return at_ten_ms * light * (float)now->exposure_us / 10000.0f * (float)now->gain_permille /
		1000.0f;
}

/* A face has brighter and darker places, and none is brighter than full scale. */
static void see(struct plant *p, float mean, struct gh_lighting *lighting)
{
	float sum = 0.0f, clipped = 0.0f;

	for (int i = 0; i < SPREAD; i++) {
		float at = mean * (0.4f + 1.2f * (float)i / (SPREAD - 1));

		sum += fminf(at, 1000.0f);
		clipped += at >= 970.0f ? 1.0f : 0.0f;
	}
	lighting->face = true;
	lighting->face_luminance_permille =
		sum / SPREAD * (1.0f + p->noise * (2.0f * random_share(&p->seed) - 1.0f));
	lighting->face_clipped_permille = 1000.0f * clipped / SPREAD;
}

/* A face that is all black or all white is not found. */
static bool found(float mean)
{
	return mean > 3.0f && mean < 3000.0f;
}

/* One frame through camera and controller; true when something was set. */
static bool turn(struct plant *p, struct gh_metering *m)
{
	struct gh_lighting lighting = { .face_luminance_permille = GH_LIGHTING_UNKNOWN };
	struct gh_metering_frame frame = { p->frames * FRAME_US, p->frames, GH_FRAME_UNKNOWN,
		GH_FRAME_UNKNOWN, false };
	float face = brightness(p, p->face);

	if (p->tells) {
		frame.exposure_us = p->line[p->lag].exposure_us;
		frame.gain_permille = p->line[p->lag].gain_permille;
	}
	lighting.zone_luminance_permille = fminf(1000.0f, brightness(p, p->zone));
	if (p->present && found(face))
		see(p, face, &lighting);
	p->frames++;
	bool set = gh_metering_step(m, &frame, &lighting);
	memmove(p->line + 1, p->line, LAG_MAX * sizeof(*p->line));
	p->line[0] = m->wish;
	return set;
}

static void begin(struct plant *p, struct gh_metering *m, const struct gh_metering_options *options)
{
	gh_metering_init(m, options);
	for (int i = 0; i <= LAG_MAX; i++)
		p->line[i] = m->wish;
}

static float face_now(const struct plant *p)
{
	return brightness(p, p->face);
}

static bool in_band(const struct plant *p, const struct gh_metering *m)
{
	float factor = face_now(p) / (float)m->options.target_permille;
	float band = (float)m->options.band_permille / 1000.0f;

	return factor <= band && factor >= 1.0f / band;
}

/* What a run came to. */
struct run {
	unsigned frames_to_band; /* after the last frame outside */
	unsigned last_set;       /* frame of the last change */
	unsigned turns_back;     /* changes of direction */
};

static struct run settle(struct plant *p, struct gh_metering *m, unsigned frames)
{
	struct run run = { 0 };
	int direction = 0;

	for (unsigned i = 0; i < frames; i++) {
		if (turn(p, m)) {
			run.last_set = i;
			if (direction != 0 && m->direction != direction)
				run.turns_back++;
			direction = m->direction;
		}
		if (!in_band(p, m))
			run.frames_to_band = i + 1;
	}
	return run;
}

/* The ways a lane can be equipped. */
static const struct way {
	const char *name;
	bool exposure, gain;
	float lamp;
} ways[] = {
	{ "exposure and gain", true, true, 0.0f },
	{ "exposure alone", true, false, 0.0f },
	{ "gain alone", false, true, 0.0f },
	{ "with a weak lamp", true, true, 0.3f },
	{ "with a strong lamp", true, true, 6.0f },
};

static struct gh_metering_options equip(const struct way *way)
{
	struct gh_metering_options options = camera();

	options.exposure_us.available = way->exposure;
	options.gain_permille.available = way->gain;
	if (!way->exposure) {
		/* Room both ways, as a camera without a shutter has it. */
		options.gain_permille = (struct gh_metering_range){ true, 100, 16000, 1000 };
		options.blur_exposure_max_us = 10000;
	}
	if (!way->gain) {
		options.exposure_us.maximum = 100000;
		options.blur_exposure_max_us = 100000;
	}
	options.lamp = way->lamp > 0.0f;
	return options;
}

static unsigned one_way(const struct way *way, float ambient, uint32_t lag, bool tells)
{
	struct gh_metering_options options = equip(way);
	struct plant p = plant(ambient, lag);
	struct gh_metering m;
	struct run run;

	p.lamp = way->lamp;
	p.tells = tells;
	if (!way->exposure)
		p.face *= 10.0f; /* a fixed exposure of 1 ms stands for any */
	begin(&p, &m, &options);
	run = settle(&p, &m, 400);
	printf("%-18s light %5.3f lag %u %s: in the band after %2u frames, last set at %2u, "
	       "turned back %u times\n",
		way->name, (double)ambient, lag, tells ? "told  " : "untold", run.frames_to_band,
		run.last_set, run.turns_back);
	if (!in_band(&p, &m))
		fail_msg("%s: stayed outside at %f", way->name, (double)face_now(&p));
	assert_true(run.frames_to_band <= 60);
	assert_true(run.last_set < 150);
	assert_int_equal(run.turns_back, 0);
	assert_int_equal(m.control, GH_LIGHTING_STEADY);
	return run.frames_to_band;
}

/* One cell of the table: the frames for a delay of none to four. */
static void cell(struct gh_bytes *text, const struct way *way, float ambient, bool tells)
{
	for (uint32_t lag = 0; lag <= 4; lag++)
		assert_int_equal(gh_bytes_print(text, NULL, "%s%u", lag == 0 ? " " : ", ",
					 one_way(way, ambient, lag, tells)),
			GH_OK);
	assert_int_equal(gh_bytes_print(text, NULL, " |"), GH_OK);
}

static void arrives_from_an_eighth_and_from_eight_times(void **unused)
{
	struct gh_bytes text = GH_BYTES_EMPTY;

	(void)unused;
	assert_int_equal(gh_bytes_print(&text, NULL,
				 "| camera | frames tell | from an eighth | from eight times |\n"
				 "|---|---|---|---|\n"),
		GH_OK);
	for (size_t w = 0; w < sizeof(ways) / sizeof(*ways); w++)
		for (int tells = 0; tells < 2; tells++) {
			assert_int_equal(gh_bytes_print(&text, NULL, "| %s | %s |", ways[w].name,
						 tells ? "yes" : "no"),
				GH_OK);
			cell(&text, &ways[w], 0.125f, tells != 0);
			cell(&text, &ways[w], 8.0f, tells != 0);
			assert_int_equal(gh_bytes_print(&text, NULL, "\n"), GH_OK);
		}
	assert_true(document_has("coaching.md", "convergence", &text));
	gh_bytes_finish(&text);
}

/* Slower than it was told to reckon with: steps get smaller until they end. */
static void comes_to_rest_whatever_the_delay(void **unused)
{
	(void)unused;
	for (uint32_t lag = 5; lag <= LAG_MAX; lag++)
		for (int i = -3; i <= 3; i++) {
			struct gh_metering_options options = camera_and_lamp();
			struct plant p = plant(powf(2.0f, (float)i), lag);
			struct gh_metering m;

			p.lamp = 1.0f;
			begin(&p, &m, &options);
			settle(&p, &m, 1500);
			assert_true(settle(&p, &m, 300).last_set == 0);
			assert_true(in_band(&p, &m));
		}
}

static void leaves_alone_what_is_within_the_band(void **unused)
{
	(void)unused;
	for (float ambient = 0.6f; ambient < 2.0f; ambient += 0.05f) {
		struct gh_metering_options options = camera();
		struct plant p = plant(ambient, 0);
		struct gh_metering m;

		begin(&p, &m, &options);
		for (int i = 0; i < 100; i++)
			assert_false(turn(&p, &m));
		assert_int_equal(m.control, GH_LIGHTING_STEADY);
	}
}

/* A face at the edge of the band, measured with noise: one approach, then nothing more. */
static void noise_does_not_move_it(void **unused)
{
	(void)unused;
	for (uint32_t seed = 1; seed <= 40; seed++) {
		struct gh_metering_options options = camera_and_lamp();
		struct plant p = plant(seed % 2 ? 0.55f : 2.2f, seed % 5);
		struct gh_metering m;

		p.seed = seed;
		p.noise = 0.1f;
		p.lamp = 0.5f;
		begin(&p, &m, &options);
		settle(&p, &m, 200);
		for (int i = 0; i < 1000; i++)
			assert_false(turn(&p, &m));
	}
}

static void brightens_by_lamp_then_exposure_then_gain(void **unused)
{
	struct gh_metering_options options = camera_and_lamp();
	struct plant p = plant(0.05f, 0);
	struct gh_metering m;
	bool exposed = false, gained = false;

	(void)unused;
	begin(&p, &m, &options);
	for (int i = 0; i < 200; i++) {
		turn(&p, &m);
		if (m.wish.exposure_us > 10000 || m.wish.gain_permille > 1000) {
			exposed = true;
			assert_int_equal(m.wish.lamp_permille, 1000);
		}
		if (m.wish.gain_permille > 2000) {
			gained = true;
			assert_int_equal(m.wish.exposure_us, 20000);
		}
	}
	assert_true(exposed && gained && in_band(&p, &m));
}

static void darkens_by_gain_then_exposure_then_lamp(void **unused)
{
	struct gh_metering_options options = camera_and_lamp();
	struct plant p = plant(0.05f, 0);
	struct gh_metering m;
	bool dimmed = false;

	(void)unused;
	begin(&p, &m, &options);
	settle(&p, &m, 200);
	p.ambient = 0.8f;
	p.lamp = 6.0f;
	for (int i = 0; i < 400; i++) {
		turn(&p, &m);
		if (m.wish.lamp_permille < 1000) {
			dimmed = true;
			assert_true(m.wish.exposure_us <= 10000);
			assert_int_equal(m.wish.gain_permille, 1000);
		}
	}
	assert_true(dimmed && in_band(&p, &m));
}

static void exposure_keeps_to_the_mains_and_below_blur(void **unused)
{
	static const uint32_t mains_hz[] = { 50, 60 };

	(void)unused;
	for (size_t i = 0; i < 2; i++)
		for (float ambient = 0.01f; ambient < 20.0f; ambient *= 1.3f) {
			struct gh_metering_options options = camera();
			struct plant p = plant(ambient, 2);
			struct gh_metering m;
			float half = 500000.0f / (float)mains_hz[i];

			options.mains_hz = mains_hz[i];
			options.blur_exposure_max_us = 25500;
			begin(&p, &m, &options);
			for (int frame = 0; frame < 150; frame++) {
				float periods;

				turn(&p, &m);
				assert_true(m.wish.exposure_us <= 25500);
				periods = (float)m.wish.exposure_us / half;
				if (periods >= 0.999f)
					assert_true(fabsf(periods - roundf(periods)) < 0.001f);
				else
					assert_in_range(m.wish.gain_permille, 1000, 1005);
			}
		}
}

static void says_when_it_can_do_no_more(void **unused)
{
	struct gh_metering_options options = camera_and_lamp();
	struct plant p = plant(0.004f, 1);
	struct gh_metering m;

	(void)unused;
	begin(&p, &m, &options);
	settle(&p, &m, 300);
	assert_int_equal(m.wish.exposure_us, 20000);
	assert_int_equal(m.wish.gain_permille, 16000);
	assert_int_equal(m.wish.lamp_permille, 1000);
	assert_int_equal(m.control, GH_LIGHTING_EXHAUSTED);
	p.ambient = 1.0f; /* and goes on when it can again */
	settle(&p, &m, 300);
	assert_true(in_band(&p, &m));
}

static void without_controls_it_is_exhausted_at_once(void **unused)
{
	struct gh_metering_options options = gh_metering_options_default();
	struct plant p = plant(0.1f, 0);
	struct gh_metering m;

	(void)unused;
	begin(&p, &m, &options);
	p.face *= 10.0f;
	assert_false(turn(&p, &m));
	assert_int_equal(m.control, GH_LIGHTING_EXHAUSTED);
	p.ambient = 1.0f;
	assert_false(turn(&p, &m));
	assert_int_equal(m.control, GH_LIGHTING_STEADY);
}

static void lights_up_for_whoever_comes_and_rests_after(void **unused)
{
	struct gh_metering_options options = camera_and_lamp();
	struct plant p = plant(0.3f, 1);
	struct gh_metering m;

	(void)unused;
	options.lamp_rest_permille = 50;
	p.lamp = 1.0f;
	p.present = false;
	begin(&p, &m, &options);
	assert_int_equal(m.wish.lamp_permille, 50);
	settle(&p, &m, 30);
	assert_int_equal(m.wish.lamp_permille, 50);
	p.present = true;
	assert_true(turn(&p, &m));
	assert_int_equal(m.wish.lamp_permille, 600);
	settle(&p, &m, 100);
	struct gh_metering_wish met = m.wish;
	p.present = false;
	for (int i = 0; i < 40; i++) /* a second and a third: nothing */
		assert_false(turn(&p, &m));
	assert_memory_equal(&m.wish, &met, sizeof(met));
	settle(&p, &m, 30);
	assert_int_equal(m.wish.lamp_permille, 50);
	assert_int_equal(m.wish.exposure_us, 10000);
	assert_int_equal(m.wish.gain_permille, 1000);
}

static void the_end_of_a_passage_is_rest_at_once(void **unused)
{
	struct gh_metering_options options = camera_and_lamp();
	struct plant p = plant(0.02f, 1);
	struct gh_metering m;

	(void)unused;
	begin(&p, &m, &options);
	settle(&p, &m, 200);
	assert_true(m.wish.gain_permille > 1000);
	gh_metering_rest(&m);
	assert_int_equal(m.wish.exposure_us, 10000);
	assert_int_equal(m.wish.gain_permille, 1000);
	assert_int_equal(m.wish.lamp_permille, 0);
	assert_int_equal(m.control, GH_LIGHTING_STEADY);
}

/* A hall too dark, or too bright, for any face to be found at the camera's own rest. */
static void rests_where_a_face_could_be_found(void **unused)
{
	static const float ambients[] = { 0.01f, 30.0f };

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		struct gh_metering_options options = camera_and_lamp();
		struct plant p = plant(ambients[i], 3);
		struct gh_metering m;
		float zone;

		p.present = false;
		begin(&p, &m, &options);
		settle(&p, &m, 300);
		zone = brightness(&p, p.zone);
		assert_true(zone > 15.0f && zone < 700.0f);
		assert_int_equal(m.wish.lamp_permille, 0);
		assert_int_equal(settle(&p, &m, 600).last_set, 0);
		p.ambient = 1.0f; /* the light is put right: back to the camera's own */
		settle(&p, &m, 300);
		assert_int_equal(m.wish.exposure_us, 10000);
		assert_int_equal(m.wish.gain_permille, 1000);
	}
}

/* A sensor says that somebody is there whom the dark hides: the lamp is lit for him. */
static void whoever_is_expected_is_lit(void **unused)
{
	struct gh_metering_options options = camera_and_lamp();
	struct gh_metering_frame frame = { 0, 0, GH_FRAME_UNKNOWN, GH_FRAME_UNKNOWN, true };
	struct gh_lighting dark = { .face_luminance_permille = GH_LIGHTING_UNKNOWN };
	struct gh_metering m;

	(void)unused;
	gh_metering_init(&m, &options);
	for (unsigned i = 0; i < 200; i++, frame.sequence++, frame.capture_us += FRAME_US)
		gh_metering_step(&m, &frame, &dark);
	assert_int_equal(m.wish.lamp_permille, 1000);
	assert_int_equal(m.wish.gain_permille, 16000);
	assert_int_equal(m.control, GH_LIGHTING_EXHAUSTED);
}

static void waits_by_frames_at_any_rate(void **unused)
{
	static const uint64_t intervals_us[] = { 5000, 33333, 200000 };

	(void)unused;
	for (size_t i = 0; i < 3; i++) {
		struct gh_metering_options options = camera();
		struct gh_metering_frame frame = { 1000, 0, GH_FRAME_UNKNOWN, GH_FRAME_UNKNOWN,
			false };
		struct gh_lighting dim = { true, 20.0f, 0.0f, 50.0f, 50.0f };
		uint64_t set_us = 0, set_sequence = 0;
		struct gh_metering m;

		gh_metering_init(&m, &options);
		for (int n = 0; n < 100; n++) {
			if (gh_metering_step(&m, &frame, &dim)) {
				assert_true(set_us == 0 ||
					(frame.capture_us - set_us >= 100000 &&
						frame.sequence - set_sequence >= 6));
				set_us = frame.capture_us;
				set_sequence = frame.sequence;
			}
			frame.sequence++;
			frame.capture_us += intervals_us[i];
		}
		assert_true(set_us > 0);
	}
}

static void a_camera_opened_again_counts_anew(void **unused)
{
	struct gh_metering_options options = camera();
	struct gh_metering_frame frame = { 1000000, 5000, GH_FRAME_UNKNOWN, GH_FRAME_UNKNOWN,
		false };
	struct gh_lighting dim = { true, 20.0f, 0.0f, 50.0f, 50.0f };
	struct gh_metering m;
	unsigned set = 0;

	(void)unused;
	gh_metering_init(&m, &options);
	assert_true(gh_metering_step(&m, &frame, &dim));
	frame.sequence = 0;
	for (int n = 0; n < 20; n++, frame.sequence++, frame.capture_us += FRAME_US)
		set += gh_metering_step(&m, &frame, &dim) ? 1 : 0;
	assert_true(set >= 1);
}

static void ranges_that_contradict_themselves_are_not_used(void **unused)
{
	static const struct gh_metering_range ranges[] = {
		{ true, 100, 50, 70 },
		{ true, 100, 200, 300 },
		{ true, 0, 200, 100 },
		{ true, 0, 0, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		struct gh_metering_options options = gh_metering_options_default();
		struct gh_metering m;

		options.exposure_us = ranges[i];
		options.gain_permille = ranges[i];
		gh_metering_init(&m, &options);
		assert_false(m.options.exposure_us.available);
		assert_false(m.options.gain_permille.available);
	}
}

/* Whatever it sees, it stays within ranges, and no step is longer than four times. */
static void any_light_keeps_the_bounds(void **unused)
{
	const char *given = getenv("GATEHOUSE_SEED");
	uint32_t seed = given ? (uint32_t)strtoul(given, NULL, 0) : 11;
	struct gh_metering_options options = camera_and_lamp();
	struct plant p = plant(1.0f, 2);
	struct gh_metering m;

	(void)unused;
	printf("GATEHOUSE_SEED=%u\n", seed);
	p.seed = seed;
	begin(&p, &m, &options);
	for (int i = 0; i < 20000; i++) {
		struct gh_metering_wish before = m.wish;
		float ratio;

		if (i % 37 == 0) {
			p.ambient = powf(2.0f, 16.0f * random_share(&p.seed) - 8.0f);
			p.lamp = random_share(&p.seed);
			p.present = random_share(&p.seed) > 0.3f;
			p.lag = (uint32_t)(5.0f * random_share(&p.seed));
		}
		if (i % 501 == 500)
			gh_metering_rest(&m);
		before = m.wish;
		turn(&p, &m);
		assert_in_range(m.wish.exposure_us, 100, 20000);
		assert_in_range(m.wish.gain_permille, 1000, 16000);
		assert_in_range(m.wish.lamp_permille, 0, 1000);
		ratio = (float)m.wish.exposure_us * (float)m.wish.gain_permille /
			((float)before.exposure_us * (float)before.gain_permille);
		if (m.face_known)
			assert_true(ratio < 4.05f && ratio > 1.0f / 4.05f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrives_from_an_eighth_and_from_eight_times),
		cmocka_unit_test(comes_to_rest_whatever_the_delay),
		cmocka_unit_test(leaves_alone_what_is_within_the_band),
		cmocka_unit_test(noise_does_not_move_it),
		cmocka_unit_test(brightens_by_lamp_then_exposure_then_gain),
		cmocka_unit_test(darkens_by_gain_then_exposure_then_lamp),
		cmocka_unit_test(exposure_keeps_to_the_mains_and_below_blur),
		cmocka_unit_test(says_when_it_can_do_no_more),
		cmocka_unit_test(without_controls_it_is_exhausted_at_once),
		cmocka_unit_test(lights_up_for_whoever_comes_and_rests_after),
		cmocka_unit_test(the_end_of_a_passage_is_rest_at_once),
		cmocka_unit_test(rests_where_a_face_could_be_found),
		cmocka_unit_test(whoever_is_expected_is_lit),
		cmocka_unit_test(waits_by_frames_at_any_rate),
		cmocka_unit_test(a_camera_opened_again_counts_anew),
		cmocka_unit_test(ranges_that_contradict_themselves_are_not_used),
		cmocka_unit_test(any_light_keeps_the_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
