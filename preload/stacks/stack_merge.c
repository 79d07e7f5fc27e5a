#include "preload/stacks/stack_merge.h"

#include "preload/binding/modules.h"

/* The runs of one interpreter that have not found their place. */
struct runs {
    const struct n1_script_frame *next, *end;
};

struct output {
    struct n1_stack_word *words;
    uint32_t count;
    bool is_cut;
};

static void put(struct output *out, uint64_t word, uint32_t module)
{
    if (out->count == N1_STACK_MAX)
        out->is_cut = true;
    else
        out->words[out->count++] = (struct n1_stack_word){.word = word, .module = module};
}

/* Frames without text (the dictionary is full) are left out. */
static void put_run(struct output *out, struct runs *runs)
{
    for (bool has_ended = false; runs->next < runs->end && !has_ended; runs->next++) {
        const uint32_t id = n1_frames_id(runs->next);
        has_ended = runs->next->ends_run;
        if (id)
            put(out, (uint64_t)id << 1 | 1, N1_MODULE_NONE);
    }
}

static const struct n1_script_frame *last_of_run(const struct runs *runs)
{
    const struct n1_script_frame *frame = runs->next;
    while (frame + 1 < runs->end && !frame->ends_run)
        frame++;
    return frame;
}

/* Does the interpreter's next run belong to the native frame [sp, end)? */
static bool is_place_of(const struct runs *runs, uintptr_t ip, uintptr_t sp, uintptr_t end)
{
    const struct n1_script_frame *last = last_of_run(runs);
    if (last->anchor)
        return last->anchor >= sp && last->anchor < end;
    return n1_frames_run_in(last->interpreter, ip);
}

static uint32_t split(const struct n1_script_frame *scripts, uint32_t n_scripts, struct runs *runs)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n_scripts; i++) {
        if (i == 0 || scripts[i].interpreter != scripts[i - 1].interpreter)
            runs[count++].next = &scripts[i];
        runs[count - 1].end = &scripts[i + 1];
    }
    return count;
}

uint32_t n1_stack_merge(const struct n1_unwind *walk, const struct n1_script_frame *scripts, uint32_t n_scripts,
                        struct n1_stack_word *words, bool *is_cut)
{
    struct runs runs[N1_INTERPRETERS_MAX];
    struct output out = {.words = words};
    const uint32_t n_interpreters = split(scripts, n_scripts, runs);
    uintptr_t sp = walk->base + sizeof(struct n1_unwind_entry);
    bool is_shim = false;
    for (uint32_t i = 0; i < walk->n_frames; i++) {
        const struct n1_unwind_frame *frame = &walk->frames[i];
        bool is_script = false;
        for (uint32_t k = 0; k < n_interpreters; k++)
            while (runs[k].next < runs[k].end && is_place_of(&runs[k], frame->ip, sp, frame->end)) {
                is_script = true;
                const bool has_anchor = last_of_run(&runs[k])->anchor != 0;
                put_run(&out, &runs[k]);
                if (!has_anchor)
                    break;
            }
        if (i == 0 || frame->module != walk->frames[i - 1].module)
            is_shim = frame->module != N1_MODULE_NONE && n1_module_at(frame->module)->is_shim;
        if (!is_script && !is_shim)
            put(&out, (uint64_t)frame->ip << 1, frame->module);
        sp = frame->end;
    }
    for (uint32_t k = 0; k < n_interpreters; k++)
        while (runs[k].next < runs[k].end)
            put_run(&out, &runs[k]);
    *is_cut = out.is_cut || walk->is_cut || n_scripts == N1_FRAMES_MAX;
    return out.count;
}
