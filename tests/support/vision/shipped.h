/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptions of the networks as they are shipped, for tests that need no weights. */
#ifndef GATEHOUSE_TESTS_SUPPORT_VISION_SHIPPED_H
#define GATEHOUSE_TESTS_SUPPORT_VISION_SHIPPED_H

#include "gatehouse/vision/vision.h"

struct gh_network_contract;

/* The folder that holds them. */
const char *shipped_folder(void);

/* What models/NAME/network says; ends the program where it says nothing good. */
const struct gh_network_contract *shipped(const char *name);

#endif
