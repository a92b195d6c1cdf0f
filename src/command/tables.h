/* SPDX-License-Identifier: Apache-2.0 */
/* The command tables of this room; each ends with a row without a name. */
#ifndef GATEHOUSE_SRC_COMMAND_TABLES_H
#define GATEHOUSE_SRC_COMMAND_TABLES_H

#include "command.h"

extern const struct command lane_commands[];
extern const struct command device_commands[];
extern const struct command outbox_commands[];
extern const struct command retention_commands[];
extern const struct command erasure_commands[];
extern const struct command manifest_commands[];
extern const struct command voyage_commands[];
extern const struct command compare_commands[];
extern const struct command quality_commands[];
extern const struct command model_commands[];
extern const struct command evaluate_commands[];
extern const struct command attack_commands[];
extern const struct command keys_commands[];
extern const struct command enrol_commands[];
extern const struct command demo_commands[];
extern const struct command help_commands[];

#endif
