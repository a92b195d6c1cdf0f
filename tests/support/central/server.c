/* SPDX-License-Identifier: Apache-2.0 */
/* A real PostgreSQL of its own, in a folder that goes with it, on a socket of the file system. */
#define _GNU_SOURCE
#include "server.h"

#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_S 60

/* Where Debian keeps the programs of a server: the newest. */
static bool find_programs(char path[128])
{
	glob_t found;
	bool there = glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0;

	if (there) {
		snprintf(path, 128, "%s", found.gl_pathv[found.gl_pathc - 1]);
		*strrchr(path, '/') = '\0';
		globfree(&found);
	}
	return there;
}

static void become_nobody(void)
{
	const struct passwd *nobody = getuid() == 0 ? getpwnam("nobody") : NULL;

	if (nobody &&
		(setgroups(0, NULL) != 0 || setgid(nobody->pw_gid) != 0 ||
			setuid(nobody->pw_uid) != 0))
		_exit(126);
}

/* A program of the server's in a process of its own, which ends with this one. */
static pid_t run(const struct server *server, char *const *arguments)
{
	pid_t process = fork();
	char log[96];
	int file;

	if (process != 0)
		return process;
	become_nobody();
	prctl(PR_SET_PDEATHSIG, SIGQUIT);
	snprintf(log, sizeof(log), "%s/log", server->folder);
	file = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (chdir(server->folder) != 0 || dup2(file, 1) < 0 || dup2(file, 2) < 0)
		_exit(126);
	execv(arguments[0], arguments);
	_exit(127);
}

static void address_of(const struct server *server, char address[320])
{
	snprintf(address, 320, "postgresql://gatehouse@/postgres?host=%s", server->folder);
}

void server_wait(long ms)
{
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&pause, NULL);
}

static bool answers(const struct server *server)
{
	char address[320];

	address_of(server, address);
	for (int i = 0; i < START_S * 20; i++) {
		if (PQping(address) == PQPING_OK)
			return true;
		if (waitpid(server->process, NULL, WNOHANG) != 0)
			return false;
		server_wait(50);
	}
	return false;
}

const char *server_restart(struct server *server)
{
	char programs[128];
	char program[160];
	char data[96];

	if (!find_programs(programs))
		return "PostgreSQL is not installed (package postgresql)";
	snprintf(program, sizeof(program), "%s/postgres", programs);
	snprintf(data, sizeof(data), "%s/data", server->folder);
	server->process = run(server,
		(char *[]){ program, "-D", data, "-k", server->folder, "-c",
			"listen_addresses=", "-c", "unix_socket_permissions=0777", NULL });
	return answers(server) ? NULL : "PostgreSQL does not start";
}

static bool make_cluster(struct server *server, bool safe)
{
	char programs[128];
	char program[160];
	char data[96];
	int status;
	FILE *settings;

	if (!find_programs(programs))
		return false;
	snprintf(program, sizeof(program), "%s/initdb", programs);
	snprintf(data, sizeof(data), "%s/data", server->folder);
	if (waitpid(run(server,
			    (char *[]){ program, "-D", data, "-A", "trust", "-U", "gatehouse", "-E",
				    "UTF8", "--locale=C", "--no-sync", NULL }),
		    &status, 0) < 0 ||
		status != 0)
		return false;
	snprintf(data, sizeof(data), "%s/data/postgresql.conf", server->folder);
	settings = fopen(data, "a");
	if (!settings)
		return false;
	fprintf(settings, "fsync = %s\nmax_connections = 40\nshared_buffers = 128MB\n",
		safe ? "on" : "off");
	return fclose(settings) == 0;
}

const char *server_start(struct server *server, bool safe)
{
	const struct passwd *nobody = getpwnam("nobody");
	char programs[128];

	memset(server, 0, sizeof(*server));
	if (!find_programs(programs))
		return "PostgreSQL is not installed (package postgresql)";
	snprintf(server->folder, sizeof(server->folder), "%.40s/postgres-XXXXXX",
		getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(server->folder))
		return "no folder for PostgreSQL";
	if (getuid() == 0 && (!nobody || chown(server->folder, nobody->pw_uid, nobody->pw_gid)))
		return "nobody to run PostgreSQL as";
	chmod(server->folder, 0755);
	return make_cluster(server, safe) ? server_restart(server) : "PostgreSQL makes no cluster";
}

static void end(struct server *server, int signal)
{
	if (server->process > 0) {
		kill(server->process, signal);
		waitpid(server->process, NULL, 0);
	}
	server->process = 0;
}

void server_kill(struct server *server)
{
	end(server, SIGQUIT);
}

static int remove_entry(const char *path, const struct stat *file, int type, struct FTW *place)
{
	(void)file;
	(void)type;
	(void)place;
	return remove(path);
}

void server_stop(struct server *server)
{
	end(server, SIGINT);
	if (server->folder[0])
		nftw(server->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void server_run(const char *address, const char *sql, char answer[256])
{
	PGconn *connection = PQconnectdb(address);
	PGresult *result = PQexec(connection, sql);

	if (PQresultStatus(result) != PGRES_TUPLES_OK &&
		PQresultStatus(result) != PGRES_COMMAND_OK) {
		fprintf(stderr, "server: %s: %s\n", sql, PQerrorMessage(connection));
		abort();
	}
	if (answer)
		snprintf(answer, 256, "%s", PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	PQfinish(connection);
}

void server_new_address(struct server *server, char address[320])
{
	char sql[64];
	char base[320];

	address_of(server, base);
	snprintf(sql, sizeof(sql), "CREATE SCHEMA place_%u", ++server->databases);
	server_run(base, sql, NULL);
	snprintf(address, 320, "%.200s&options=-csearch_path%%3Dplace_%u", base, server->databases);
}
