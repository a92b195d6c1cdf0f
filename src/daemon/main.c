/* SPDX-License-Identifier: Apache-2.0 */
/* gatehoused: the lane as a service. Arguments, signals, and the service manager. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "daemon.h"
#include "gatehouse/base/process.h"

/* A lane's thread that does not answer in this time makes no progress. */
#define LANE_ANSWERS_MS 2000

/* Exit statuses, as sysexits(3) has them where it has them. */
enum exit_status {
	EXIT_FINE = 0,
	EXIT_USAGE = 64,
	EXIT_FAULT = 70,
	EXIT_SETTINGS = 78,
};

static void usage(FILE *out)
{
	fputs("usage: gatehoused --config FILE [--check]\n"
	      "\n"
	      "The lane: camera, comparison, gate and outbox, until SIGTERM.\n"
	      "\n"
	      "  --config FILE  settings; config/gatehouse.conf explains every key\n"
	      "  --check        read the settings, say what is wrong with them, and end\n"
	      "  --version      print the version\n"
	      "  --help         print this\n"
	      "\n"
	      "Exit status: 0 stopped on request, 64 wrong arguments, 78 refused by\n"
	      "settings or purpose, 70 any other failure to start.\n",
		out);
}

/*
 * No sample of anybody may reach a swap file. Locking memory needs a limit that
 * the service unit raises; without it that is said once.
 */
static void lock_memory(enum gh_purpose purpose)
{
	if (purpose == GH_PURPOSE_SERVICE && mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
		gh_log(GH_LOG_WARNING, "daemon", "memory_not_locked",
			gh_log_integer("errno", errno));
}

static void serve(struct daemon *daemon, const sigset_t *signals)
{
	struct timespec pause = { .tv_sec = 1 };
	int caught = 0;

	sd_notify(0, "READY=1");
	gh_log(GH_LOG_NOTICE, "daemon", "ready",
		gh_log_integer("start_ms",
			(int64_t)((daemon->clock->monotonic_us(daemon->clock) -
					  daemon->started_us) /
				1000)));
	while (caught != SIGTERM && caught != SIGINT) {
		caught = sigtimedwait(signals, NULL, &pause);
		/* No answer of the lane's thread: the service manager steps in. */
		if (gh_lane_ping(daemon->lane, LANE_ANSWERS_MS) == GH_OK)
			sd_notify(0, "WATCHDOG=1");
	}
	sd_notify(0, "STOPPING=1");
	gh_log(GH_LOG_NOTICE, "daemon", "stopping", gh_log_integer("signal", caught));
}

static int run(const char *settings_path)
{
	static struct daemon daemon;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status;
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	status = gh_process_guard(&error);
	if (status == GH_OK)
		status = daemon_start(&daemon, settings_path, &error);
	if (status == GH_OK) {
		lock_memory(daemon.settings.lane.purpose);
		serve(&daemon, &signals);
	} else {
		fprintf(stderr, "gatehoused: %s\n", error.text);
	}
	daemon_stop(&daemon);
	if (status == GH_OK)
		return EXIT_FINE;
	return status == GH_SETTINGS ? EXIT_SETTINGS : EXIT_FAULT;
}

static int check(const char *settings_path)
{
	static struct gh_settings settings;
	struct gh_error error = GH_ERROR_NONE;

	if (gh_settings_load(settings_path, &settings, &error) != GH_OK) {
		fprintf(stderr, "gatehoused: %s\n", error.text);
		return EXIT_SETTINGS;
	}
	printf("%s: every setting is known and in range\n", settings_path);
	return EXIT_FINE;
}

/* What the arguments ask for. */
struct arguments {
	const char *settings_path;
	bool only_check;
	int status; /* -1: go on */
};

static void take_option(struct arguments *arguments, int option)
{
	switch (option) {
	case 'c':
		arguments->settings_path = optarg;
		break;
	case 'k':
		arguments->only_check = true;
		break;
	case 'v':
		puts("gatehoused " GATEHOUSE_VERSION);
		arguments->status = EXIT_FINE;
		break;
	case 'h':
		usage(stdout);
		arguments->status = EXIT_FINE;
		break;
	default:
		usage(stderr);
		arguments->status = EXIT_USAGE;
		break;
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'k' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct arguments arguments = { .status = -1 };
	int option;

	while (arguments.status < 0 && (option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take_option(&arguments, option);
	if (arguments.status >= 0)
		return arguments.status;
	if (!arguments.settings_path || optind != argc) {
		usage(stderr);
		return EXIT_USAGE;
	}
	return arguments.only_check ? check(arguments.settings_path) : run(arguments.settings_path);
}
