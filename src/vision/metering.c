/* SPDX-License-Identifier: Apache-2.0 */
/* The controller of exposure, gain and lamp: a band, bounded steps, and a ladder of means. */
#include "gatehouse/vision/metering.h"

#include <math.h>

/* One step changes brightness by no more than this factor either way. */
#define STEP_MAX 4.0f

/* So near to the target an approach ends. */
#define NEAR 1.15f

/* Smallest move of the lamp, so that a lamp that lights little is soon at its end. */
#define LAMP_STEP_PERMILLE 200.0f
#define LAMP_MAX_PERMILLE 1000

/* A zone so dark or so bright that no detector finds a face in it, and where it is brought. */
#define BLIND_DARK_PERMILLE 15.0f
#define BLIND_BRIGHT_PERMILLE 700.0f
#define SEEING_PERMILLE 100.0f

/* Detectors lose a face for a moment: so long it still counts as there. */
#define FACE_HELD_US 1500000u

/* After so long without a change a new approach begins with whole steps again. */
#define CALM_US 2000000u
#define DAMPING_MIN (1.0f / 64.0f)

/* What the camera says it used counts as what was wished within this share. */
#define SAME_SHARE 0.03f

struct gh_metering_options gh_metering_options_default(void)
{
	return (struct gh_metering_options){
		.target_permille = 220,
		.band_permille = 2000,
		.clipped_max_permille = 150,
		.blur_exposure_max_us = 20000,
		.mains_hz = 50,
		.settle_ms = 100,
		.settle_frames = 6,
		.lamp_rest_permille = 0,
		.lamp_start_permille = 600,
	};
}

/* Exposure and gain as one product: microseconds at gain 1. */
static float product_of(uint32_t exposure_us, uint32_t gain_permille)
{
	return (float)exposure_us * (float)gain_permille / 1000.0f;
}

static bool can_expose(const struct gh_metering *m)
{
	return m->options.exposure_us.available || m->options.gain_permille.available;
}

/* What is not there to be set stands at one value. */
static struct gh_metering_range usable(struct gh_metering_range range, uint32_t fixed)
{
	bool sound = range.minimum > 0 && range.minimum <= range.initial &&
		range.initial <= range.maximum;

	if (range.available && sound)
		return range;
	return (struct gh_metering_range){ false, fixed, fixed, fixed };
}

/* 0: exposure need not or cannot keep to it. */
static float half_period_us(const struct gh_metering *m)
{
	if (m->options.mains_hz == 0 || !m->options.exposure_us.available)
		return 0.0f;
	return 500000.0f / (float)m->options.mains_hz;
}

/* The longest exposure with a person in the picture; whole half periods where one fits. */
static float exposure_max_us(const struct gh_metering *m)
{
	const struct gh_metering_range *range = &m->options.exposure_us;
	float most = fminf((float)range->maximum, (float)m->options.blur_exposure_max_us);
	float half = half_period_us(m);

	if (!range->available)
		return (float)range->initial;
	most = fmaxf(most, (float)range->minimum);
	return half > 0.0f && most >= half ? half * floorf(most / half) : most;
}

static float product_min(const struct gh_metering *m)
{
	return product_of(m->options.exposure_us.minimum, m->options.gain_permille.minimum);
}

static float product_max(const struct gh_metering *m)
{
	return exposure_max_us(m) * (float)m->options.gain_permille.maximum / 1000.0f;
}

/* Below this brightness exposure is shorter than half a period: the lamp is not needed there. */
static float knee(const struct gh_metering *m)
{
	float gain = (float)m->options.gain_permille.minimum / 1000.0f;

	return fminf(product_max(m), fmaxf(product_min(m), half_period_us(m) * gain));
}

static uint32_t within(float value, const struct gh_metering_range *range)
{
	if (value <= (float)range->minimum)
		return range->minimum;
	return value >= (float)range->maximum ? range->maximum : (uint32_t)(value + 0.5f);
}

