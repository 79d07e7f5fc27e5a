#include "analyzer/frames/user_code.h"

#include <fnmatch.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Source files and modules of libraries, wherever they are installed. '*' crosses '/'. */
static const char *const library_paths[] = {
    /* Python */
    "*/site-packages/*",
    "*/dist-packages/*",
    "*/lib/python[23]*",
    "*/lib64/python[23]*",
    "*/lib/pypy*",
    "<frozen *",
    "<__array_function__*",
    "<decorator-gen*",
    "<attrs *",
    "<makefun*",
    /* Ruby */
    "*/lib/ruby/*",
    "*/gems/*-[0-9]*/*",
    "*/vendor/bundle/*",
    "*/bundler/gems/*",
    "/usr/lib/*/ruby/*",
    "/usr/lib/*/rubygems-integration/*",
    "/usr/share/rubygems-integration/*",
    "/usr/share/ruby*",
    "<internal:*",
    "(eval*)",
    /* PHP */
    "*/vendor/*/*/*",
    "/usr/share/php*",
    "/usr/share/pear/*",
    "/usr/local/lib/php/*",
    "phar://*",
    "*/__CG__*.php", /* Doctrine's proxies: lazy objects in classes that it writes into a folder for temporary files */
    /* Perl */
    "/usr/share/perl*",
    "/usr/lib/*/perl*",
    "*/share/perl/*",
    "*/lib/perl5/*",
    "*/lib/perl/*",
    "/usr/local/lib/*/perl/*",
    "*/lib/site_perl/*",
    "*/perls/perl-*/lib/*",
    "/etc/perl/*",
    /* JavaScript */
    "*/node_modules/*",
    "node:*",
    "internal/*.js",
    /* C, C++, Rust, Go */
    "/usr/include/*",
    "/usr/local/include/*",
    "/usr/lib/gcc/*",
    "/usr/lib/llvm*",
    "/usr/src/*",
    "*/sqlite3.c",
    "*/stdlib/*.ml",
    "/rustc/*",
    "*/.cargo/registry/*",
    "*/.cargo/git/*",
    "*/go/pkg/mod/*",
    "/usr/local/go/*",
    "/usr/lib/go-*",
};

/* Programs that run other people's scripts, by file name. */
static const char *const interpreters[] = {
    "python",   "python[0-9]*", "pypy",       "pypy[0-9]*", "ruby",     "ruby[0-9]*", "php",  "php[0-9]*", "php-fpm*",
    "php-cgi*", "perl",         "perl[0-9]*", "node",       "nodejs",   "deno",       "bun",  "lua",       "lua[0-9]*",
    "luajit*",  "tclsh*",       "guile*",     "java",       "dotnet",   "mono",       "R",    "julia*",    "octave*",
    "beam.smp", "uwsgi*",       "apache2",    "httpd",      "postgres", "bash",       "dash", "sh",
};

/* Libraries that are nobody's own code even in a folder of the project's, by file name. */
static const char *const library_files[] = {
    "libn1prof*", "libn1orm.*", "libsqlite3.*", "libsqlcipher.*", "libpq.*",         "libpython[0-9]*", "libruby*",
    "libperl.*",  "libphp*",    "libnode.*",    "libmariadb*",    "libmysqlclient*", "libodbc*",        "psqlodbc*",
    "libc.*",     "libm.*",     "libpthread*",  "libstdc++.*",    "libgcc_s.*",      "libasan.*",       "libtsan.*",
    "libubsan.*", "ld-linux*",  "ld-musl*",     "[[]vdso]",       "linux-vdso*",
};

static const char *const system_folders[] = {
    "/lib/*",       "/lib32/*",     "/lib64/*",      "/libx32/*",        "/usr/lib/*",
    "/usr/lib32/*", "/usr/lib64/*", "/usr/libx32/*", "/usr/local/lib/*", "/usr/local/lib64/*",
    "/nix/store/*", "/gnu/store/*", "/snap/*",
};

/* Native functions that are the library's own when no source file says otherwise. */
static const char *const library_functions[] = {"sqlite3_*", "sqlite3[A-Z]*", "PQ[a-z]*", "pq[A-Z]*",
                                                "orm_*",     "caml_*" /* OCaml's run-time and stubs in C */};

