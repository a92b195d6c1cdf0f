/* SPDX-License-Identifier: Apache-2.0 */
/* Starts and stops swtpm, and speaks a few commands of its own to it. */
#define _GNU_SOURCE
#include "support/crypto/swtpm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ATTEMPTS 20
#define PATIENCE_ROUNDS 2000
#define ROUND_NS 10000000L

static void fail(const char *what)
{
	fprintf(stderr, "swtpm: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

bool swtpm_is_there(void)
{
	const char *path = getenv("PATH");
	char *folders = strdup(path ? path : "/usr/bin");
	char *rest = folders;
	char *folder;
	bool found = false;

	while (folders && !found && (folder = strsep(&rest, ":")) != NULL) {
		char program[4096];

		snprintf(program, sizeof(program), "%s/swtpm", folder);
		found = access(program, X_OK) == 0;
	}
	free(folders);
	if (!found)
		fprintf(stderr, "swtpm is not installed: nothing stands in for a TPM\n");
	return found;
}

static struct sockaddr_in address_of(unsigned short port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

/* A port that is free; 0 asks the kernel for any. Returns 0 when this one is not. */
static unsigned short try_port(unsigned short port)
{
	struct sockaddr_in address = address_of(port);
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (listener < 0)
		fail("socket");
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
		getsockname(listener, (struct sockaddr *)&address, &length) != 0)
		address.sin_port = 0;
	close(listener);
	return ntohs(address.sin_port);
}

/* The library expects the control channel one port above the TPM's. */
static unsigned short find_ports(void)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		unsigned short port = try_port(0);

		if (port != 0 && port < 65535 && try_port((unsigned short)(port + 1)) != 0)
			return port;
	}
	fail("no two free ports");
	return 0;
}

static void become_swtpm(const struct swtpm *tpm)
{
	char state[4200];
	char server[64];
	char control[64];
	char pid[4200];

	snprintf(pid, sizeof(pid), "file=%s/pid", tpm->folder);
	snprintf(state, sizeof(state), "dir=%s", tpm->folder);
	snprintf(server, sizeof(server), "type=tcp,port=%u", tpm->port);
	snprintf(control, sizeof(control), "type=tcp,port=%u", tpm->port + 1u);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state, "--server", server,
		"--ctrl", control, "--flags", "not-need-init,startup-clear", "--pid", pid,
		(char *)NULL);
	_exit(127);
}

static int connect_to(unsigned short port)
{
	struct sockaddr_in address = address_of(port);
	int stream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (stream < 0)
		fail("socket");
	if (connect(stream, (struct sockaddr *)&address, sizeof(address)) == 0)
		return stream;
	close(stream);
	return -1;
}

/* Written once both ports are its own: somebody else's TPM may listen where ours wanted to. */
static bool is_listening(const struct swtpm *tpm)
{
	char path[4200];
	int process = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/pid", tpm->folder);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (fscanf(file, "%d\n", &process) != 1)
		process = 0;
	fclose(file);
	return process == tpm->process;
}

/* Whether it listens; false when it ended instead, because somebody else took its port. */
static bool wait_for(struct swtpm *tpm)
{
	for (int i = 0; i < PATIENCE_ROUNDS; i++) {
		if (is_listening(tpm))
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = ROUND_NS }, NULL);
		if (waitpid(tpm->process, NULL, WNOHANG) == tpm->process)
			return false;
	}
	fail("does not listen");
	return false;
}

static bool spawn(struct swtpm *tpm)
{
	tpm->process = fork();
	if (tpm->process < 0)
		fail("fork");
	if (tpm->process == 0)
		become_swtpm(tpm);
	return wait_for(tpm);
}

static void switch_on(struct swtpm *tpm)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		tpm->port = find_ports();
		snprintf(tpm->tcti, sizeof(tpm->tcti), "swtpm:host=127.0.0.1,port=%u", tpm->port);
		if (spawn(tpm))
			return;
	}
	fail("ends at once");
}

void swtpm_start(struct swtpm *tpm, const char *folder)
{
	snprintf(tpm->folder, sizeof(tpm->folder), "%s", folder);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		fail(folder);
	switch_on(tpm);
}

void swtpm_stop(struct swtpm *tpm)
{
	if (tpm->process <= 0)
		return;
	kill(tpm->process, SIGKILL);
	waitpid(tpm->process, NULL, 0);
	tpm->process = 0;
}

void swtpm_resume(struct swtpm *tpm)
{
	for (int i = 0; i < ATTEMPTS; i++)
		if (spawn(tpm))
			return;
	fail("its port was taken");
}

void swtpm_restart(struct swtpm *tpm)
{
	swtpm_stop(tpm);
	swtpm_resume(tpm);
}

/* Send one command; the code of the answer has to be success. */
static void command(const struct swtpm *tpm, const uint8_t *bytes, size_t length)
{
	uint8_t answer[256];
	int stream = connect_to(tpm->port);
	ssize_t got;

	if (stream < 0 || write(stream, bytes, length) != (ssize_t)length)
		fail("send");
	got = read(stream, answer, sizeof(answer));
	close(stream);
	if (got < 10 || memcmp(answer + 6, "\0\0\0\0", 4) != 0) {
		errno = EPROTO;
		fail("a command was refused");
	}
}

/* Of both commands: the password session with an empty password (TPM 2.0 part 1, 19.4). */
#define EMPTY_PASSWORD 0, 0, 0, 9, 0x40, 0, 0, 9, 0, 0, 0, 0, 0

void swtpm_extend(const struct swtpm *tpm, unsigned pcr)
{
	uint8_t bytes[10 + 4 + 13 + 4 + 2 + 32] = { 0x80, 2, 0, 0, 0, 65, 0, 0, 1, 0x82, 0, 0, 0,
		(uint8_t)pcr, EMPTY_PASSWORD, 0, 0, 0, 1, 0, 0x0b };

	memset(bytes + 33, 0xa5, 32);
	command(tpm, bytes, sizeof(bytes));
}

void swtpm_undefine(const struct swtpm *tpm, uint32_t index)
{
	/* With the owner's authority, 0x40000001. */
	uint8_t bytes[] = { 0x80, 2, 0, 0, 0, 31, 0, 0, 1, 0x22, 0x40, 0, 0, 1,
		(uint8_t)(index >> 24), (uint8_t)(index >> 16), (uint8_t)(index >> 8),
		(uint8_t)index, EMPTY_PASSWORD };

	command(tpm, bytes, sizeof(bytes));
}

void swtpm_clear(const struct swtpm *tpm)
{
	/* With the lockout hierarchy's authority, 0x4000000a. */
	static const uint8_t bytes[] = { 0x80, 2, 0, 0, 0, 27, 0, 0, 1, 0x26, 0x40, 0, 0, 0x0a,
		EMPTY_PASSWORD };

	command(tpm, bytes, sizeof(bytes));
}
