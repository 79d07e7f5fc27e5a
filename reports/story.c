#include "reports/story.h"

#include <glib.h>
#include <inttypes.h>

#include "reports/places.h"
#include "reports/words.h"

#define CALLS (N1_STORY_STEPS - 3) /* beside parent, loop and child */

static void add(struct n1_story *story, enum n1_story_part part, struct n1_location where, char *text, const char *sql)
{
    g_assert(story->count < N1_STORY_STEPS);
    story->step[story->count++] = (struct n1_story_step){.part = part, .where = where, .text = text, .sql = sql};
}

/* The statement's place, or for want of one the innermost frame. */
static struct n1_location place_of(const struct n1_statement *s)
{
    bool is_known = s->location.file || s->location.function;
    return is_known || s->stack.count == 0 ? s->location : n1_place_of_frame(&s->stack.frame[0]);
}

static bool same_function(const struct n1_frame *a, const struct n1_frame *b)
{
    return g_strcmp0(a->function, b->function) == 0 && g_strcmp0(a->file, b->file) == 0 &&
           g_strcmp0(a->module, b->module) == 0;
}

/* Index, in the child's stack, of the user frame that runs the loop; the count when there is none. */
static size_t loop_frame(const struct n1_finding *f)
{
    const struct n1_stack *parent = &f->parent.stack, *child = &f->child.stack;
    size_t shared = 0;
    while (f->has_parent && shared < parent->count && shared < child->count &&
           same_function(&parent->frame[parent->count - 1 - shared], &child->frame[child->count - 1 - shared]))
        shared++;
    for (size_t i = child->count - shared; i < child->count; i++)
        if (child->frame[i].is_user_code)
            return i;
    return child->count;
}

static bool is_child_place(const struct n1_finding *f, const struct n1_frame *frame)
{
    struct n1_location where = place_of(&f->child);
    return where.line == frame->line && g_strcmp0(where.file, frame->file) == 0 &&
           g_strcmp0(where.function, frame->function) == 0;
}

/* The child's user frames from `outer` (exclusive) inwards to its own place (exclusive); the outermost ones win. */
static void add_calls(struct n1_story *story, const struct n1_finding *f, size_t outer)
{
    const struct n1_stack *stack = &f->child.stack;
    size_t inner = 0, calls = 0;
    while (inner < outer && !is_child_place(f, &stack->frame[inner]))
        inner++;
    if (inner == outer)
        inner = 0;
    for (size_t i = outer; i-- > inner && calls < CALLS;) {
        const struct n1_frame *frame = &stack->frame[i];
        if (!frame->is_user_code || is_child_place(f, frame))
            continue;
        add(story, N1_STORY_CALL, n1_place_of_frame(frame), g_strdup("calls on"), NULL);
        calls++;
    }
}

void n1_story_tell(struct n1_story *story, const struct n1_finding *f)
{
    const struct n1_evidence *e = &f->evidence;
    size_t loop = loop_frame(f);
    story->count = 0;
    if (f->has_parent)
        add(story, N1_STORY_PARENT, place_of(&f->parent),
            g_strdup_printf("this query returns %" PRIu64 " row%s", e->parent_rows, n1_words_s(e->parent_rows)),
            f->parent.sql);
    if (loop < f->child.stack.count && !is_child_place(f, &f->child.stack.frame[loop]))
        add(story, N1_STORY_LOOP, n1_place_of_frame(&f->child.stack.frame[loop]),
            g_strdup("the loop over those rows calls on"), NULL);
    add_calls(story, f, loop);
    add(story, N1_STORY_CHILD, place_of(&f->child),
        g_strdup_printf("this query runs %" PRIu64 " time%s", e->executions, n1_words_s(e->executions)), f->child.sql);
}

void n1_story_release(struct n1_story *story)
{
    for (size_t i = 0; i < story->count; i++)
        g_free(story->step[i].text);
    story->count = 0;
}
