/* SPDX-License-Identifier: Apache-2.0 */
/* From the settings to options: one mapping for the lane and the command line. */
#ifndef GATEHOUSE_DAEMON_COMPOSE_H
#define GATEHOUSE_DAEMON_COMPOSE_H

#include "gatehouse/crypto/provider.h"
#include "gatehouse/settings/settings.h"
#include "gatehouse/vision/vision.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What [vision] and [camera] ask of vision.
 *
 * The strings of the result belong to settings, which must outlive its use.
 * Scratch is made for the larger of vision's default and the camera's mode.
 * Any thread; does not block.
 */
struct gh_vision_options gh_compose_vision(const struct gh_settings *settings);

/** What [keys] asks of a key provider. Strings and threads as above. */
struct gh_provider_options gh_compose_provider(const struct gh_settings *settings);

#ifdef __cplusplus
}
#endif

#endif
