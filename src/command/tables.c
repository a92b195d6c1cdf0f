/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the commands in help, manual and completion. */
#include "tables.h"

const struct command help_commands[] = {
	{ "completion", "", 0, 0, "Print the shell's completion of these commands.",
		"gatehouse completion > /etc/bash_completion.d/gatehouse", NULL, help_completion },
	{ "manual", "", 0, 0, "Print the manual page.", "gatehouse manual | man -l -", NULL,
		help_manual },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};

const struct command *const command_tables[] = {
	lane_commands,
	outbox_commands,
	retention_commands,
	erasure_commands,
	device_commands,
	manifest_commands,
	voyage_commands,
	compare_commands,
	quality_commands,
	model_commands,
	evaluate_commands,
	attack_commands,
	keys_commands,
	enrol_commands,
	demo_commands,
	help_commands,
	NULL,
};