/* The exposure for a product: whole half periods from the first on, the rest is gain's. */
static float exposure_for(const struct gh_metering *m, float product)
{
	float plain = product / ((float)m->options.gain_permille.minimum / 1000.0f);
	float half = half_period_us(m);
	float periods;

	plain = fminf(plain, exposure_max_us(m));
	if (half <= 0.0f || plain < half)
		return plain;
	/* A little more than floor(), lest rounding cost a period. */
	periods = plain / half;
	periods = m->options.gain_permille.available ? floorf(periods + 0.01f) : roundf(periods);
	return half * periods;
}

static void expose(struct gh_metering *m, float product)
{
	const struct gh_metering_options *o = &m->options;

	product = fminf(fmaxf(product, product_min(m)), product_max(m));
	m->wish.exposure_us = within(exposure_for(m, product), &o->exposure_us);
	m->wish.gain_permille =
		within(1000.0f * product / (float)m->wish.exposure_us, &o->gain_permille);
}

static float wished_product(const struct gh_metering *m)
{
	return product_of(m->wish.exposure_us, m->wish.gain_permille);
}

/* Note that the wish is another than before; its effect is waited for from the last frame on. */
static bool changed(struct gh_metering *m, const struct gh_metering_wish *before)
{
	bool lamp = m->wish.lamp_permille != before->lamp_permille;

	if (!lamp && m->wish.exposure_us == before->exposure_us &&
		m->wish.gain_permille == before->gain_permille)
		return false;
	m->pending = true;
	m->lamp_moved = lamp;
	m->changed_us = m->last_us;
	m->changed_sequence = m->last_sequence;
	return true;
}

static void lie_down(struct gh_metering *m)
{
	expose(m, m->hall);
	m->wish.lamp_permille = m->options.lamp ? m->options.lamp_rest_permille : 0;
	m->approaching = false;
	m->face_known = false;
}

void gh_metering_rest(struct gh_metering *metering)
{
	const struct gh_metering_wish before = metering->wish;

	lie_down(metering);
	metering->control = GH_LIGHTING_STEADY;
	changed(metering, &before);
}

void gh_metering_init(struct gh_metering *metering, const struct gh_metering_options *options)
{
	*metering = (struct gh_metering){ .options = *options, .damping = 1.0f };
	metering->options.exposure_us = usable(options->exposure_us, 1000);
	metering->options.gain_permille = usable(options->gain_permille, 1000);
	/* The camera is where it rests; only what differs from that has to show. */
	metering->wish.exposure_us = metering->options.exposure_us.initial;
	metering->wish.gain_permille = metering->options.gain_permille.initial;
	metering->hall = wished_product(metering);
	gh_metering_rest(metering);
}

/* The camera says what it used, and can be set. */
static bool tells(const struct gh_metering *m, const struct gh_metering_frame *frame)
{
	return can_expose(m) && frame->exposure_us != GH_FRAME_UNKNOWN &&
		frame->gain_permille != GH_FRAME_UNKNOWN && frame->exposure_us > 0 &&
		frame->gain_permille > 0;
}

/* A camera that cannot set one of the two may still tell it, on a scale of its own. */
static float told_product(const struct gh_metering *m, const struct gh_metering_frame *frame)
{
	const struct gh_metering_options *o = &m->options;

	return product_of(o->exposure_us.available ? frame->exposure_us : m->wish.exposure_us,
		o->gain_permille.available ? frame->gain_permille : m->wish.gain_permille);
}

static bool shows(const struct gh_metering *m, const struct gh_metering_frame *frame)
{
	float wished = wished_product(m);

	return !m->lamp_moved && tells(m, frame) &&
		fabsf(told_product(m, frame) - wished) <= SAME_SHARE * wished;
}

/* Whether this frame was taken with what was wished last. */
static bool settled(struct gh_metering *m, const struct gh_metering_frame *frame)
{
	if (!m->pending || shows(m, frame)) {
		m->pending = false;
		return true;
	}
	/* A camera that was opened again counts from the beginning. */
	if (frame->sequence < m->changed_sequence)
		m->changed_sequence = frame->sequence;
	m->pending = frame->capture_us < m->changed_us + (uint64_t)m->options.settle_ms * 1000 ||
		frame->sequence - m->changed_sequence < m->options.settle_frames;
	return !m->pending;
}

