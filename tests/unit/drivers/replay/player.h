/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the replay camera share: one folder each, and a camera that plays it. */
#ifndef GATEHOUSE_TESTS_DRIVERS_PLAYER_H
#define GATEHOUSE_TESTS_DRIVERS_PLAYER_H

#include "gatehouse/device/camera.h"
#include "support/camera_replay/pictures.h"

#define WIDTH_PX 96
#define HEIGHT_PX 64

/* One test's folder. */
int set_up(void **state);

int tear_down(void **state);

struct gh_device_address at(const char *path, const char *options);

struct gh_camera *open_at(const char *path, const char *options);

struct gh_camera *play(const char *path, const char *options);

struct gh_frame *next(struct gh_camera *camera);

enum gh_status wait_status(struct gh_camera *camera, uint32_t timeout_ms);

/* How far RGB pixels are from the picture drawn with this number, in the mean. */
double distance(const struct gh_frame *frame, unsigned number);

/* Which of the drawn pictures a frame shows. */
unsigned number_of(const struct gh_frame *frame);

void expect(struct gh_camera *camera, unsigned number, uint64_t sequence);

/* A test with a folder of its own in *state. */
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
