/* n1prof doctor: tells whether and how a program can be profiled, and what to do when it cannot. Runs nothing of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/anatomy.h"
#include "cli/command.h"
#include "cli/message.h"
#include "cli/program.h"
#include "cli/script_frames.h"
#include "cli/script_hints.h"
#include "cli/shim.h"

/* What is found out, in the order in which it is said. */
struct diagnosis {
    GPtrArray *facts;   /* "key\0value" pairs, one behind the other */
    char *reason;       /* why it cannot be profiled; NULL: it can */
    const char *remedy; /* what to do */
    char *proviso;      /* when it can: the end of the sentence, what that depends on; or NULL */
};

static void say(struct diagnosis *d, const char *key, char *value)
{
    g_ptr_array_add(d->facts, g_strdup(key));
    g_ptr_array_add(d->facts, value);
}

static void refuse(struct diagnosis *d, char *reason, const char *remedy)
{
    if (d->reason) {
        g_free(reason);
        return;
    }
    d->reason = reason;
    d->remedy = remedy;
}

static void provide(struct diagnosis *d, char *proviso)
{
    g_free(d->proviso);
    d->proviso = proviso;
}

/* Programs that have others started somewhere else. */
static const struct {
    const char *name, *where;
} elsewhere[] = {
    {"docker", "in a container"},
    {"podman", "in a container"},
    {"nerdctl", "in a container"},
    {"docker-compose", "in containers"},
    {"kubectl", "in a cluster"},
    {"crictl", "in a container"},
    {"lxc", "in a container"},
    {"ssh", "on another machine"},
    {"sudo", "as another user"},
    {"su", "as another user"},
    {"doas", "as another user"},
    {"pkexec", "as another user"},
    {"systemctl", "by the service manager"},
    {"systemd-run", "by the service manager"},
    {"at", "by a daemon"},
    {"batch", "by a daemon"},
};

static const struct {
    const char *part, *remedy; /* of n1_program.obstacle */
} obstacles[] = {
    {"statically linked",
     "Link it dynamically: with the system's libsqlite3 or libpq as a shared library. Of a Go program: build with "
     "CGO_ENABLED=1 and -tags libsqlite3; drivers written in Go cannot be seen."},
    {"another user", "Record a copy of the file without the setuid bit (cp PROGRAM /tmp; it runs as you then), or "
                     "become that user first."},
    {"capabilities", "Record a copy of the file (cp does not keep its capabilities), or record as root."},
    {"another machine", "Use a build of it for x86-64: the shim is not there for other machines."},
    {"-bit program", "Use a 64-bit build of it, or build n1prof for this program's size."},
};

static const char hidden_remedy[] = "Build it with the system's shared library: Node's better-sqlite3 with "
                                    "--build-from-source --sqlite3=/usr, Rust's rusqlite without the "
                                    "feature \"bundled\", Go's mattn/go-sqlite3 with -tags libsqlite3, Perl's "
                                    "DBD::SQLite from the distribution's package.";

static void add_client(char **list, const char *name, const char *path)
{
    char *longer = *list ? g_strdup_printf("%s, %s (%s)", *list, name, path) : g_strdup_printf("%s (%s)", name, path);
    g_free(*list);
    *list = longer;
}

/* The interpreter in the file, if it is one. True: something was said. */
static gboolean examine_interpreter(struct diagnosis *d, const char *path)
{
    char *frames = n1_script_frames_of(path);
    if (!frames)
        return FALSE;
    say(d, "script frames", frames);
    return TRUE;
}

