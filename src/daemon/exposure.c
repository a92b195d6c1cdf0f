/* SPDX-License-Identifier: Apache-2.0 */
/* The desk at which vision leaves its wishes and the camera's thread takes them. */
#include "daemon.h"

static struct gh_metering_range range_of(
	struct daemon *daemon, struct gh_camera *camera, enum gh_camera_control control)
{
	struct gh_camera_range range = { 0 };

	if (!daemon->settings.exposure.control ||
		gh_camera_control_range(camera, control, &range, NULL) != GH_OK)
		return (struct gh_metering_range){ 0 };
	return (struct gh_metering_range){ range.available, range.minimum, range.maximum,
		range.initial };
}

void exposure_camera_up(struct daemon *daemon, struct gh_camera *camera)
{
	struct exposure_desk *desk = &daemon->exposure;
	struct gh_metering_range exposure = range_of(daemon, camera, GH_CAMERA_EXPOSURE_US);
	struct gh_metering_range gain = range_of(daemon, camera, GH_CAMERA_GAIN_PERMILLE);

	pthread_mutex_lock(&desk->lock);
	desk->exposure_us = exposure;
	desk->gain_permille = gain;
	desk->cameras++;
	/* What was wished of the one before is not meant for this one. */
	desk->wishes = 0;
	pthread_mutex_unlock(&desk->lock);
}

static void set(struct gh_camera *camera, enum gh_camera_control control, uint32_t value)
{
	struct gh_error error = GH_ERROR_NONE;

	if (gh_camera_control_set(camera, control, value, &error) != GH_OK)
		gh_log(GH_LOG_WARNING, "daemon", "camera_control", gh_log_error(&error));
}

/* *done counts the wishes that were set; a wish that failed is not tried again, the next one is. */
void exposure_camera_set(struct daemon *daemon, struct gh_camera *camera, uint32_t *done)
{
	struct exposure_desk *desk = &daemon->exposure;
	struct gh_metering_wish wish;
	bool exposure, gain;

	pthread_mutex_lock(&desk->lock);
	exposure = desk->wishes != *done && desk->exposure_us.available;
	gain = desk->wishes != *done && desk->gain_permille.available;
	wish = desk->wish;
	*done = desk->wishes;
	pthread_mutex_unlock(&desk->lock);
	if (exposure)
		set(camera, GH_CAMERA_EXPOSURE_US, wish.exposure_us);
	if (gain)
		set(camera, GH_CAMERA_GAIN_PERMILLE, wish.gain_permille);
}

/* Metering begins anew with each camera that was brought up; says whether it did. */
bool exposure_vision_begin(struct daemon *daemon, struct gh_metering *metering, uint32_t *cameras)
{
	struct exposure_desk *desk = &daemon->exposure;
	struct gh_metering_options options = compose_metering(&daemon->settings);
	uint32_t now;

	pthread_mutex_lock(&desk->lock);
	now = desk->cameras;
	options.exposure_us = desk->exposure_us;
	options.gain_permille = desk->gain_permille;
	pthread_mutex_unlock(&desk->lock);
	if (now == *cameras)
		return false;
	*cameras = now;
	gh_metering_init(metering, &options);
	return true;
}

void exposure_vision_wish(struct daemon *daemon, const struct gh_metering_wish *wish)
{
	struct exposure_desk *desk = &daemon->exposure;

	pthread_mutex_lock(&desk->lock);
	desk->wish = *wish;
	/* 0 is none, for a camera that has just come up. */
	desk->wishes = desk->wishes == UINT32_MAX ? 1 : desk->wishes + 1;
	pthread_mutex_unlock(&desk->lock);
	gh_log(GH_LOG_DEBUG, "daemon", "metering", gh_log_integer("exposure_us", wish->exposure_us),
		gh_log_integer("gain_permille", wish->gain_permille),
		gh_log_integer("lamp_permille", wish->lamp_permille));
}
