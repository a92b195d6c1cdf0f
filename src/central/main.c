/* SPDX-License-Identifier: Apache-2.0 */
/* gatehouse-central: the reference central service as a program. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "gatehouse/base/log.h"
#include "gatehouse/base/process.h"
#include "gatehouse/central/central.h"

enum {
	EXIT_FINE = 0,
	EXIT_FAILED = 70,
	EXIT_USAGE = 64,
	EXIT_SETTINGS = 78,
};

static struct gh_central *running;

static const char usage[] =
	"Usage: gatehouse-central [--config FILE] [--check]\n"
	"\n"
	"The reference central service of Gatehouse: takes encounters from lanes, hands out\n"
	"voyages, by the API of docs/central.openapi.json over mutual TLS 1.3. Sections\n"
	"[central], [keys] and [log] of the settings file apply.\n"
	"\n"
	"  --config FILE    settings (default: /etc/gatehouse/gatehouse.conf)\n"
	"  --check          read the settings and end\n"
	"  --help           this text\n"
	"  --version        the version\n"
	"\n"
	"Prints \"listening on ADDRESS:PORT\" once it serves. SIGTERM and SIGINT end it after the\n"
	"requests under way.\n"
	"\n"
	"Exit status: 0 ended on request, 64 wrong arguments, 78 wrong settings, 70 failed.\n"
	"\n"
	"Example: gatehouse-central --config central.conf\n";

static void on_signal(int number)
{
	(void)number;
	gh_central_stop(running);
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

static int fail(const struct gh_error *error)
{
	fprintf(stderr, "gatehouse-central: %s\n", error->text);
	return error->status == GH_SETTINGS ? EXIT_SETTINGS : EXIT_FAILED;
}

static int serve(const struct gh_settings *settings)
{
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = gh_process_guard(&error);

	if (status == GH_OK)
		status = gh_central_open(settings, gh_clock_system(), &running, &error);
	if (status != GH_OK)
		return fail(&error);
	catch_signals();
	printf("listening on %s:%u\n", settings->central.listen_address, gh_central_port(running));
	if (settings->central.enrol_port != 0)
		printf("enrolling on %s:%u\n", settings->central.listen_address,
			settings->central.enrol_port);
	fflush(stdout);
	status = gh_central_serve(running, &error);
	gh_central_close(running);
	return status == GH_OK ? EXIT_FINE : fail(&error);
}

int main(int argc, char **argv)
{
	const char *path = "/etc/gatehouse/gatehouse.conf";
	struct gh_settings settings;
	struct gh_error error = GH_ERROR_NONE;
	int check = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			fputs(usage, stdout);
			return EXIT_FINE;
		}
		if (strcmp(argv[i], "--version") == 0) {
			puts("gatehouse-central " GATEHOUSE_VERSION);
			return EXIT_FINE;
		}
		if (strcmp(argv[i], "--check") == 0) {
			check = 1;
		} else if (strcmp(argv[i], "--config") == 0 && i + 1 < argc) {
			path = argv[++i];
		} else {
			fprintf(stderr, "gatehouse-central: what is \"%s\"?\n%s", argv[i], usage);
			return EXIT_USAGE;
		}
	}
	if (gh_settings_load(path, &settings, &error) != GH_OK)
		return fail(&error);
	gh_log_set_level(settings.log.level);
	return check ? EXIT_FINE : serve(&settings);
}
