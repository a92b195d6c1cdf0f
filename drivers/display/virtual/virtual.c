/* SPDX-License-Identifier: Apache-2.0 */
/* A display nobody looks at: it acknowledges notices, and presses what it is told to. */
#include <ctype.h>
#include <string.h>

#include "gatehouse/base/words.h"
#include "gatehouse/device/options.h"
#include "gatehouse/device/virtual.h"

/* Longest tag of RFC 5646 section 4.4.1 that need be taken. */
#define LANGUAGE_TAG_MAX 35

struct display {
	uint32_t auto_ack;
	uint32_t delay_ms;
	enum gh_page page;
	bool muted;
	char notice_hash[sizeof(((struct gh_action *)0)->notice_hash)];
};

static enum gh_status acknowledge(const struct display *display, struct gh_schedule *schedule,
	uint64_t due_us, struct gh_error *error)
{
	if (display->page != GH_PAGE_NOTICE || display->notice_hash[0] == '\0')
		return gh_error_set(error, GH_WRONG_STATE, "no notice is shown");
	return gh_schedule_add(
		schedule, GH_EVENT_DISPLAY_NOTICE, due_us, display->notice_hash, error);
}

/* GH_OK, or GH_UNSUPPORTED for a word that a traveller's screen would have no sentence for. */
static enum gh_status read_coaching(
	const struct gh_action *action, enum gh_instruction *instruction, struct gh_error *error)
{
	*instruction = GH_INSTRUCTION_NONE;
	if (action->coaching[0] == '\0' ||
		gh_instruction_parse(action->coaching, instruction) == GH_OK)
		return GH_OK;
	return gh_error_set(error, GH_UNSUPPORTED, "no such instruction");
}

/* A notice that gave way to another page before its time was not shown. */
static enum gh_status act(void *state, struct gh_schedule *schedule, uint64_t now_us,
	const struct gh_action *action, struct gh_error *error)
{
	struct display *display = state;
	enum gh_instruction instruction;
	enum gh_status status = read_coaching(action, &instruction, error);
	if (status != GH_OK)
		return status;
	gh_schedule_cancel(schedule, GH_EVENT_DISPLAY_NOTICE);
	display->page = action->page;
	gh_log(GH_LOG_DEBUG, "device", "page",
		gh_log_word("page", (struct gh_word){ gh_page_name(action->page) }),
		gh_log_word("coaching", gh_instruction_word(instruction)));
	memcpy(display->notice_hash, action->notice_hash, sizeof(display->notice_hash));
	bool asked = action->page == GH_PAGE_NOTICE && display->notice_hash[0] != '\0';
	if (!asked || !display->auto_ack || display->muted)
		return GH_OK;
	return acknowledge(display, schedule, now_us + (uint64_t)display->delay_ms * 1000, error);
}

static bool is_tag(const char *text)
{
	size_t length = strlen(text);
	if (length < 2 || length > LANGUAGE_TAG_MAX)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)text[i]) && text[i] != '-')
			return false;
	}
	return true;
}

static enum gh_status choose_language(
	struct gh_schedule *schedule, uint64_t now_us, const char *tag, struct gh_error *error)
{
	if (!is_tag(tag))
		return gh_error_set(error, GH_MALFORMED, "not a language tag");
	return gh_schedule_add(schedule, GH_EVENT_DISPLAY_LANGUAGE, now_us, tag, error);
}

static enum gh_status press(
	struct gh_schedule *schedule, uint64_t now_us, const char *command, struct gh_error *error)
{
	static const struct {
		const char *command;
		enum gh_device_event_kind kind;
	} buttons[] = {
		{ "continue", GH_EVENT_DISPLAY_CONTINUE },
		{ "opt_out", GH_EVENT_DISPLAY_OPT_OUT },
		{ "more_time", GH_EVENT_DISPLAY_MORE_TIME },
	};
	for (size_t i = 0; i < sizeof(buttons) / sizeof(buttons[0]); i++) {
		if (strcmp(command, buttons[i].command) == 0)
			return gh_schedule_add(schedule, buttons[i].kind, now_us, NULL, error);
	}
	return gh_error_set(error, GH_UNSUPPORTED,
		"a virtual display can rehearse: continue, opt_out, more_time, language TAG, "
		"ack, mute, unmute, unplug, replug, garble");
}

static enum gh_status obey(void *state, struct gh_schedule *schedule, uint64_t now_us,
	const char *command, struct gh_error *error)
{
	struct display *display = state;
	const char *tag = gh_command_rest(command, "language");
	if (tag)
		return choose_language(schedule, now_us, tag, error);
	if (strcmp(command, "ack") == 0) {
		gh_schedule_cancel(schedule, GH_EVENT_DISPLAY_NOTICE);
		return acknowledge(display, schedule, now_us, error);
	}
	if (strcmp(command, "mute") == 0 || strcmp(command, "unmute") == 0) {
		display->muted = command[0] == 'm';
		if (display->muted)
			gh_schedule_cancel(schedule, GH_EVENT_DISPLAY_NOTICE);
		return GH_OK;
	}
	return press(schedule, now_us, command, error);
}

static const struct gh_virtual_logic logic = { .act = act, .obey = obey };

static enum gh_status open_device(struct gh_event_context *device, struct gh_error *error)
{
	struct display display = { .auto_ack = 1, .page = GH_PAGE_IDLE };
	const struct gh_option options[] = {
		{ "auto_ack", gh_option_switch, 0, 0, &display.auto_ack },
		{ "delay_ms", NULL, 0, 60000, &display.delay_ms },
	};
	enum gh_status status = gh_options_parse(
		device->address->options, options, sizeof(options) / sizeof(options[0]), error);
	if (status != GH_OK)
		return status;
	return gh_virtual_open(device, &logic, &display, sizeof(display), error);
}

static enum gh_status list(void (*call)(void *ctx, const struct gh_device_found *found), void *ctx,
	struct gh_error *error)
{
	(void)error;
	gh_virtual_report("display/virtual", "virtual display", call, ctx);
	return GH_OK;
}

static const struct gh_event_driver calls = {
	.open = open_device,
	.close = gh_virtual_close,
	.wait = gh_virtual_wait,
	.act = gh_virtual_act,
	.rehearse = gh_virtual_rehearse,
};

const struct gh_driver gh_driver_display_virtual = {
	.name = "display/virtual",
	.device_class = GH_DEVICE_DISPLAY,
	.is_virtual = true,
	.list = list,
	.event = &calls,
};