static uint32_t lamp_up(const struct gh_metering *m, float factor)
{
	float lamp = (float)m->wish.lamp_permille;
	float next = fmaxf(lamp * factor, lamp + m->damping * LAMP_STEP_PERMILLE);

	return (uint32_t)fminf(ceilf(next), LAMP_MAX_PERMILLE);
}

static uint32_t lamp_down(const struct gh_metering *m, float factor)
{
	float lamp = (float)m->wish.lamp_permille;
	float next = fminf(lamp * factor, lamp - 0.5f * m->damping * LAMP_STEP_PERMILLE);

	return next > 0.5f * m->damping * LAMP_STEP_PERMILLE ? (uint32_t)next : 0;
}

/* Up to the knee by exposure, then by the lamp while it can, then by exposure and gain. */
static void brighten(struct gh_metering *m, float product, float factor)
{
	float to_knee = fmaxf(1.0f, knee(m) / product);

	if (to_knee > 1.0f) {
		float used = can_expose(m) ? fminf(factor, to_knee) : 1.0f;

		product *= used;
		factor /= used;
	}
	if (factor > NEAR && m->options.lamp && m->wish.lamp_permille < LAMP_MAX_PERMILLE)
		m->wish.lamp_permille = lamp_up(m, factor);
	else
		product *= factor;
	expose(m, product);
}

/* The same ladder down: gain, exposure to the knee, the lamp, exposure. */
static void darken(struct gh_metering *m, float product, float factor)
{
	float to_knee = fminf(1.0f, knee(m) / product);

	if (to_knee < 1.0f) {
		float used = can_expose(m) ? fmaxf(factor, to_knee) : 1.0f;

		product *= used;
		factor /= used;
	}
	if (factor < 1.0f / NEAR && m->options.lamp && m->wish.lamp_permille > 0)
		m->wish.lamp_permille = lamp_down(m, factor);
	else
		product *= factor;
	expose(m, product);
}

static float damped(struct gh_metering *m, const struct gh_metering_frame *frame, float factor)
{
	int direction = factor > 1.0f ? 1 : -1;

	if (frame->capture_us > m->changed_us + CALM_US) {
		m->damping = 1.0f;
		m->direction = 0;
	}
	if (m->direction != 0 && direction != m->direction)
		m->damping = fmaxf(DAMPING_MIN, 0.5f * m->damping);
	m->direction = direction;
	factor = fminf(STEP_MAX, fmaxf(1.0f / STEP_MAX, factor));
	return powf(factor, m->damping);
}

/* One bounded step; one that turns back is half of what it would be. */
static void step_by(struct gh_metering *m, const struct gh_metering_frame *frame, float factor)
{
	float product = tells(m, frame) ? told_product(m, frame) : wished_product(m);

	factor = damped(m, frame, factor);
	if (factor > 1.0f)
		brighten(m, product, factor);
	else
		darken(m, product, factor);
}

/* Where much of a face is washed out its mean says too little of how much too bright it is. */
static float washed_factor(float clipped_permille)
{
	if (clipped_permille > 700.0f)
		return 1.0f / STEP_MAX;
	return clipped_permille > 400.0f ? 0.5f : 0.7f;
}

/* What the face's brightness is to be multiplied with; *outside: it cannot stay as it is. */
static float face_factor(
	const struct gh_metering *m, const struct gh_lighting *lighting, bool *outside)
{
	const struct gh_metering_options *o = &m->options;
	float mean = fmaxf(lighting->face_luminance_permille, 0.5f);
	float factor = (float)o->target_permille / mean;
	float band = (float)o->band_permille / 1000.0f;
	float clipped_max = (float)o->clipped_max_permille;

	*outside = factor > band || factor < 1.0f / band;
	if (lighting->face_clipped_permille > clipped_max && factor < band) {
		*outside = true;
		return fminf(factor, washed_factor(lighting->face_clipped_permille));
	}
	/* Spots of gloss on a dark face: brighter would wash it out. */
	if (factor > 1.0f && lighting->face_clipped_permille > 0.5f * clipped_max) {
		*outside = false;
		return 1.0f;
	}
	return factor;
}