/* The program's own file and the libraries that come with it. */
static void examine_elf(struct diagnosis *d, const struct n1_anatomy *program, const char *path)
{
    char *clients = NULL, *hidden = NULL;
    gboolean can_load = program->can_load;
    char **libraries = n1_anatomy_libraries(program, path);
    gboolean is_interpreter = examine_interpreter(d, path);
    if (program->has_sqlite)
        hidden = g_strdup(path);
    for (char **library = libraries; library && *library; library++) {
        struct n1_anatomy part;
        char *error = NULL;
        is_interpreter = is_interpreter || examine_interpreter(d, *library);
        if (!n1_anatomy_read(&part, *library, &error)) {
            g_free(error);
            continue;
        }
        for (int i = 0; i < N1_CLIENTS; i++)
            if (part.defines[i])
                add_client(&clients, n1_client_names[i], *library);
        if (part.defines[N1_CLIENT_SQLITE] && !part.steps_itself)
            say(d, "calls itself",
                g_strdup_printf("directly: queries of its loadable extensions are not seen (%s)", *library));
        if (part.has_sqlite && !part.defines[N1_CLIENT_SQLITE] && !hidden)
            hidden = g_strdup(*library);
        const char *slash = strrchr(*library, '/');
        gboolean is_c_library = g_str_has_prefix(slash ? slash + 1 : *library, "libc.") || strstr(*library, "ld-linux");
        can_load |= part.can_load && !is_c_library;
        n1_anatomy_release(&part);
    }
    say(d, "linked with", clients ? clients : g_strdup("no client library"));
    if (hidden) {
        say(d, "inside", g_strdup_printf("an SQLite of its own, in %s", hidden));
        if (!clients)
            refuse(d, g_strdup_printf("%s carries SQLite in itself, where no call of it can be seen", hidden),
                   hidden_remedy);
        else
            provide(d, g_strdup_printf(", but calls of the SQLite inside %s cannot be seen", hidden));
    } else if (!clients && can_load) {
        provide(d, g_strdup(", provided that it loads libsqlite3 or libpq while it runs (plugins, modules, ctypes) or "
                            "starts programs that do"));
    } else if (!clients && program->imports_exec) {
        provide(d, g_strdup(" as far as the programs go that it starts; it has no client library itself and cannot "
                            "load one"));
    } else if (!clients) {
        refuse(d, g_strdup("it has no client library, cannot load one and starts no programs"),
               "If it asks a database all the same, it speaks to the server without libpq; that cannot be seen.");
    }
    g_free(hidden);
    g_strfreev(libraries);
}

static void examine_file(struct diagnosis *d, const char *path, int depth)
{
    struct n1_anatomy anatomy;
    char *error = NULL;
    if (!n1_anatomy_read(&anatomy, path, &error)) {
        say(d, "unreadable", error);
        return;
    }
    if (anatomy.interpreter && depth < 4) {
        say(d, "script of", g_strdup(anatomy.interpreter));
        examine_file(d, anatomy.interpreter, depth + 1);
    } else if (anatomy.is_elf && anatomy.loader) {
        gboolean is_musl = strstr(anatomy.loader, "musl") != NULL;
        say(d, "linked by",
            g_strdup_printf("%s%s", anatomy.loader, is_musl ? " (musl: the auditor does not exist there)" : ""));
        examine_elf(d, &anatomy, path);
    } else if (!anatomy.is_elf && !anatomy.is_text && depth == 0) {
        refuse(d, g_strdup("it is neither a program of this system nor a script"),
               "Ask about the program that runs it: n1prof doctor java, n1prof doctor mono.");
    } else if (!anatomy.is_elf && depth == 0) {
        say(d, "script of", g_strdup("/bin/sh (it has no #! line)"));
    }
    n1_anatomy_release(&anatomy);
}

static void examine_name(struct diagnosis *d, const struct n1_program *program)
{
    char *base = g_path_get_basename(program->path);
    for (size_t i = 0; i < G_N_ELEMENTS(elsewhere); i++)
        if (strcmp(base, elsewhere[i].name) == 0)
            refuse(
                d,
                g_strdup_printf("%s has the real program run %s, where n1prof's environment does not reach", base,
                                elsewhere[i].where),
                "Run n1prof there: install it beside the program and put `n1prof record --` before the inner command.");
    g_free(base);
}

static void examine_scripts(struct diagnosis *d, const struct n1_program *program, char **argv)
{
    /* The script is the program itself, or the first argument that is a file. */
    const char *script = NULL;
    for (char **argument = argv + 1; *argument && !script; argument++)
        if (**argument != '-' && g_file_test(*argument, G_FILE_TEST_IS_REGULAR))
            script = *argument;
    const char *candidates[] = {program->path, script};
    for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++)
        for (const struct n1_script_hint *hint = NULL;
             candidates[i] && (hint = n1_script_hint_next(candidates[i], hint));) {
            say(d, "uses", g_strdup_printf("%s, which %s", hint->name, hint->how));
            if (!hint->is_seen)
                provide(d, g_strdup_printf(", but calls by way of %s cannot be seen", hint->name));
        }
}

