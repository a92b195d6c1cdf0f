/* SPDX-License-Identifier: Apache-2.0 */
/* How the virtual gate moves: a state machine without threads or clocks. */
#ifndef GATE_VIRTUAL_LOGIC_H
#define GATE_VIRTUAL_LOGIC_H

#include "gatehouse/device/virtual.h"

/**
 * Where the leaves are:
 *
 *   SHUT     -> OPENING  the lane opens
 *   OPENING  -> OPEN     open_ms later; SHUT when it is blocked
 *   OPEN     -> CLOSING  the lane closes, and nothing is in the path
 *   CLOSING  -> SHUT     close_ms later
 *   CLOSING  -> OPEN     something comes into the path, or it is blocked
 *   CLOSING  -> OPENING  the lane opens again
 *   any      -> OPEN     somebody forces it
 */
enum gh_gate_position {
	GH_GATE_SHUT,
	GH_GATE_OPENING,
	GH_GATE_OPEN,
	GH_GATE_CLOSING,
};

/** A gate. */
struct gh_gate_state {
	uint32_t open_ms;
	uint32_t close_ms;
	uint32_t auto_pass_ms; /**< a person passes this long after it opened; 0: nobody does */
	uint32_t left_open_ms; /**< it is told when it stands open this long; 0: never */
	enum gh_gate_position position;
	bool object;  /**< the beam across the path is broken */
	bool stuck;   /**< the leaves do not move */
	bool closing; /**< it was told to close and waits for a free path */
};

/** What the driver gives to gh_virtual_open(). */
extern const struct gh_virtual_logic gh_gate_logic;

#endif
