/* Stacks by address: this program is its own subject, in its full form and in copies without debug information, without
 * symbols, with a separate debug file, of another build, and missing. */
#include <glib.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/frames/demangle.h"
#include "analyzer/frames/frames.h"
#include "tests/unit/frames_subject.h"

#define SUBJECT "/frames_subject.c"

/* The trace that every test fills: stack ids from 1 on, of any process. */
static struct n1_raw_stack stacks[8];

const struct n1_raw_stack *n1_trace_stack(const struct n1_trace *trace, uint32_t process, uint32_t id)
{
    (void)trace;
    (void)process;
    return id > 0 && id <= 8 && stacks[id - 1].count > 0 ? &stacks[id - 1] : NULL;
}

struct world {
    char *folder;  /* temporary */
    char *program; /* our own file */
    struct n1_module module;
    uint8_t build_id[64];
    struct n1_process process;
    struct n1_trace trace;
};

static int find_self(struct dl_phdr_info *info, size_t size, void *data)
{
    struct world *w = data;
    (void)size;
    w->module.bias = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type != PT_NOTE)
            continue;
        const char *at = (const char *)(info->dlpi_addr + p->p_vaddr), *end = at + p->p_memsz;
        while (at + sizeof(ElfW(Nhdr)) <= end) {
            const ElfW(Nhdr) *note = (const void *)at;
            const char *name = at + sizeof *note, *desc = name + ((note->n_namesz + 3) & ~3U);
            if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && note->n_descsz <= sizeof w->build_id) {
                memcpy(w->build_id, desc, note->n_descsz);
                w->module.build_id_bytes = note->n_descsz;
            }
            at = desc + ((note->n_descsz + 3) & ~3U);
        }
    }
    return 1; /* the first one is the program */
}

static int setup(void **state)
{
    struct world *w = g_new0(struct world, 1);
    w->folder = g_dir_make_tmp("n1-frames-XXXXXX", NULL);
    w->program = g_file_read_link("/proc/self/exe", NULL);
    dl_iterate_phdr(find_self, w);
    w->module.id = 1;
    w->module.path = w->program;
    w->module.build_id = w->build_id;
    w->process.executable = w->program;
    w->trace.process = &w->process;
    w->trace.n_processes = 1;
    w->trace.session.working_directory = "/srv/app";
    memset(stacks, 0, sizeof stacks);
    frames_subject_plain();
    frames_subject_inlined();
    frames_subject_wrapped();
    *state = w;
    return w->folder && w->program && w->module.build_id_bytes > 0 ? 0 : -1;
}

