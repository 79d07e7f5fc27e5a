#include "preload/script/remembered.h"

#include <stddef.h>

#include "preload/base/memory.h"

enum { VAIN_MAX = 64, RESTS = 4096 };

_Thread_local struct n1_frames_thread n1_frames_thread __attribute__((tls_model("initial-exec")));

void n1_frames_adopt(void **home)
{
    n1_frames_thread.home = home;
    n1_frames_thread.memory = *home;
}

struct n1_memory *n1_remembered_memory(void)
{
    struct n1_frames_thread *self = &n1_frames_thread;
    struct n1_memory *memory = self->memory;
    if (N1_UNLIKELY(!memory)) {
        memory = self->memory = n1_memory_map(sizeof *memory);
        if (self->home)
            *self->home = memory;
    }
    if (N1_UNLIKELY(memory && memory->rests)) {
        memory->rests--;
        return NULL;
    }
    return memory;
}

struct n1_remembered *n1_remembered_place(struct n1_memory *memory, const void *frame)
{
    uint32_t place = 0;
    while (place < N1_REMEMBERED && memory->innermost[place] != frame)
        place++;
    if (place == N1_REMEMBERED) {
        place = memory->turn++ % N1_REMEMBERED;
        memory->captures[place].count = 0;
        memory->innermost[place] = frame;
    }
    memory->last = place;
    return &memory->captures[place];
}

void n1_remembered_note(struct n1_memory *memory, uint32_t read, uint32_t count)
{
    memory->vain = memory->vain > memory->agreed ? memory->vain - memory->agreed : 0;
    memory->agreed = 0;
    if (read * 2 <= count)
        return;
    if (++memory->vain < VAIN_MAX)
        return;
    memory->vain = VAIN_MAX / 2;
    memory->rests = RESTS;
}
