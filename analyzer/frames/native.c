#include "analyzer/frames/native.h"

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/frames/debug_info.h"
#include "analyzer/frames/demangle.h"
#include "analyzer/frames/symbols.h"

#define DELETED " (deleted)"

struct n1_natives {
    GStringChunk *strings;
    GHashTable *object; /* path + build id in hex → struct n1_object */
    char *debug_path;   /* dwfl's form of the debug directories */
    char **debug_directories;
    Dwfl_Callbacks callbacks;
};

struct n1_object {
    struct n1_natives *natives;
    char *path;
    const char *name; /* the last part of path, clean, interned */
    char *build_id;   /* hex, "" when none was recorded */
    bool is_opened;
    Dwfl *dwfl; /* NULL: no file that fits */
    Dwfl_Module *module;
    struct n1_symbols *symbols;
    struct n1_debug_info *debug_info;
    bool has_looked_for_debug_info;
};

const char *n1_native_clean(GStringChunk *strings, const char *text)
{
    if (!text || !*text)
        return NULL;
    char *valid = g_utf8_make_valid(text, -1);
    for (char *p = valid; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    const char *kept = g_string_chunk_insert_const(strings, valid);
    g_free(valid);
    return kept;
}

static char *hex(const uint8_t *bytes, size_t count)
{
    GString *s = g_string_sized_new(count * 2);
    for (size_t i = 0; i < count; i++)
        g_string_append_printf(s, "%02x", bytes[i]);
    return g_string_free(s, FALSE);
}

static void object_free(void *data)
{
    struct n1_object *object = data;
    n1_debug_info_free(object->debug_info);
    n1_symbols_free(object->symbols);
    if (object->dwfl)
        dwfl_end(object->dwfl);
    g_free(object->path);
    g_free(object->build_id);
    g_free(object);
}

/* libdwfl's search, but without its questions to debuginfod servers on the network. */
static int find_debug_file(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, const char *file,
                           const char *link, GElf_Word check, char **found)
{
    static const char servers[] = "DEBUGINFOD_URLS";
    char *kept = g_strdup(g_getenv(servers));
    g_unsetenv(servers);
    int fd = dwfl_standard_find_debuginfo(module, data, name, base, file, link, check, found);
    if (kept)
        g_setenv(servers, kept, TRUE);
    g_free(kept);
    return fd;
}

struct n1_natives *n1_natives_new(GStringChunk *strings, const char *const *debug_directories)
{
    static const char *const usual[] = {"/usr/lib/debug", NULL};
    const char *const *directories = debug_directories ? debug_directories : usual;
    struct n1_natives *natives = g_new0(struct n1_natives, 1);
    natives->strings = strings;
    natives->object = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, object_free);
    natives->debug_directories = g_strdupv((char **)(uintptr_t)directories);
    /* libdwfl: "" is the module's own folder, a relative name a folder below it. */
    char *list = g_strjoinv(":", natives->debug_directories);
    natives->debug_path = g_strconcat(":.debug:", list, NULL);
    g_free(list);
    natives->callbacks = (Dwfl_Callbacks){
        .find_elf = dwfl_build_id_find_elf,
        .find_debuginfo = find_debug_file,
        .debuginfo_path = &natives->debug_path,
    };
    return natives;
}

void n1_natives_free(struct n1_natives *natives)
{
    if (!natives)
        return;
    g_hash_table_destroy(natives->object);
    g_strfreev(natives->debug_directories);
    g_free(natives->debug_path);
    g_free(natives);
}

struct n1_object *n1_natives_object(struct n1_natives *natives, const struct n1_module *module)
{
    char *build_id = hex(module->build_id, module->build_id ? module->build_id_bytes : 0);
    char *key = g_strconcat(module->path, "\n", build_id, NULL);
    struct n1_object *object = g_hash_table_lookup(natives->object, key);
    if (object) {
        g_free(key);
        g_free(build_id);
        return object;
    }
    object = g_new0(struct n1_object, 1);
    object->natives = natives;
    object->path = g_strdup(module->path);
    if (g_str_has_suffix(object->path, DELETED))
        object->path[strlen(object->path) - strlen(DELETED)] = '\0';
    const char *slash = strrchr(object->path, '/');
    object->name = n1_native_clean(natives->strings, slash ? slash + 1 : object->path);
    object->build_id = build_id;
    g_hash_table_insert(natives->object, key, object);
    return object;
}

const char *n1_object_path(const struct n1_object *object)
{
    return object->path;
}

static bool has_build_id(Dwfl_Module *module, const char *wanted)
{
    const unsigned char *bits;
    GElf_Addr address;
    int n = dwfl_module_build_id(module, &bits, &address);
    if (*wanted == '\0')
        return true;
    if (n <= 0)
        return false;
    char *found = hex(bits, (size_t)n);
    bool same = strcmp(found, wanted) == 0;
    g_free(found);
    return same;
}

