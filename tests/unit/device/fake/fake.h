/* SPDX-License-Identifier: Apache-2.0 */
/* A table of drivers that do what a test says, and count what the framework calls. */
#ifndef GATEHOUSE_TESTS_DEVICE_FAKE_H
#define GATEHOUSE_TESTS_DEVICE_FAKE_H

#include "gatehouse/device/driver.h"

/* What every driver of the table answers next, and what it was asked. */
struct fake {
	enum gh_status open;
	enum gh_status modes;
	enum gh_status configure;
	enum gh_status start;
	enum gh_status wait;
	enum gh_status control;
	enum gh_status act;
	enum gh_status list;
	struct gh_camera_mode mode[8];
	size_t mode_count;
	uint32_t frame_width_px;
	uint64_t sequence;
	uint64_t capture_us;
	struct gh_device_event event;
	struct gh_camera_range range;
	uint32_t control_value;
	unsigned opened;
	unsigned closed;
	unsigned started;
	unsigned stopped;
	unsigned waited;
	unsigned acted;
	char command[64];
};

extern struct fake fake;

/* Everything succeeds, one mode 64x48 grey, counts 0. */
void fake_reset(void);

#endif
