/* SPDX-License-Identifier: Apache-2.0 */
/* The steps that rows of the transaction's table run, each on the lane's thread. */
#ifndef GATEHOUSE_SRC_TRANSACTION_STEPS_H
#define GATEHOUSE_SRC_TRANSACTION_STEPS_H

struct gh_lane;

/* Into and out of service. */
void gh_step_rest(struct gh_lane *lane);
void gh_step_reopen(struct gh_lane *lane);
void gh_step_stay_closed(struct gh_lane *lane);
void gh_step_look_again(struct gh_lane *lane);
void gh_step_display_answers(struct gh_lane *lane);
void gh_step_display_is_silent(struct gh_lane *lane);
void gh_step_go_manual(struct gh_lane *lane);

/* Before the photograph. */
void gh_step_ask_notice(struct gh_lane *lane);
void gh_step_read_notice(struct gh_lane *lane);
void gh_step_ask_document(struct gh_lane *lane);
void gh_step_take_claim(struct gh_lane *lane);
void gh_step_warn(struct gh_lane *lane);
void gh_step_more_time(struct gh_lane *lane);
void gh_step_opt_out(struct gh_lane *lane);

/* The photograph. */
void gh_step_start_capture(struct gh_lane *lane);
void gh_step_capture_claimed(struct gh_lane *lane);
void gh_step_conclude(struct gh_lane *lane);
void gh_step_conclude_left(struct gh_lane *lane);
void gh_step_lose_in_capture(struct gh_lane *lane);
void gh_step_not_captured(struct gh_lane *lane);

/* The answer. */
void gh_step_compare(struct gh_lane *lane);
void gh_step_decide(struct gh_lane *lane);
void gh_step_record(struct gh_lane *lane);
void gh_step_record_failed(struct gh_lane *lane);

/* After the answer. */
void gh_step_open_gate(struct gh_lane *lane);
void gh_step_ask_officer(struct gh_lane *lane);
void gh_step_abandon(struct gh_lane *lane);
void gh_step_passed(struct gh_lane *lane);
void gh_step_turned_back(struct gh_lane *lane);
void gh_step_left_after_go(struct gh_lane *lane);
void gh_step_lose_in_act(struct gh_lane *lane);
void gh_step_gate_failed(struct gh_lane *lane);
void gh_step_disposed(struct gh_lane *lane);

#endif