static int teardown(void **state)
{
    struct world *w = *state;
    char *command[] = {"rm", "-rf", w->folder, NULL};
    g_spawn_sync(NULL, command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
    g_free(w->folder);
    g_free(w->program);
    g_free(w);
    return 0;
}

static struct n1_raw_frame native(const struct world *w, int slot)
{
    return (struct n1_raw_frame){.address = (uint64_t)(uintptr_t)frames_subject_seen[slot], .module = &w->module};
}

static void __attribute__((format(printf, 1, 2))) run(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *command = g_strdup_vprintf(format, args);
    va_end(args);
    int status = -1;
    GError *error = NULL;
    g_spawn_command_line_sync(command, NULL, NULL, &status, &error);
    assert_null(error);
    assert_int_equal(status, 0);
    g_free(command);
}

static void assert_frame(const struct n1_frame *f, const char *function, const char *file, int line)
{
    assert_string_equal(f->function, function);
    if (file) {
        assert_non_null(f->file);
        assert_true(g_str_has_suffix(f->file, file));
        assert_int_equal(f->file[0], '/');
    } else {
        assert_null(f->file);
    }
    assert_int_equal(f->line, line);
    assert_string_equal(f->language, "c");
}

static void debug_information_gives_lines_and_inlined_functions(void **state)
{
    struct world *w = *state;
    struct n1_raw_frame raw[] = {native(w, 0), native(w, 1)};
    stacks[0] = (struct n1_raw_stack){.id = 1, .count = 2, .frame = raw};
    struct n1_frames *frames = n1_frames_new(&w->trace, NULL);
    const struct n1_stack *stack = n1_frames_stack(frames, 0, 1);
    assert_int_equal(stack->count, 4);
    assert_frame(&stack->frame[0], "frames_subject_plain", SUBJECT, 27);
    assert_frame(&stack->frame[1], "innermost", SUBJECT, 15);
    assert_frame(&stack->frame[2], "between", SUBJECT, 21);
    assert_frame(&stack->frame[3], "frames_subject_inlined", SUBJECT, 33);
    for (size_t i = 0; i < stack->count; i++)
        assert_true(stack->frame[i].is_user_code);
    struct n1_location where = n1_stack_location(stack);
    assert_string_equal(where.function, "frames_subject_plain");
    assert_int_equal(where.line, 27);
    n1_frames_free(frames);
}

static void an_artificial_function_is_its_callers_line(void **state)
{
    struct world *w = *state;
    struct n1_raw_frame raw[] = {native(w, 2)};
    stacks[0] = (struct n1_raw_stack){.id = 1, .count = 1, .frame = raw};
    struct n1_frames *frames = n1_frames_new(&w->trace, NULL);
    const struct n1_stack *stack = n1_frames_stack(frames, 0, 1);
    assert_int_equal(stack->count, 1);
    assert_frame(&stack->frame[0], "frames_subject_wrapped", SUBJECT, 45);
    n1_frames_free(frames);
}

static void without_debug_information_the_symbol_names_the_function(void **state)
{
    struct world *w = *state;
    char *copy = g_build_filename(w->folder, "program", NULL);
    run("objcopy --strip-debug %s %s", w->program, copy);
    w->module.path = w->process.executable = copy;
    struct n1_raw_frame raw[] = {native(w, 1)};
    stacks[0] = (struct n1_raw_stack){.id = 1, .count = 1, .frame = raw};
    struct n1_frames *frames = n1_frames_new(&w->trace, NULL);
    const struct n1_stack *stack = n1_frames_stack(frames, 0, 1);
    assert_int_equal(stack->count, 1);
    assert_frame(&stack->frame[0], "frames_subject_inlined", NULL, 0);
    assert_true(stack->frame[0].is_user_code);
    assert_string_equal(stack->frame[0].module, "program");
    n1_frames_free(frames);
    g_free(copy);
}

static void assert_nameless(struct world *w)
{
    struct n1_raw_frame raw[] = {native(w, 0)};
    stacks[0] = (struct n1_raw_stack){.id = 1, .count = 1, .frame = raw};
    struct n1_frames *frames = n1_frames_new(&w->trace, NULL);
    const struct n1_stack *stack = n1_frames_stack(frames, 0, 1);
    char *expected = g_strdup_printf("program+0x%" G_GINT64_MODIFIER "x", raw[0].address - 1 - w->module.bias);
    assert_int_equal(stack->count, 1);
    assert_frame(&stack->frame[0], expected, NULL, 0);
    g_free(expected);
    n1_frames_free(frames);
}

static void a_missing_file_leaves_module_and_offset(void **state)
{
    struct world *w = *state;
    w->module.path = "/nowhere/at/all/program";
    assert_nameless(w);
}

static void a_stripped_file_leaves_module_and_offset(void **state)
{
    struct world *w = *state;
    char *copy = g_build_filename(w->folder, "program", NULL);
    run("objcopy --strip-all %s %s", w->program, copy);
    w->module.path = copy;
    assert_nameless(w);
    g_free(copy);
}

static void a_file_of_another_build_is_not_believed(void **state)
{
    struct world *w = *state;
    char *copy = g_build_filename(w->folder, "program", NULL);
    run("cp %s %s", w->program, copy);
    w->module.path = copy;
    w->build_id[0] ^= 0xff;
    assert_nameless(w);
    g_free(copy);
}

static void fifos_and_folders_are_not_opened(void **state)
{
    struct world *w = *state;
    char *fifo = g_build_filename(w->folder, "program", NULL);
    run("mkfifo %s", fifo);
    w->module.path = fifo;
    assert_nameless(w);
    run("rm %s", fifo);
    run("mkdir %s", fifo);
    assert_nameless(w);
    g_free(fifo);
}

static void a_debug_file_is_found_by_build_id(void **state)
{
    struct world *w = *state;
    GString *id = g_string_new(NULL);
    for (uint32_t i = 0; i < w->module.build_id_bytes; i++)
        g_string_append_printf(id, "%02x", w->build_id[i]);
    run("mkdir -p %s/debug/.build-id/%.2s", w->folder, id->str);
    run("objcopy --only-keep-debug %s %s/debug/.build-id/%.2s/%s.debug", w->program, w->folder, id->str, id->str + 2);
    run("objcopy --strip-all %s %s/program", w->program, w->folder);
    char *copy = g_build_filename(w->folder, "program", NULL), *debug = g_build_filename(w->folder, "debug", NULL);
    const char *const directories[] = {debug, NULL};
    struct n1_frames_options options = {.debug_directories = directories};
    struct n1_raw_frame raw[] = {native(w, 1)};
    stacks[0] = (struct n1_raw_stack){.id = 1, .count = 1, .frame = raw};
    w->module.path = copy;
    for (int round = 0; round < 2; round++) { /* beside its program, then alone */
        struct n1_frames *frames = n1_frames_new(&w->trace, &options);
        const struct n1_stack *stack = n1_frames_stack(frames, 0, 1);
        assert_int_equal(stack->count, 3);
        assert_frame(&stack->frame[2], "frames_subject_inlined", SUBJECT, 33);
        n1_frames_free(frames);
        unlink(copy);
    }
    g_string_free(id, TRUE);
    g_free(copy);
    g_free(debug);
}

static void equal_frames_give_the_same_stack(void **state)
{
    struct world *w = *state;
    struct n1_module moved = w->module; /* the same file elsewhere in another process */
    moved.bias += 0x10000000;
    struct n1_raw_frame here[] = {
        native(w, 0), {.language = N1_LANGUAGE_PYTHON, .line = 3, .function = "f", .file = "/srv/app/a.py"}};
    struct n1_raw_frame there[] = {here[0], here[1]}, other[] = {here[0], here[1]};
    there[0].address += 0x10000000;
    there[0].module = &moved;
    other[1].line = 4;
    stacks[0] = (struct n1_raw_stack){.id = 1, .count = 2, .frame = here};
    stacks[1] = (struct n1_raw_stack){.id = 2, .count = 2, .frame = there};
    stacks[2] = (struct n1_raw_stack){.id = 3, .count = 2, .frame = other};
    struct n1_frames *frames = n1_frames_new(&w->trace, NULL);
    assert_ptr_equal(n1_frames_stack(frames, 0, 1), n1_frames_stack(frames, 0, 2));
    assert_ptr_equal(n1_frames_stack(frames, 0, 1), n1_frames_stack(frames, 0, 1));
    assert_ptr_not_equal(n1_frames_stack(frames, 0, 1), n1_frames_stack(frames, 0, 3));
    assert_null(n1_frames_stack(frames, 0, 0));
    assert_null(n1_frames_stack(frames, 0, 7));
    n1_frames_free(frames);
}

static void hostile_script_names_become_clean(void **state)
{
    struct world *w = *state;
    struct n1_raw_frame raw[] = {
        {.language = N1_LANGUAGE_RUBY, .line = 0xffffffff, .function = "a\x1b[31m\xff", .file = "b\n.rb"},
        {.language = N1_LANGUAGE_PHP, .function = "strlen", .file = ""},
        {.language = (enum n1_language)77, .function = "x", .file = "y"},
        {.language = N1_LANGUAGE_C, .address = 42}};
    stacks[0] = (struct n1_raw_stack){.id = 1, .count = 4, .frame = raw};
    struct n1_frames *frames = n1_frames_new(&w->trace, NULL);
    const struct n1_stack *stack = n1_frames_stack(frames, 0, 1);
    assert_string_equal(stack->frame[0].function, "a?[31m\xef\xbf\xbd");
    assert_string_equal(stack->frame[0].file, "b?.rb");
    assert_int_equal(stack->frame[0].line, 0);
    assert_null(stack->frame[1].file);
    assert_false(stack->frame[1].is_user_code);
    assert_string_equal(stack->frame[2].language, "?");
    assert_false(stack->frame[3].is_user_code);
    n1_frames_free(frames);
}

static void names_of_templates_are_those_of_every_run(void **state)
{
    struct world *w = *state;
    struct n1_raw_frame raw[] = {
        {.language = N1_LANGUAGE_RUBY,
         .line = 2,
         .file = "a.erb",
         .function = "block in _app_index_html_erb__39044_7860"},
        {.language = N1_LANGUAGE_RUBY, .line = 2, .file = "a.erb", .function = "_app_index_html_erb___39_20"},
        {.language = N1_LANGUAGE_RUBY, .line = 2, .file = "a.haml", .function = "__tilt_2480"},
        {.language = N1_LANGUAGE_RUBY, .line = 2, .file = "a.rb", .function = "_run_1"},
        {.language = N1_LANGUAGE_RUBY, .line = 2, .file = "a.rb", .function = "test_in_2026"},
        {.language = N1_LANGUAGE_PYTHON, .line = 2, .file = "a.py", .function = "_at_20260101"},
    };
    static const char *const wanted[] = {
        "block in _app_index_html_erb", "_app_index_html_erb", "__tilt", "_run_1", "test_in_2026", "_at_20260101"};
    stacks[0] = (struct n1_raw_stack){.id = 1, .count = G_N_ELEMENTS(raw), .frame = raw};
    struct n1_frames *frames = n1_frames_new(&w->trace, NULL);
    const struct n1_stack *stack = n1_frames_stack(frames, 0, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
        assert_string_equal(stack->frame[i].function, wanted[i]);
    n1_frames_free(frames);
}

static void mangled_names_become_readable(void **state)
{
    (void)state;
    static const struct {
        const char *symbol, *name;
    } cases[] = {
        {"_ZN11GSQLBackend6lookupERK5QTypeRK7DNSNameiP9DNSPacket", "GSQLBackend::lookup"},
        {"_ZNK3App5Table4sizeEv", "App::Table::size"},
        {"_ZN3App5TableC1Ev", "App::Table::Table"},
        {"_ZN3AppclEi", "App::operator()"},
        {"_ZN12_GLOBAL__N_13runEi", "(anonymous namespace)::run"},
        {"_Z5fetchIiET_S0_", "fetch<int>"},
        {"_ZZ4mainENKUliE_clEi", "main::{lambda(int)#1}::operator()"},
        {"_ZN4shop5order4show17h0123456789abcdefE", "shop::order::show"},
        {"_Znwm", "operator new"},
        {"main", NULL},
        {"_Zbroken", NULL},
        {"_Z", NULL},
    };
    if (!n1_demangle_is_possible())
        skip();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *name = n1_demangle(cases[i].symbol);
        if (g_strcmp0(name, cases[i].name) != 0)
            fail_msg("%s: %s, expected %s", cases[i].symbol, name, cases[i].name);
        g_free(name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(debug_information_gives_lines_and_inlined_functions, setup, teardown),
        cmocka_unit_test_setup_teardown(an_artificial_function_is_its_callers_line, setup, teardown),
        cmocka_unit_test_setup_teardown(without_debug_information_the_symbol_names_the_function, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_file_leaves_module_and_offset, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stripped_file_leaves_module_and_offset, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_of_another_build_is_not_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(fifos_and_folders_are_not_opened, setup, teardown),
        cmocka_unit_test_setup_teardown(a_debug_file_is_found_by_build_id, setup, teardown),
        cmocka_unit_test_setup_teardown(equal_frames_give_the_same_stack, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile_script_names_become_clean, setup, teardown),
        cmocka_unit_test_setup_teardown(names_of_templates_are_those_of_every_run, setup, teardown),
        cmocka_unit_test(mangled_names_become_readable),
    };
    return cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}