/* An approach that has passed its target within the band is over, too. */
static bool arrived(const struct gh_metering *m, float factor, bool outside)
{
	bool passed = m->direction != 0 && (factor > 1.0f) != (m->direction > 0);

	return !outside && (passed || (factor < NEAR && factor > 1.0f / NEAR));
}

static void follow_face(struct gh_metering *m, const struct gh_metering_frame *frame,
	const struct gh_lighting *lighting)
{
	bool outside;
	float factor = face_factor(m, lighting, &outside);

	m->approaching |= outside;
	if (m->approaching && arrived(m, factor, outside))
		m->approaching = false;
	m->control = outside ? GH_LIGHTING_EXHAUSTED : GH_LIGHTING_STEADY;
	if (m->approaching)
		step_by(m, frame, factor);
}

static bool blind(float zone_permille)
{
	return zone_permille >= 0.0f &&
		(zone_permille < BLIND_DARK_PERMILLE || zone_permille > BLIND_BRIGHT_PERMILLE);
}

/* The hall has changed back, and the camera's own rest would do again. */
static bool could_rest(const struct gh_metering *m, float zone_permille, float initial)
{
	float at_rest = zone_permille * initial / wished_product(m);

	return at_rest > 2.0f * BLIND_DARK_PERMILLE && at_rest < 0.5f * BLIND_BRIGHT_PERMILLE;
}

/* Nobody is expected: the lamp stays where it is, so that it lights no empty lane. */
static void see_hall(struct gh_metering *m, const struct gh_metering_frame *frame, float zone)
{
	float factor = SEEING_PERMILLE / fmaxf(zone, 0.5f);

	m->control = GH_LIGHTING_EXHAUSTED;
	if (frame->expected)
		step_by(m, frame, factor);
	else
		expose(m, wished_product(m) * damped(m, frame, factor));
	m->hall = wished_product(m);
}

static void follow_hall(struct gh_metering *m, const struct gh_metering_frame *frame, float zone)
{
	float initial =
		product_of(m->options.exposure_us.initial, m->options.gain_permille.initial);

	m->control = GH_LIGHTING_STEADY;
	m->approaching = false;
	if (blind(zone)) {
		see_hall(m, frame, zone);
		return;
	}
	if (frame->expected || (m->face_known && frame->capture_us < m->face_us + FACE_HELD_US))
		return;
	if (could_rest(m, zone, initial))
		m->hall = initial;
	lie_down(m);
}

/* Whoever comes is lit, before anything else is judged. */
static bool light_up(struct gh_metering *m, const struct gh_metering_frame *frame, bool face)
{
	bool comes = face || frame->expected;
	bool low = m->options.lamp && m->wish.lamp_permille < m->options.lamp_start_permille;

	if (!comes || m->face_known)
		return false;
	m->face_known = true;
	m->face_us = frame->capture_us;
	if (low)
		m->wish.lamp_permille = m->options.lamp_start_permille;
	return low;
}

bool gh_metering_step(struct gh_metering *metering, const struct gh_metering_frame *frame,
	const struct gh_lighting *lighting)
{
	const struct gh_metering_wish before = metering->wish;
	bool now = settled(metering, frame);

	metering->last_us = frame->capture_us;
	metering->last_sequence = frame->sequence;
	if (lighting->face)
		metering->face_us = frame->capture_us;
	if (light_up(metering, frame, lighting->face))
		metering->control = GH_LIGHTING_ADJUSTING;
	else if (!now)
		metering->control = GH_LIGHTING_ADJUSTING;
	else if (lighting->face)
		follow_face(metering, frame, lighting);
	else
		follow_hall(metering, frame, lighting->zone_luminance_permille);
	if (!changed(metering, &before))
		return false;
	metering->control = GH_LIGHTING_ADJUSTING;
	return true;
}