/* The run-time's entry, linked into the program itself. */
static const char *const entry_functions[] = {"_start", "__libc_start_*", "_dl_start*", "_init", "_fini"};

static bool any(const char *const *glob, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (fnmatch(glob[i], text, 0) == 0)
            return true;
    return false;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The part behind the working directory, beginning with its '/'; NULL when path is not below it. */
static const char *below(const char *directory, const char *path)
{
    size_t n = directory ? strlen(directory) : 0;
    while (n > 0 && directory[n - 1] == '/')
        n--;
    if (!directory || directory[0] != '/' || strncmp(path, directory, n) != 0 || path[n] != '/')
        return NULL;
    return path + n;
}

static bool in_list(const char *const *glob, const char *working_directory, const char *path)
{
    if (!glob || !path)
        return false;
    const char *relative = below(working_directory, path);
    for (; *glob; glob++)
        if (fnmatch(*glob, path, 0) == 0 || (relative && fnmatch(*glob, relative + 1, 0) == 0))
            return true;
    return false;
}

enum verdict { SILENT, THEIRS, USERS };

static enum verdict by_options(const struct n1_user_code *rules, const char *path, const char *other)
{
    const struct n1_frames_options *o = rules->options;
    const char *wd = rules->working_directory;
    if (!o)
        return SILENT;
    if (in_list(o->not_user_code, wd, path) || in_list(o->not_user_code, wd, other))
        return THEIRS;
    if (in_list(o->user_code, wd, path) || in_list(o->user_code, wd, other))
        return USERS;
    return SILENT;
}

static bool is_library_path(const struct n1_user_code *rules, const char *path)
{
    const char *relative = below(rules->working_directory, path);
    return any(library_paths, LENGTH(library_paths), relative ? relative : path);
}

bool n1_user_code_module(const struct n1_user_code *rules, const char *path, bool is_program)
{
    if (!path || !*path)
        return false;
    enum verdict v = by_options(rules, path, NULL);
    if (v != SILENT)
        return v == USERS;
    const char *name = base_name(path);
    if (any(library_files, LENGTH(library_files), name) || any(interpreters, LENGTH(interpreters), name))
        return false;
    if (is_program)
        return true;
    return !is_library_path(rules, path) && !any(system_folders, LENGTH(system_folders), path);
}

/* The bytes of file up to its innermost folder "orm/", with it; 0: in none. */
static size_t orm_folder(const char *file)
{
    size_t length = strncmp(file, "orm/", 4) == 0 ? 4 : 0;
    for (const char *at = file; (at = strstr(at, "/orm/")); at++)
        length = (size_t)(at - file) + 5;
    return length;
}

static bool is_orm_function(const struct n1_frame *frame)
{
    return frame->function && strncmp(frame->function, "orm_", 4) == 0 && (!frame->file || orm_folder(frame->file) > 0);
}

bool n1_user_code_frame(const struct n1_user_code *rules, const struct n1_frame *frame, const char *module_path,
                        bool module_is_user)
{
    enum verdict v = by_options(rules, frame->file, module_path);
    if (v != SILENT)
        return v == USERS;
    if (frame->file && is_library_path(rules, frame->file))
        return false;
    if (!module_path)
        return frame->file != NULL;
    if (!module_is_user)
        return false;
    if (!frame->function)
        return frame->file != NULL;
    if (any(entry_functions, LENGTH(entry_functions), frame->function) || is_orm_function(frame))
        return false;
    return frame->file || !any(library_functions, LENGTH(library_functions), frame->function);
}

static bool in_one_orm(const char *a, const char *b)
{
    size_t n = orm_folder(a);
    return n > 0 && n == orm_folder(b) && memcmp(a, b, n) == 0;
}

/* What the bundled ORM's functions call inside the ORM: same module, and below the same orm/ when files are known. */
static void drop_orm_insides(struct n1_frame *frame, const bool *is_chosen, size_t count)
{
    const struct n1_frame *entry = NULL;
    for (size_t i = count; i-- > 0;) {
        struct n1_frame *f = &frame[i];
        if (!f->module || !f->is_user_code) {
            if (f->module && is_orm_function(f))
                entry = f;
            continue;
        }
        if (!entry || strcmp(f->module, entry->module) != 0 || is_chosen[i])
            continue;
        if (f->file ? entry->file && in_one_orm(f->file, entry->file) : !entry->file)
            f->is_user_code = false;
    }
}

static void drop_interpreter_host(struct n1_frame *frame, const bool *is_chosen, size_t count)
{
    bool has_script = false;
    for (size_t i = 0; i < count; i++)
        has_script |= frame[i].module == NULL;
    for (size_t i = 0; i < count && has_script; i++)
        if (frame[i].module && !frame[i].file && !is_chosen[i])
            frame[i].is_user_code = false;
}

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a >= b && memcmp(text + a - b, end, b) == 0;
}

