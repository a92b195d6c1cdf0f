/* SPDX-License-Identifier: Apache-2.0 */
/* Vision with the prepared models of the cache folder, for tests that need them. */
#ifndef GATEHOUSE_TESTS_SUPPORT_VISION_MODELS_H
#define GATEHOUSE_TESTS_SUPPORT_VISION_MODELS_H

#include <stdbool.h>

#include "gatehouse/base/frame.h"
#include "gatehouse/vision/vision.h"

/*
 * Default options with the paths of the cache set; they stay valid for the program's life. false,
 * and a word printed, where the models or the engine are not there: then the test skips.
 */
bool models_options(struct gh_vision_options *options);

/* A file of the cache folder ("models/original/x"), or of GATEHOUSE_TEST_DATA; "" without. */
const char *models_cache_path(const char *name, char path[4096]);
const char *models_data_path(const char *name, char path[4096]);

/* An RGB24 frame over memory of the test's. */
struct gh_frame models_frame(uint8_t *rgb, uint32_t width_px, uint32_t height_px);

#endif