/* Loads path at its own addresses. A FIFO or a device must not block or be read. */
static bool try_file(struct n1_object *object, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return false;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return false;
    }
    Dwfl *dwfl = dwfl_begin(&object->natives->callbacks);
    Dwfl_Module *module = dwfl ? dwfl_report_elf(dwfl, path, path, fd, 0, true) : NULL;
    if (!module) {
        close(fd);
        dwfl_end(dwfl);
        return false;
    }
    dwfl_report_end(dwfl, NULL, NULL);
    if (!has_build_id(module, object->build_id)) {
        dwfl_end(dwfl);
        return false;
    }
    object->dwfl = dwfl;
    object->module = module;
    return true;
}

static void open_object(struct n1_object *object)
{
    object->is_opened = true;
    bool is_open = object->path[0] == '/' && try_file(object, object->path);
    if (!is_open && strlen(object->build_id) > 2) {
        for (char **directory = object->natives->debug_directories; !is_open && *directory; directory++) {
            char *path =
                g_strdup_printf("%s/.build-id/%.2s/%s.debug", *directory, object->build_id, object->build_id + 2);
            is_open = try_file(object, path);
            g_free(path);
        }
    }
    if (is_open)
        object->symbols = n1_symbols_new(object->module);
}

/* What behind a symbol's name is not the function's: its version (foo@GLIBC_2.2.5), and the names that the compiler gave to
 * pieces of it (foo.part.0, foo.constprop.0.cold). A call path shall not change with the optimiser's mood. */
static const char *strip_suffix(const char *function, char *buffer, size_t size)
{
    static const char *const suffix[] = {"@",     ".constprop", ".isra", ".part",
                                         ".cold", ".lto_priv",  ".llvm", ".localalias"};
    size_t length = strcspn(function, ".@");
    if (length == 0 || length >= size)
        return function;
    for (size_t i = 0; i < sizeof suffix / sizeof suffix[0]; i++)
        if (g_str_has_prefix(function + length, suffix[i])) {
            memcpy(buffer, function, length);
            buffer[length] = '\0';
            return buffer;
        }
    return function;
}

/* plain: what it is called without its class or namespace; NULL when only the symbol is known. */
static const char *function_name(struct n1_object *object, const char *symbol, const char *plain)
{
    char *readable = symbol ? n1_demangle(symbol) : NULL;
    const char *best = readable ? readable : plain ? plain : symbol;
    const char *kept = best ? n1_native_clean(object->natives->strings, best) : NULL;
    g_free(readable);
    return kept;
}

static const char *symbol_name(struct n1_object *object, uint64_t address)
{
    char buffer[512];
    const char *name = object->symbols ? n1_symbols_find(object->symbols, address) : NULL;
    if (!name)
        return NULL;
    return function_name(object, strip_suffix(name, buffer, sizeof buffer), NULL);
}

static const char *full_path(struct n1_object *object, const struct n1_source_place *place)
{
    if (!place->file)
        return NULL;
    char *joined = place->file[0] == '/' || !place->folder ? g_strdup(place->file)
                                                           : g_build_filename(place->folder, place->file, NULL);
    char *path = joined[0] == '/' ? g_canonicalize_filename(joined, "/") : g_strdup(joined);
    const char *kept = n1_native_clean(object->natives->strings, path);
    g_free(path);
    g_free(joined);
    return kept;
}

void n1_object_frames(struct n1_object *object, uint64_t address, bool with_lines, GArray *frames)
{
    GStringChunk *strings = object->natives->strings;
    if (!object->is_opened)
        open_object(object);
    if (with_lines && object->module && !object->has_looked_for_debug_info) {
        object->has_looked_for_debug_info = true;
        object->debug_info = n1_debug_info_new(object->module);
    }
    struct n1_source_place place[N1_INLINE_MAX];
    size_t n = with_lines && object->debug_info ? n1_debug_info_find(object->debug_info, address, place) : 0;
    for (size_t i = 0; i < n; i++) {
        struct n1_frame frame = {
            .file = full_path(object, &place[i]),
            .function = place[i].function ? function_name(object, place[i].linkage_name, place[i].function)
                                          : symbol_name(object, address),
            .module = object->name,
            .line = place[i].line,
            .language = place[i].language,
        };
        g_array_append_val(frames, frame);
    }
    if (n > 0)
        return;
    struct n1_frame frame = {.function = symbol_name(object, address), .module = object->name, .language = "c"};
    if (!frame.function) {
        char *name = g_strdup_printf("%s+0x%" G_GINT64_MODIFIER "x", object->name ? object->name : "?", address);
        frame.function = n1_native_clean(strings, name);
        g_free(name);
    }
    g_array_append_val(frames, frame);
}