/* Code that a running program made out of a text: nobody can open its file. Asked of every frame of every stack: no patterns. */
static bool is_made(const struct n1_frame *f)
{
    return f->file && (strcmp(f->file, "<string>") == 0 || ends_with(f->file, ") : eval()'d code"));
}

/* What starts an installed program or a tool: a script's outermost lines, in a folder of programs. */
static bool is_launcher(const struct n1_frame *f)
{
    static const char *const outermost[] = {"<module>", "<main>", "{main}", "main program"};
    bool is_outermost = false;
    for (size_t i = 0; f->function && i < LENGTH(outermost); i++)
        is_outermost |= strcmp(outermost[i], f->function) == 0;
    return is_outermost && f->file && strstr(f->file, "/bin/") != NULL;
}

/* Made code and launchers are user code for want of a better one. A library makes methods out of texts, too (SQLObject's
 * relations), and the line that called them tells more. And a call path is the same, whether `pytest`, `python -m pytest` or a
 * worker of pytest-xdist (code made of a text) led to the test: so a launcher that calls a library at once is left out. */
static void drop_stopgaps(struct n1_frame *frame, const bool *is_chosen, size_t count)
{
    bool has_better = false;
    for (size_t i = 0; i < count; i++)
        has_better |= !frame[i].module && frame[i].is_user_code && !is_made(&frame[i]) && !is_launcher(&frame[i]);
    const struct n1_frame *called = NULL;
    for (size_t i = 0; i < count && has_better; i++) {
        struct n1_frame *f = &frame[i];
        if (f->module || !f->file)
            continue;
        if (f->is_user_code && !is_chosen[i] && (is_made(f) || (is_launcher(f) && called && !called->is_user_code)))
            f->is_user_code = false;
        called = f;
    }
}

/* Where languages keep installed packages, and which of them run other people's code, or are asked by it: never the program
 * itself. A package is what shares the first name below its folder (mailman/ and mailman.py); below a namespace, the second too. */
#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
static const struct language {
    const char *const *folders, *const *namespaces, *const *never_programs;
    bool needs_launcher; /* its tools are many: only a program of a folder of programs says that one of them is meant */
} languages[] = {
    {NAMES("/site-packages/", "/dist-packages/"), NAMES(""),
     NAMES("alembic", "anyio", "asgiref", "billiard", "celery", "cement", "click", "cliff", "daphne", "django",
           "execnet", "fire", "flask", "gevent", "gunicorn", "hypercorn", "invoke", "kombu", "nose2", "peewee",
           "pkg_resources", "pluggy", "pony", "psycopg", "psycopg2", "pytest", "_pytest", "sqlalchemy", "starlette",
           "trio", "twisted", "typer", "uvicorn", "werkzeug", "xdist"),
     false},
    {NAMES("/share/perl5/", "/perl5/", "/lib/site_perl/"), NAMES("App", "Module"),
     NAMES("App/Prove", "App/Yath", "Carp", "Class", "DBD", "DBI", "DBIx", "Mojo", "Moo", "Moose", "PSGI", "Plack",
           "Starman", "TAP", "Test", "Test2", "Try", "Type"),
     true},
    {NAMES("/vendor_ruby/", "/site_ruby/", "/gems/"), NAMES(""),
     NAMES("bundler", "bundler-*", "minitest", "minitest-*", "puma", "puma-*", "rack", "rack-*", "rails", "railties-*",
           "rake", "rake-*", "rspec", "rspec-*", "rubygems", "sequel", "sequel-*", "sinatra", "sinatra-*",
           "test-unit-*", "thin", "thin-*", "thor", "thor-*", "unicorn", "unicorn-*", "active*-*"),
     true},
};

