/* SPDX-License-Identifier: Apache-2.0 */
/* Help, shell completion and the manual page, all made of the command tables. */
#include <string.h>

#include "command.h"

static void print_option(FILE *out, const struct option_known *option)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%s%s", option->name, option->argument ? " " : "",
		option->argument ? option->argument : "");
	fprintf(out, "  %-24s %s\n", text, option->about);
}

void help_print(FILE *out, const struct command *command)
{
	const struct option_known *option;

	fprintf(out, "usage: gatehouse %s%s%s [OPTIONS]\n\n%s\n\n", command->name,
		command->arguments[0] ? " " : "", command->arguments, command->about);
	for (option = command->options; option && option->name; option++)
		print_option(out, option);
	fputs("  --config FILE            settings; config/gatehouse.conf explains every key\n"
	      "  --json                   answer in JSON\n",
		out);
	if (command->example)
		fprintf(out, "\nexample:\n  %s\n", command->example);
}

static bool begins_with(const struct command *command, const char *word)
{
	size_t length = strlen(word);

	return strncmp(command->name, word, length) == 0 && command->name[length] == ' ';
}

bool help_print_group(FILE *out, const char *word)
{
	bool any = false;

	for (size_t t = 0; command_tables[t]; t++)
		for (const struct command *c = command_tables[t]; c->name; c++) {
			if (!begins_with(c, word))
				continue;
			if (!any)
				fprintf(out,
					"usage: gatehouse %s COMMAND [ARGUMENTS] [OPTIONS]\n\n",
					word);
			any = true;
			fprintf(out, "  %-26s %s\n", c->name, c->about);
		}
	return any;
}

void help_print_all(FILE *out)
{
	fputs("usage: gatehouse COMMAND [ARGUMENTS] [OPTIONS]\n\n", out);
	for (size_t t = 0; command_tables[t]; t++)
		for (const struct command *c = command_tables[t]; c->name; c++)
			fprintf(out, "  %-26s %s\n", c->name, c->about);
	fputs("\n\"gatehouse COMMAND --help\" says more and gives an example. --json works with\n"
	      "every command.\n\n"
	      "exit status: 0 done; 1 done, but something is not as it should be; 64 wrong\n"
	      "arguments; 65 bad input; 66 no such input; 69 lane or centre not reached; 70 a\n"
	      "fault of the program; 74 reading or writing failed; 75 not now; 77 not permitted;\n"
	      "78 wrong settings\n",
		out);
}

static void complete_options(const struct command *command)
{
	const struct option_known *option;

	printf("\t\"%s\") words=\"--config --json --help", command->name);
	for (option = command->options; option && option->name; option++)
		printf(" %s", option->name);
	puts("\" ;;");
}

/* First words once each, then second words, then options. */
int help_completion(struct call *call)
{
	(void)call;
	puts("# bash completion of gatehouse: source it, or put it into bash-completion's folder.\n"
	     "_gatehouse() {\n"
	     "\tlocal word=${COMP_WORDS[COMP_CWORD]} words=\n"
	     "\tlocal line=\"${COMP_WORDS[1]:-}\" two=\"${COMP_WORDS[1]:-} ${COMP_WORDS[2]:-}\"\n"
	     "\tlocal all='");
	for (size_t t = 0; command_tables[t]; t++)
		for (const struct command *c = command_tables[t]; c->name; c++)
			puts(c->name);
	puts("'\n"
	     "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	     "\t\twords=$(printf '%s' \"$all\" | cut -d' ' -f1 | sort -u)\n"
	     "\telif [ \"$COMP_CWORD\" -eq 2 ] && [ \"${word#-}\" = \"$word\" ]; then\n"
	     "\t\twords=$(printf '%s' \"$all\" | sed -n \"s/^$line //p\")\n"
	     "\tfi\n"
	     "\tif [ \"${word#-}\" != \"$word\" ]; then case \"$two\" in");
	for (size_t t = 0; command_tables[t]; t++)
		for (const struct command *c = command_tables[t]; c->name; c++)
			complete_options(c);
	puts("\t*) words='--config --json --help' ;;\n"
	     "\tesac; fi\n"
	     "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	     "\t[ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$word\"))\n"
	     "}\n"
	     "complete -F _gatehouse gatehouse");
	return fflush(stdout) == 0 ? EXIT_FINE : EXIT_FAULT;
}

/* A hyphen that is to stay one is escaped in troff. */
static void print_troff(const char *text)
{
	for (; *text; text++) {
		if (*text == '-')
			putchar('\\');
		if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
	}
}

static void manual_of(const struct command *command)
{
	const struct option_known *option;

	fputs(".TP\n.B ", stdout);
	print_troff(command->name);
	if (command->arguments[0]) {
		fputs(" \\fI", stdout);
		print_troff(command->arguments);
		fputs("\\fP", stdout);
	}
	putchar('\n');
	print_troff(command->about);
	putchar('\n');
	for (option = command->options; option && option->name; option++) {
		fputs(".br\n.B ", stdout);
		print_troff(option->name);
		if (option->argument)
			printf(" \\fI%s\\fP", option->argument);
		fputs("\n", stdout);
		print_troff(option->about);
		putchar('\n');
	}
	if (command->example) {
		fputs(".br\n.I ", stdout);
		print_troff(command->example);
		putchar('\n');
	}
}

int help_manual(struct call *call)
{
	(void)call;
	puts(".\\\" SPDX-License-Identifier: Apache-2.0\n"
	     ".\\\" Made by \"gatehouse manual\"; a test holds it to that.\n"
	     ".TH GATEHOUSE 1 \"\" \"gatehouse " GATEHOUSE_VERSION "\" \"Gatehouse\"\n"
	     ".SH NAME\n"
	     "gatehouse \\- operate a biometric lane, its manifests and its outbox\n"
	     ".SH SYNOPSIS\n"
	     ".B gatehouse\n"
	     "\\fICOMMAND\\fP [\\fIARGUMENTS\\fP] [\\fIOPTIONS\\fP]\n"
	     ".SH COMMANDS\n"
	     "Every command also takes \\fB\\-\\-config\\fP \\fIFILE\\fP, \\fB\\-\\-json\\fP and "
	     "\\fB\\-\\-help\\fP.");
	for (size_t t = 0; command_tables[t]; t++)
		for (const struct command *c = command_tables[t]; c->name; c++)
			manual_of(c);
	puts(".SH EXIT STATUS\n"
	     "0 done; 1 done, but something is not as it should be; 64 wrong arguments; 65 bad\n"
	     "input; 66 no such input; 69 lane or centre not reached; 70 a fault of the program;\n"
	     "74 reading or writing failed; 75 not now; 77 not permitted; 78 wrong settings.");
	return fflush(stdout) == 0 ? EXIT_FINE : EXIT_FAULT;
}