static void examine_settings(struct diagnosis *d, const char *sanitizer)
{
    struct n1_error err = {0};
    const char *chosen = g_getenv("N1PROF_PRELOAD"), *preload = g_getenv("LD_PRELOAD"),
               *audit = g_getenv("N1PROF_AUDIT");
    char *shim = n1_shim_path(&err);
    if (!shim) {
        refuse(d, g_strdup(err.message), "Install n1prof again.");
        return;
    }
    say(d, "shim", g_strdup_printf("%s (%s)", shim, chosen && *chosen ? "N1PROF_PRELOAD" : "beside n1prof"));
    char *auditor = n1_shim_audit(shim, NULL, sanitizer);
    say(d, "auditor",
        auditor ? g_strdup_printf("%s (beside the shim)", auditor)
                : g_strdup_printf("%s: RTLD_DEEPBIND (PHP) and dlsym (ctypes) are not seen",
                                  g_strcmp0(audit, "off") == 0 ? "off (N1PROF_AUDIT)"
                                  : sanitizer                  ? "off (the program's sanitizer does not bear it)"
                                                               : "not installed"));
    if (preload && *preload)
        say(d, "also preloaded", g_strdup_printf("%s (LD_PRELOAD)", preload));
    if (access(".", W_OK) != 0)
        say(d, "recordings", g_strdup("this directory cannot be written: name another with -o"));
    g_free(auditor);
    g_free(shim);
}

static void print(const struct diagnosis *d, const char *name)
{
    for (guint i = 0; i + 1 < d->facts->len; i += 2)
        printf("  %-15s %s\n", (const char *)d->facts->pdata[i], (const char *)d->facts->pdata[i + 1]);
    if (d->reason)
        printf("\n%s cannot be profiled: %s.\n%s\n", name, d->reason, d->remedy);
    else
        printf("\n%s can be profiled%s.\n", name, d->proviso ? d->proviso : "");
}

static int run(const struct n1_command *command, int argc, char **argv)
{
    struct n1_program program;
    if (argc == 0)
        return n1_complain(command->failure, "doctor: no program to examine; for example: n1prof doctor ./shop");
    if (n1_program_find(&program, argv[0]) != 0)
        return n1_complain(command->failure, "%s: %s", argv[0],
                           errno == ENOENT ? "no such program" : g_strerror(errno));
    struct diagnosis d = {.facts = g_ptr_array_new_with_free_func(g_free)};
    say(&d, "program", g_strdup(program.path));
    examine_name(&d, &program);
    if (program.obstacle) {
        const char *remedy = "";
        for (size_t i = 0; i < G_N_ELEMENTS(obstacles); i++)
            if (strstr(program.obstacle, obstacles[i].part))
                remedy = obstacles[i].remedy;
        refuse(&d, g_strdup(program.obstacle), remedy);
    }
    examine_file(&d, program.path, 0);
    examine_scripts(&d, &program, argv);
    examine_settings(&d, program.sanitizer);
    print(&d, argv[0]);
    int status = d.reason ? 1 : 0;
    g_ptr_array_unref(d.facts);
    g_free(d.reason);
    g_free(d.proviso);
    n1_program_release(&program);
    return fflush(stdout) == 0 ? status : command->failure;
}

static const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};

const struct n1_command n1_command_doctor = {
    .name = "doctor",
    .arguments = "[--] PROGRAM [ARGUMENT]...",
    .summary = "tell whether a program can be profiled, and what to do if not",
    .examples = "  n1prof doctor ./shop\n"
                "  n1prof doctor python3 manage.py runserver\n",
    .details = "Reads the program's file, its libraries and its script; runs nothing of it. Ends with 0 when it\n"
               "can be profiled, 1 when it cannot, 2 when it cannot be found or the usage is wrong.\n",
    .options = entries,
    .failure = 2,
    .takes_program = TRUE,
    .run = run,
};