static bool is_one_of(const char *const *names, const char *name, size_t length)
{
    char copy[128];
    if (length == 0 || length >= sizeof copy)
        return false;
    memcpy(copy, name, length);
    copy[length] = '\0';
    for (; *names; names++)
        if (fnmatch(*names, copy, 0) == 0)
            return true;
    return false;
}

/* The part of file behind the last of the folders, and behind the version that is another folder in it (perl5/5.36/); or NULL. */
static const char *below_one_of(const char *const *folders, const char *file)
{
    const char *found = NULL;
    for (; *folders; folders++)
        for (const char *at = file; (at = strstr(at, *folders)); at += strlen(*folders) - 1)
            found = at + strlen(*folders);
    while (found && *found >= '0' && *found <= '9' && strchr(found, '/'))
        found = strchr(found, '/') + 1;
    return found;
}

/* How long the part of a path is that all files of an installed package share: behind it comes '/' or '.'. 0: none, or one
 * that is never the program. */
static size_t package_length(const char *file, bool has_launcher)
{
    for (const struct language *l = languages; l < languages + LENGTH(languages); l++) {
        const char *name = l->needs_launcher && !has_launcher ? NULL : below_one_of(l->folders, file);
        if (!name)
            continue;
        size_t n = strcspn(name, "/");
        if (name[n] == '/' && is_one_of(l->namespaces, name, n))
            n += 1 + strcspn(name + n + 1, "/");
        if (name[n] != '/')
            n = strcspn(name, ".");
        return is_one_of(l->never_programs, name, n) ? 0 : (size_t)(name - file) + n;
    }
    return 0;
}

static bool is_in_package(const char *file, const char *package, size_t length)
{
    return strncmp(file, package, length) == 0 && (file[length] == '/' || file[length] == '.');
}

/* Whether a command of the system's bears the name of the package, or either a short form of the other's: gpo and gpodder/,
 * trac-admin and trac/. */
static bool is_kin(const char *script, const char *package, size_t length)
{
    const char *command = base_name(script), *name = package + length;
    while (name > package && name[-1] != '/')
        name--;
    size_t shared = 0;
    size_t name_length = (size_t)(package + length - name), command_length = strcspn(command, ".");
    size_t shorter = name_length < command_length ? name_length : command_length;
    while (shared < shorter &&
           (command[shared] == '-' ? '_' : command[shared]) == (name[shared] == '-' ? '_' : name[shared]))
        shared++;
    return strncmp(script, "/usr/", 5) == 0 && shared >= 3 && shared == shorter;
}

/* A program that was installed (pip, a distribution's package) has its code where libraries have theirs, and only its launcher
 * elsewhere, if it has one. Without other code of the user's, the outermost package is the program; a launcher with functions of
 * its own is one of a package of its name only. */
static void take_installed_program(struct n1_frame *frame, const bool *is_chosen, size_t count)
{
    const char *program = NULL, *script = NULL;
    size_t length = 0;
    bool has_functions = false;
    for (size_t i = count; i-- > 0;) {
        const struct n1_frame *f = &frame[i];
        bool is_scripts = f->is_user_code && script && f->file && strcmp(f->file, script) == 0;
        if (f->is_user_code && !is_scripts && !(is_launcher(f) && !program))
            return;
        if (f->is_user_code)
            script = f->file;
        has_functions |= is_scripts;
        if (!program && !f->module && f->file && (length = package_length(f->file, script != NULL)) > 0)
            program = f->file;
    }
    if (has_functions && program && !is_kin(script, program, length))
        return;
    for (size_t i = 0; program && i < count; i++) {
        struct n1_frame *f = &frame[i];
        if (!f->module && f->file && !is_chosen[i] && is_in_package(f->file, program, length))
            f->is_user_code = true;
    }
}

bool n1_user_code_is_chosen(const struct n1_user_code *rules, const char *file, const char *module_path)
{
    return by_options(rules, file, module_path) != SILENT;
}

void n1_user_code_stack(struct n1_frame *frame, const bool *is_chosen, size_t count)
{
    drop_orm_insides(frame, is_chosen, count);
    drop_interpreter_host(frame, is_chosen, count);
    drop_stopgaps(frame, is_chosen, count);
    take_installed_program(frame, is_chosen, count);
}
